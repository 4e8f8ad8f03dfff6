//! Catalogues to choose from.

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};

use crate::error::AppError;

/// Ids and names, for the filter.
#[server(name = ListCatalogs, prefix = "/actions", endpoint = "list_catalogs", input = GetUrl, output = Json)]
pub async fn list_catalogs() -> Result<Vec<(i64, String)>, AppError> {
    let request = crate::request::signed_in()?;
    Ok(stockroom::catalogs::names_and_ids(request.services.reader()).await?)
}
