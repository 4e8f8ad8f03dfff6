//! Products, read.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use stockroom::products::export::ExportColumn;
use stockroom::products::{self, ProductQuery, ProductSort, asked};
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::params::{self, ExportParams, PageParams, Params, ProductParams, id};
use super::respond::Refusal;
use super::views::{PageView, ProblemBody, ProductView};

type Listed = Result<Json<PageView<ProductView>>, Refusal>;

/// Products that match, a page at a time.
#[utoipa::path(get, path = "/products", tag = "products", params(ProductParams, PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 400, body = ProblemBody)))]
pub async fn list(State(services): State<Services>, params: Params) -> Listed {
    let (query, page) = params::read(params, |fields| Ok((asked::query(fields)?, params::page(fields)?)))?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// The dearest products first.
#[utoipa::path(get, path = "/products/top-products", tag = "products", params(PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 400, body = ProblemBody)))]
pub async fn top(State(services): State<Services>, params: Params) -> Listed {
    let query = ProductQuery {
        sort: ProductSort::PriceDescending,
        ..Default::default()
    };
    let page = params::read(params, params::page)?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// The products of one catalogue.
#[utoipa::path(get, path = "/products/catalog/{catalog_id}", tag = "products", params(("catalog_id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 404, body = ProblemBody)))]
pub async fn of_catalog(State(services): State<Services>, Path(catalog): Path<String>, params: Params) -> Listed {
    let catalog = stockroom::catalogs::get(services.reader(), id(&catalog, "catalogue")?).await?;
    let query = ProductQuery {
        catalog_id: Some(catalog.id),
        ..Default::default()
    };
    let page = params::read(params, params::page)?;
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
#[utoipa::path(get, path = "/products/export", tag = "products", params(ExportParams, ProductParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = ProblemBody)))]
pub async fn export(State(services): State<Services>, params: Params) -> Result<Response, Refusal> {
    let (query, columns) = params::read(params, |fields| {
        if !matches!(asked::take(fields, "format")?.as_deref(), None | Some("csv")) {
            return Err(asked::unreadable("format", "Exports are written as csv."));
        }
        let columns = ExportColumn::parse_list(asked::take(fields, "columns")?.as_deref())?;
        Ok((asked::query(fields)?, columns))
    })?;
    let pieces = products::export::csv(&services.database, query, columns);
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
