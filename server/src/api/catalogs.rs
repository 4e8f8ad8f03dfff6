//! Catalogues.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::audit::Actor;
use stockroom::catalogs;
use stockroom::imports::plan::Selection;
use stockroom::imports::{self, Confirmation};
use stockroom::services::Services;

use super::bodies::{self, Body};
use super::import_views::ImportView;
use super::param_shapes::{EmptyingParams, IdempotencyKey, PageParams};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::shapes::CatalogBody;
use super::uploads::{accepted, idempotency_key};
use super::views::{CatalogView, PageView};

/// Lists catalogues.
///
/// With their numbers of products, the newest first.
#[utoipa::path(get, path = "/catalogs", tag = "catalogues", operation_id = "list_catalogs",
    params(PageParams),
    responses((status = 200, body = PageView<CatalogView>, description = "A page of catalogues")))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<CatalogView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(catalogs::list(services.reader(), &page).await?.into()))
}

/// Gives one catalogue.
///
/// With its number of products.
#[utoipa::path(get, path = "/catalogs/{id}", tag = "catalogues", operation_id = "get_catalog",
    params(("id" = i64, Path)),
    responses((status = 200, body = CatalogView, description = "The catalogue")))]
pub async fn get(State(services): State<Services>, Path(catalog): Path<String>) -> Result<Json<CatalogView>, Refusal> {
    Ok(Json(
        catalogs::get(services.reader(), id(&catalog, "catalogue")?)
            .await?
            .into(),
    ))
}

/// Adds a catalogue.
///
/// With an `Idempotency-Key`, asking again adds nothing.
#[utoipa::path(post, path = "/catalogs", tag = "catalogues", operation_id = "create_catalog",
    params(IdempotencyKey), request_body = CatalogBody,
    responses((status = 201, body = CatalogView, description = "The catalogue as it was added"),
        (status = 409, description = "Another catalogue has this name, in whatever case")))]
pub async fn create(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let name = bodies::catalog_name(body)?;
    let catalog = match idempotency_key(&actor, &headers)? {
        Some(key) => catalogs::create_once(&services.database, &name, &actor, &key).await?,
        None => catalogs::create(&services.database, &name, &actor).await?,
    };
    let address = format!("/api/v1/catalogs/{}", catalog.id);
    let mut response = (StatusCode::CREATED, Json(CatalogView::from(catalog))).into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Renames a catalogue.
///
/// Its products stay in it.
#[utoipa::path(put, path = "/catalogs/{id}", tag = "catalogues", operation_id = "replace_catalog",
    params(("id" = i64, Path)), request_body = CatalogBody,
    responses((status = 200, body = CatalogView, description = "The catalogue as it is now"),
        (status = 409, description = "Another catalogue has this name, in whatever case")))]
pub async fn replace(
    State(services): State<Services>,
    actor: Extension<Actor>,
    Path(catalog): Path<String>,
    body: Body,
) -> Result<Json<CatalogView>, Refusal> {
    let name = bodies::catalog_name(body)?;
    let id = id(&catalog, "catalogue")?;
    Ok(Json(
        catalogs::rename(&services.database, id, &name, &actor).await?.into(),
    ))
}

/// Renames a catalogue.
///
/// The same as `PUT /catalogs/{id}`.
#[utoipa::path(patch, path = "/catalogs/{id}", tag = "catalogues", operation_id = "change_catalog",
    params(("id" = i64, Path)), request_body = CatalogBody,
    responses((status = 200, body = CatalogView, description = "The catalogue as it is now"),
        (status = 409, description = "Another catalogue has this name, in whatever case")))]
pub async fn change(
    services: State<Services>,
    actor: Extension<Actor>,
    catalog: Path<String>,
    body: Body,
) -> Result<Json<CatalogView>, Refusal> {
    replace(services, actor, catalog, body).await
}

/// Deletes a catalogue.
///
/// While products are in it, say what becomes of them: then it goes when they have, and the answer is 202.
#[utoipa::path(delete, path = "/catalogs/{id}", tag = "catalogues", operation_id = "delete_catalog",
    params(("id" = i64, Path), EmptyingParams),
    responses((status = 204, description = "It was empty, and is deleted"),
        (status = 202, body = ImportView, description = "The job that empties it; it goes at the end"),
        (status = 409, description = "Products are in it"), (status = 422, description = "There is no such catalogue to move them to")))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(catalog): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let emptying = params::read(params, params::emptying)?;
    let id = id(&catalog, "catalogue")?;
    let Some(action) = emptying else {
        catalogs::delete(&services.database, id, &actor).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    catalogs::get(services.reader(), id).await?;
    let confirmation = Confirmation {
        by: actor,
        is_given: true,
        idempotency_key: None,
    };
    let job = imports::plan_bulk(
        &services.database,
        action,
        Selection::of_catalog(id),
        Some(id),
        confirmation,
    )
    .await?;
    services.import_wake.wake();
    Ok(accepted(job))
}
