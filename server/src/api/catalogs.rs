//! Catalogues, read.

use axum::Json;
use axum::extract::{Path, State};
use stockroom::catalogs;
use stockroom::services::Services;

use super::params::{self, PageParams, Params, id};
use super::respond::Refusal;
use super::views::{CatalogView, PageView, ProblemBody};

/// Catalogues with their numbers of products, the newest first.
#[utoipa::path(get, path = "/catalogs", tag = "catalogues", params(PageParams),
    responses((status = 200, body = PageView<CatalogView>), (status = 400, body = ProblemBody)))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<CatalogView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(catalogs::list(services.reader(), &page).await?.into()))
}

/// One catalogue.
#[utoipa::path(get, path = "/catalogs/{id}", tag = "catalogues", params(("id" = i64, Path)),
    responses((status = 200, body = CatalogView), (status = 404, body = ProblemBody)))]
pub async fn get(State(services): State<Services>, Path(catalog): Path<String>) -> Result<Json<CatalogView>, Refusal> {
    Ok(Json(
        catalogs::get(services.reader(), id(&catalog, "catalogue")?)
            .await?
            .into(),
    ))
}
