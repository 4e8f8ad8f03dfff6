//! Imports for their list and for their own pages.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    imports::{
        Import,
        correction::Correctable,
        preview::{ChangeFilter, PlannedChanges, Samples},
        problem::ProblemGroup,
        query::ImportQuery,
    },
    page::{Page, PageRequest},
    schedules::Schedule,
    webhooks::Webhook,
};

use crate::error::AppError;

/// An import and what went wrong in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    pub import: Import,
    pub groups: Vec<ProblemGroup>,
    /// Imports that have brought rows back corrected, and how many.
    pub corrections: Vec<(i64, i64)>,
    /// Pictures that its rows name and that are still to be fetched.
    pub pictures: i64,
    /// Rows with problems that nobody has corrected yet.
    pub open_rows: i64,
    /// Id and name of the schedule that began it.
    pub schedule: Option<(i64, String)>,
}

#[server(name = ListImports, prefix = "/actions", endpoint = "list_imports", input = GetUrl, output = Json)]
pub async fn list_imports(query: ImportQuery, page: PageRequest) -> Result<Page<Import>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::imports::list(request.services.reader(), &query, &page).await?)
}

/// What the page that people begin at shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    pub products: i64,
    pub active: i64,
    /// Imports that are not over.
    pub open: Vec<Import>,
    /// The last ones, over or not.
    pub recent: Vec<Import>,
    pub has_catalogue: bool,
    /// Webhooks that fail or were disabled because of that.
    pub troubled: Vec<Webhook>,
    /// Attempts to deliver of the last 24 hours that did not arrive.
    pub failed_attempts: i64,
    pub has_webhook: bool,
    /// Schedules that fail or have paused themselves because of that.
    pub schedules: Vec<Schedule>,
}

#[server(name = GetOverview, prefix = "/actions", endpoint = "get_overview", input = GetUrl, output = Json)]
pub async fn get_overview() -> Result<Overview, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    let few = PageRequest {
        size: Some(5),
        ..PageRequest::default()
    };
    let all = PageRequest {
        size: Some(100),
        ..PageRequest::default()
    };
    let webhooks = stockroom::webhooks::list(&request.services, &all).await?.items;
    Ok(Overview {
        has_webhook: !webhooks.is_empty(),
        failed_attempts: webhooks.iter().map(|webhook| webhook.health.failed).sum(),
        troubled: webhooks.into_iter().filter(Webhook::needs_attention).collect(),
        products: stockroom::products::count_all(db).await?,
        active: stockroom::products::count_active(db).await?,
        open: stockroom::imports::open(db).await?,
        recent: stockroom::imports::list(db, &ImportQuery::default(), &few).await?.items,
        schedules: stockroom::schedules::troubled(db).await?,
        has_catalogue: !stockroom::catalogs::names(db, &[]).await?.known.is_empty(),
    })
}

/// Some of the SKUs that a plan is about.
#[server(name = SamplePlan, prefix = "/actions", endpoint = "sample_plan", input = GetUrl, output = Json)]
pub async fn sample_plan(id: i64) -> Result<Vec<String>, AppError> {
    let request = crate::request::signed_in()?;
    let services = &request.services;
    match stockroom::imports::get(services.reader(), id).await?.plan {
        Some(stockroom::imports::plan::Plan::Bulk(plan)) => {
            Ok(stockroom::imports::sample(&services.database, &plan).await?)
        }
        _ => Ok(Vec::new()),
    }
}

#[server(name = GetImport, prefix = "/actions", endpoint = "get_import", input = GetUrl, output = Json)]
pub async fn get_import(id: i64) -> Result<ImportReport, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    let import = request.services.live.see(db, id).await?;
    let groups = stockroom::imports::problem_groups(db, id).await?;
    let corrections = stockroom::imports::corrections(db, id).await?;
    let pictures = stockroom::pictures::waiting_of_import(db, id).await?;
    let open_rows = stockroom::imports::correction::open_rows(db, id).await?;
    let schedule = stockroom::schedules::of_import(db, id).await?;
    Ok(ImportReport {
        import,
        groups,
        corrections,
        pictures,
        open_rows,
        schedule,
    })
}

/// Some problem rows of an import with their cells, after a row.
#[server(name = GetCorrectable, prefix = "/actions", endpoint = "get_correctable", input = GetUrl, output = Json)]
pub async fn get_correctable(id: i64, after: i64) -> Result<Correctable, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::imports::correction::correctable(&request.services, id, after).await?)
}

/// Some cells of each column of a file that waits to be matched.
#[server(name = GetSamples, prefix = "/actions", endpoint = "get_samples", input = GetUrl, output = Json)]
pub async fn get_samples(id: i64) -> Result<Samples, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::imports::rematching::samples(&request.services, id).await?)
}

/// Changes that a checked file would make, after a place among them.
#[server(name = ListPlannedChanges, prefix = "/actions", endpoint = "list_planned_changes", input = GetUrl, output = Json)]
pub async fn list_planned_changes(id: i64, filter: ChangeFilter, after: i64) -> Result<PlannedChanges, AppError> {
    const SHOWN: u64 = 50;
    let request = crate::request::signed_in()?;
    let import = stockroom::imports::get(request.services.reader(), id).await?;
    Ok(stockroom::imports::planned_changes(&request.services, &import, filter, after, SHOWN).await?)
}
