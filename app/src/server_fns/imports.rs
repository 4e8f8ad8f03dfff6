//! Imports for their list and for their own pages.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use serde::{Deserialize, Serialize};
use stockroom::{
    imports::{Import, problem::ProblemGroup},
    page::{Page, PageRequest},
};

use crate::error::AppError;

/// An import and what went wrong in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    pub import: Import,
    pub groups: Vec<ProblemGroup>,
}

#[server(name = ListImports, prefix = "/actions", endpoint = "list_imports", input = GetUrl, output = Json)]
pub async fn list_imports(page: PageRequest) -> Result<Page<Import>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::imports::list(request.services.reader(), &page).await?)
}

#[server(name = GetImport, prefix = "/actions", endpoint = "get_import", input = GetUrl, output = Json)]
pub async fn get_import(id: i64) -> Result<ImportReport, AppError> {
    let request = crate::request::signed_in()?;
    let db = request.services.reader();
    let import = request.services.live.see(db, id).await?;
    let groups = stockroom::imports::problem_groups(db, id).await?;
    Ok(ImportReport { import, groups })
}
