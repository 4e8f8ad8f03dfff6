//! Catalogues to choose from.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};

use stockroom::{
    catalogs::Catalog,
    page::{Page, PageRequest},
};

use crate::error::AppError;

/// Ids and names, for the filter.
#[server(name = ListCatalogs, prefix = "/actions", endpoint = "list_catalogs", input = GetUrl, output = Json)]
pub async fn list_catalogs() -> Result<Vec<(i64, String)>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::names_and_ids(request.services.reader()).await?)
}

#[server(name = PageOfCatalogs, prefix = "/actions", endpoint = "page_of_catalogs", input = GetUrl, output = Json)]
pub async fn page_of_catalogs(page: PageRequest) -> Result<Page<Catalog>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::list(request.services.reader(), &page).await?)
}

#[server(name = GetCatalog, prefix = "/actions", endpoint = "get_catalog", input = GetUrl, output = Json)]
pub async fn get_catalog(id: i64) -> Result<Catalog, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::get(request.services.reader(), id).await?)
}
