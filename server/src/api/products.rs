//! Products, read.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use stockroom::products::export::ExportColumn;
use stockroom::products::{self, ProductQuery, ProductSort};
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::params::{ExportParams, PageParams, ProductParams, id};
use super::respond::Refusal;
use super::views::{PageView, ProblemBody, ProductView};
use crate::api::imports::asked;

type Listed = Result<Json<PageView<ProductView>>, Refusal>;

/// Products that match, a page at a time.
#[utoipa::path(get, path = "/products", tag = "products", params(ProductParams),
    responses((status = 200, body = PageView<ProductView>), (status = 400, body = ProblemBody)))]
pub async fn list(
    State(services): State<Services>,
    params: Result<Query<ProductParams>, axum::extract::rejection::QueryRejection>,
) -> Listed {
    let (query, page) = asked(params)?.parts()?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// The dearest products first.
#[utoipa::path(get, path = "/products/top-products", tag = "products", params(PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 400, body = ProblemBody)))]
pub async fn top(
    State(services): State<Services>,
    params: Result<Query<PageParams>, axum::extract::rejection::QueryRejection>,
) -> Listed {
    let query = ProductQuery {
        sort: ProductSort::PriceDescending,
        ..Default::default()
    };
    let page = asked(params)?.request()?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// The products of one catalogue.
#[utoipa::path(get, path = "/products/catalog/{catalog_id}", tag = "products", params(("catalog_id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 404, body = ProblemBody)))]
pub async fn of_catalog(
    State(services): State<Services>,
    Path(catalog): Path<String>,
    params: Result<Query<PageParams>, axum::extract::rejection::QueryRejection>,
) -> Listed {
    let catalog = stockroom::catalogs::get(services.reader(), id(&catalog, "catalogue")?).await?;
    let query = ProductQuery {
        catalog_id: Some(catalog.id),
        ..Default::default()
    };
    let page = asked(params)?.request()?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// One product.
#[utoipa::path(get, path = "/products/{id}", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = ProductView), (status = 404, body = ProblemBody)))]
pub async fn get(State(services): State<Services>, Path(product): Path<String>) -> Result<Json<ProductView>, Refusal> {
    Ok(Json(
        products::get(services.reader(), id(&product, "product")?).await?.into(),
    ))
}

/// Products that match as a CSV file, streamed. Importing it again changes nothing.
#[utoipa::path(get, path = "/products/export", tag = "products", params(ExportParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = ProblemBody)))]
pub async fn export(
    State(services): State<Services>,
    params: Result<Query<ExportParams>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let params = asked(params)?;
    let columns = ExportColumn::parse_list(params.columns.as_deref())?;
    let pieces = products::export::csv(&services.database, params.query()?, columns);
    Ok(csv_file("products.csv", Body::from_stream(ReceiverStream::new(pieces))))
}

/// A CSV file to save.
pub fn csv_file(name: &str, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}
