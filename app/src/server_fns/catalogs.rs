//! Catalogues to choose from.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};

use stockroom::{
    catalogs::{Catalog, CatalogNames},
    page::{Page, PageRequest},
};

use crate::error::AppError;

/// Catalogues to choose from, and those with the ids `also`.
#[server(name = ListCatalogs, prefix = "/actions", endpoint = "list_catalogs", input = GetUrl, output = Json)]
pub async fn list_catalogs(#[server(default)] also: Vec<i64>) -> Result<CatalogNames, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::names(request.services.reader(), &also).await?)
}

/// The id of the catalogue that somebody has typed the name of, to see its products.
#[server(name = FindCatalog, prefix = "/actions", endpoint = "find_catalog", input = GetUrl, output = Json)]
pub async fn find_catalog(name: String) -> Result<i64, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::named(request.services.reader(), &name, "catalogue").await?)
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
