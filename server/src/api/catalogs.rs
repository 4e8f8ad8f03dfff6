//! Catalogues.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::catalogs;
use stockroom::services::Services;

use super::bodies::{self, Body, CatalogBody};
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

/// Adds a catalogue.
#[utoipa::path(post, path = "/catalogs", tag = "catalogues", request_body = CatalogBody,
    responses((status = 201, body = CatalogView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create(State(services): State<Services>, body: Body) -> Result<Response, Refusal> {
    let name = bodies::catalog_name(body)?;
    let catalog = catalogs::create(services.database.writer(), &name).await?;
    let address = format!("/api/v1/catalogs/{}", catalog.id);
    let mut response = (StatusCode::CREATED, Json(CatalogView::from(catalog))).into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Renames a catalogue.
#[utoipa::path(put, path = "/catalogs/{id}", tag = "catalogues", params(("id" = i64, Path)), request_body = CatalogBody,
    responses((status = 200, body = CatalogView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn replace(
    State(services): State<Services>,
    Path(catalog): Path<String>,
    body: Body,
) -> Result<Json<CatalogView>, Refusal> {
    let name = bodies::catalog_name(body)?;
    let id = id(&catalog, "catalogue")?;
    Ok(Json(
        catalogs::rename(services.database.writer(), id, &name).await?.into(),
    ))
}

/// Renames a catalogue.
#[utoipa::path(patch, path = "/catalogs/{id}", tag = "catalogues", params(("id" = i64, Path)), request_body = CatalogBody,
    responses((status = 200, body = CatalogView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change(
    services: State<Services>,
    catalog: Path<String>,
    body: Body,
) -> Result<Json<CatalogView>, Refusal> {
    replace(services, catalog, body).await
}

/// Deletes a catalogue that no product is in.
#[utoipa::path(delete, path = "/catalogs/{id}", tag = "catalogues", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete(State(services): State<Services>, Path(catalog): Path<String>) -> Result<StatusCode, Refusal> {
    catalogs::delete(&services.database, id(&catalog, "catalogue")?).await?;
    Ok(StatusCode::NO_CONTENT)
}
