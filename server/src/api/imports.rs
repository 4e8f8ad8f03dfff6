//! Imports: how they are going and what came of them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::changes::{self, Place};
use stockroom::imports::preview::ChangeFilter;
use stockroom::imports::query::ImportQuery;
use stockroom::imports::{self, Answer, Confirmation, Import, ImportStatus};
use stockroom::problem::Problem;
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::downloads::{csv_file, download, workbook};
use super::import_views::{ImportChangeView, ImportView};
use super::param_shapes::{ChangeParams, ForwardParams, IdempotencyKey, ImportParams, MeantParams, PageParams};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::uploads::{accepted, idempotency_key};
use super::views::{PageView, ProblemView};

/// Lists imports and other jobs.
///
/// The newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", operation_id = "list_imports",
    params(PageParams, ImportParams),
    responses((status = 200, body = PageView<ImportView>, description = "A page of jobs")))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<ImportView>>, Refusal> {
    let (query, page) = params::read(params, |fields| Ok((ImportQuery::take(fields)?, params::page(fields)?)))?;
    Ok(Json(imports::list(services.reader(), &query, &page).await?.into()))
}

/// Gives one import.
///
/// Or another job: how far it is, and what has come of it.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", operation_id = "get_import",
    params(("id" = i64, Path)),
    responses((status = 200, body = ImportView, description = "The import")))]
pub async fn get(State(services): State<Services>, Path(import): Path<String>) -> Result<Json<ImportView>, Refusal> {
    Ok(Json(
        services
            .live
            .see(services.reader(), id(&import, "import")?)
            .await?
            .into(),
    ))
}

/// Gives one job.
///
/// The same as `GET /imports/{id}`.
#[utoipa::path(get, path = "/jobs/{id}", tag = "imports", operation_id = "get_job",
    params(("id" = i64, Path)),
    responses((status = 200, body = ImportView, description = "The job")))]
pub async fn job(services: State<Services>, import: Path<String>) -> Result<Json<ImportView>, Refusal> {
    get(services, import).await
}

/// Stops an import.
///
/// Rows that are already applied stay; an undo takes them back.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", operation_id = "cancel_import",
    params(("id" = i64, Path)),
    responses((status = 202, body = ImportView, description = "It stops, or has stopped"), (status = 409, description = "It is over")))]
pub async fn cancel(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = imports::cancel(&services, id(&import, "import")?, &actor).await?;
    Ok(accepted(import))
}

/// Stops a job.
///
/// The same as `POST /imports/{id}/cancel`.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "imports", operation_id = "cancel_job",
    params(("id" = i64, Path)),
    responses((status = 202, body = ImportView, description = "It stops, or has stopped"), (status = 409, description = "It is over")))]
pub async fn cancel_job(
    services: State<Services>,
    actor: Extension<Actor>,
    import: Path<String>,
) -> Result<Response, Refusal> {
    cancel(services, actor, import).await
}

/// Confirms an import that waits.
///
/// A job that was reviewed, or a file that was checked, is carried out. Confirming it again changes nothing. Where the check has tripped a
/// wire, `confirm=true` says that it is meant.
#[utoipa::path(post, path = "/imports/{id}/apply", tag = "imports", operation_id = "apply_import",
    params(("id" = i64, Path), MeantParams),
    responses((status = 202, body = ImportView, description = "It is carried out"),
        (status = 409, description = "It is over, or cannot be confirmed yet"),
        (status = 422, description = "It must be said that it is meant")))]
pub async fn apply(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let is_meant = params::read(params, params::confirmed)?;
    let answer = Answer { is_meant, review: None };
    let import = imports::apply(&services.database, import, &actor, answer).await?;
    services.import_wake.wake();
    Ok(accepted(import))
}

/// Takes back what an import has done.
///
/// Or a bulk action, or another undo; as a job of its own. Products that were changed since stay as they are and are listed as its problems.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", operation_id = "undo_import",
    params(("id" = i64, Path), IdempotencyKey),
    responses((status = 202, body = ImportView, description = "The job that takes it back"),
        (status = 409, description = "There is nothing to take back, or it is taken back already")))]
pub async fn undo(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let confirmation = Confirmation {
        idempotency_key: idempotency_key(&actor, &headers)?,
        by: actor,
        is_given: true,
    };
    let job = imports::plan_undo(&services.database, id(&import, "import")?, confirmation).await?;
    services.import_wake.wake();
    Ok(accepted(job))
}

/// Takes back what a job has done.
///
/// The same as `POST /imports/{id}/undo`.
#[utoipa::path(post, path = "/jobs/{id}/undo", tag = "imports", operation_id = "undo_job",
    params(("id" = i64, Path), IdempotencyKey),
    responses((status = 202, body = ImportView, description = "The job that takes it back"),
        (status = 409, description = "There is nothing to take back, or it is taken back already")))]
pub async fn undo_job(
    services: State<Services>,
    actor: Extension<Actor>,
    import: Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    undo(services, actor, import, headers).await
}

/// Checks the stored file of an import again.
///
/// With the same matching and options, of an import that is over. Nothing changes before `POST /imports/{id}/apply` of the new one.
#[utoipa::path(post, path = "/imports/{id}/repeat", tag = "imports", operation_id = "repeat_import",
    params(("id" = i64, Path), IdempotencyKey),
    responses((status = 202, body = ImportView, description = "The new import"),
        (status = 409, description = "It has no file, or is not over"), (status = 422, description = "Its catalogue does not exist any more")))]
pub async fn repeat(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&actor, &headers)?;
    let import = imports::repeat(&services, id(&import, "import")?, &actor, key).await?;
    Ok(accepted(import))
}

/// Lists what a job has done to which products.
///
/// First what it created, then what it changed, each in the order in which it did. Of a file that was checked and waits: what it would do, in
/// the order of the SKUs. Page with `after`; there is no way back.
#[utoipa::path(get, path = "/imports/{id}/changes", tag = "imports", operation_id = "list_import_changes",
    params(("id" = i64, Path), ForwardParams, ChangeParams),
    responses((status = 200, body = PageView<ImportChangeView>, description = "A page of changes"),
        (status = 409, description = "What the check has found is lost, or a filter for a job that does not wait")))]
pub async fn changes(
    State(services): State<Services>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Json<PageView<ImportChangeView>>, Refusal> {
    let import = imports::get(services.reader(), id(&import, "import")?).await?;
    if import.progress.status == ImportStatus::AwaitingConfirmation && import.review.is_some() {
        let (filter, after, size) = params::read(params, params::planned)?;
        return planned(&services, &import, filter, after, size).await;
    }
    let (filter, (place, size)) = params::read(params, |fields| {
        Ok((ChangeFilter::take(fields)?, params::forward(fields)?))
    })?;
    if !filter.is_empty() {
        let detail =
            "Only what a check has found can be filtered, as long as it waits. Ask without kind, field and cleared.";
        return Err(Problem::conflict(detail).into());
    }
    let (changes, next) = changes::of_import(services.reader(), import.job_id, place, size).await?;
    Ok(Json(PageView {
        items: changes.into_iter().map(ImportChangeView::from).collect(),
        page: None,
        size,
        total: u64::try_from(import.progress.created + import.progress.updated).unwrap_or(0),
        total_is_exact: import.progress.status.is_over(),
        next: next.map(Place::to_text),
        prev: None,
        unsearched: None,
    }))
}

async fn planned(
    services: &Services,
    import: &Import,
    filter: ChangeFilter,
    after: i64,
    size: u64,
) -> Result<Json<PageView<ImportChangeView>>, Refusal> {
    let planned = imports::planned_changes(services, import, filter, after, size).await?;
    Ok(Json(PageView {
        items: planned.items.into_iter().map(ImportChangeView::from).collect(),
        page: None,
        size,
        total: u64::try_from(planned.total).unwrap_or(0),
        total_is_exact: true,
        next: planned.next.map(|next| next.to_string()),
        prev: None,
        unsearched: None,
    }))
}

/// Lists the problems of an import.
///
/// Rows that could not be used, and warnings.
#[utoipa::path(get, path = "/imports/{id}/problems", tag = "imports", operation_id = "list_import_problems",
    params(("id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ProblemView>, description = "A page of problems")))]
pub async fn problems(
    State(services): State<Services>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Json<PageView<ProblemView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(
        imports::problems(services.reader(), id(&import, "import")?, &page)
            .await?
            .into(),
    ))
}

/// Gives the rows that could not be used as a file.
///
/// With their original columns, row number and reason. Corrected, it can be imported as it is.
#[utoipa::path(get, path = "/imports/{id}/problems.csv", tag = "imports", operation_id = "get_problem_rows",
    params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv", body = String, description = "The file")))]
pub async fn problem_file(State(services): State<Services>, Path(import): Path<String>) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let pieces = imports::problem_rows(&services, import).await?;
    Ok(csv_file(
        &format!("import-{import}-problems.csv"),
        Body::from_stream(ReceiverStream::new(pieces)),
    ))
}

/// Gives the rows that could not be used as an Excel workbook.
///
/// The same as `problems.csv`. All its cells are texts.
#[utoipa::path(get, path = "/imports/{id}/problems.xlsx", tag = "imports", operation_id = "get_problem_workbook",
    params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>,
            description = "The workbook"),
        (status = 422, description = "More rows or columns than a sheet of Excel has")))]
pub async fn problem_workbook(
    State(services): State<Services>,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let file = imports::problem_workbook(&services, import).await?;
    workbook(&format!("import-{import}-problems.xlsx"), file, None)
}

/// Gives the file as it was uploaded.
///
/// It may hold more than what of it came into the shop.
#[utoipa::path(get, path = "/imports/{id}/file", tag = "imports", operation_id = "get_import_file",
    params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "The file")))]
pub async fn file(State(services): State<Services>, Path(import): Path<String>) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let original = imports::original(&services.database, &services.storage, import).await?;
    Ok(download(original))
}
