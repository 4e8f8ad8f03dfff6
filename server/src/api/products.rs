//! Products, one by one and in lists.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::products::draft::ProductText;
use stockroom::products::export::{ExportColumn, Layout};
use stockroom::products::{self, Product, ProductQuery, ProductSort};
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;
use tower_sessions::Session;

use super::bodies::{self, Body, ProductBody};
use super::downloads::{csv_file, workbook};
use super::exports;
use super::params::{self, ExportParams, IfMatch, PageParams, Params, ProductParams, id};
use super::respond::Refusal;
use super::uploads::idempotency_key;
use super::views::{ChangeView, FieldView, PageView, ProblemBody, ProductView};

type Listed = Result<Json<PageView<ProductView>>, Refusal>;

/// Products that match, a page at a time.
#[utoipa::path(get, path = "/products", tag = "products", params(ProductParams, PageParams),
    responses((status = 200, body = PageView<ProductView>), (status = 400, body = ProblemBody)))]
pub async fn list(State(services): State<Services>, params: Params) -> Listed {
    let (query, page) = params::read(params, |fields| {
        Ok((ProductQuery::take(fields)?, params::page(fields)?))
    })?;
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
pub async fn get(State(services): State<Services>, Path(product): Path<String>) -> Result<Response, Refusal> {
    let product = products::get(services.reader(), id(&product, "product")?).await?;
    Ok(tagged(StatusCode::OK, product))
}

/// Adds a product. With an `Idempotency-Key`, asking again adds nothing.
#[utoipa::path(post, path = "/products", tag = "products", request_body = ProductBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text that this program uses for this product only")),
    responses((status = 201, body = ProductView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn create(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (text, _) = bodies::product(body)?;
    let product = match idempotency_key(&actor, &headers)? {
        Some(key) => products::create_once(&services.database, &text, &actor, &key).await?,
        None => products::create(&services.database, &text, &actor).await?,
    };
    let address = format!("/api/v1/products/{}", product.id);
    let mut response = tagged(StatusCode::CREATED, product);
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Replaces a product: what the body lacks becomes empty.
#[utoipa::path(put, path = "/products/{id}", tag = "products", params(("id" = i64, Path), IfMatch), request_body = ProductBody,
    responses((status = 200, body = ProductView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn replace(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(product): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (text, version) = bodies::product(body)?;
    let expected = bodies::if_match(&headers)?.or(version);
    save(&services, &actor, &product, expected, &text.or_empty()).await
}

/// Changes the given fields of a product.
#[utoipa::path(patch, path = "/products/{id}", tag = "products", params(("id" = i64, Path), IfMatch), request_body = ProductBody,
    responses((status = 200, body = ProductView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn change(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(product): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (text, version) = bodies::product_changes(body)?;
    let expected = bodies::if_match(&headers)?.or(version);
    save(&services, &actor, &product, expected, &text).await
}

async fn save(
    services: &Services,
    actor: &Actor,
    product: &str,
    expected: Option<i64>,
    text: &ProductText,
) -> Result<Response, Refusal> {
    let id = id(product, "product")?;
    let product = products::update(&services.database, id, expected, text, actor).await?;
    Ok(tagged(StatusCode::OK, product))
}

/// Puts a product into the bin, from which it can be restored.
#[utoipa::path(delete, path = "/products/{id}", tag = "products", params(("id" = i64, Path), IfMatch),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(product): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let expected = bodies::if_match(&headers)?;
    products::delete(&services.database, id(&product, "product")?, expected, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a product out of the bin.
#[utoipa::path(post, path = "/products/{id}/restore", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = ProductView), (status = 404, body = ProblemBody)))]
pub async fn restore(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(product): Path<String>,
) -> Result<Response, Refusal> {
    let product = products::restore(&services.database, id(&product, "product")?, &actor).await?;
    Ok(tagged(StatusCode::OK, product))
}

/// The last hundred changes of a product, also of one in the bin, the newest first.
#[utoipa::path(get, path = "/products/{id}/history", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<ChangeView>), (status = 404, body = ProblemBody)))]
pub async fn history(
    State(services): State<Services>,
    Path(product): Path<String>,
) -> Result<Json<Vec<ChangeView>>, Refusal> {
    let changes = stockroom::changes::history(services.reader(), id(&product, "product")?).await?;
    Ok(Json(changes.into_iter().map(ChangeView::from).collect()))
}

/// Who or what set each field of a product to the value that it has now: when, from which row of which file, and what it was before. A field
/// that was not touched in the last thousand changes is left out.
#[utoipa::path(get, path = "/products/{id}/fields", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<FieldView>), (status = 404, body = ProblemBody)))]
pub async fn fields(
    State(services): State<Services>,
    Path(product): Path<String>,
) -> Result<Json<Vec<FieldView>>, Refusal> {
    let origins = stockroom::changes::set_by(services.reader(), id(&product, "product")?).await?;
    Ok(Json(origins.into_iter().map(FieldView::from).collect()))
}

/// With its version as the `ETag`.
fn tagged(status: StatusCode, product: Product) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", product.version));
    let mut response = (status, Json(ProductView::from(product))).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Products that match as a file: CSV, streamed, or an Excel workbook. Importing it again changes nothing.
#[utoipa::path(get, path = "/products/export", tag = "products", params(ExportParams, ProductParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn export(State(services): State<Services>, session: Session, params: Params) -> Result<Response, Refusal> {
    let (query, columns, is_workbook, word) = params::read(params, |fields| {
        let is_workbook = match asked::take(fields, "format")?.as_deref() {
            None | Some("csv") => false,
            Some("xlsx") => true,
            Some(_) => return Err(asked::unreadable("format", "Exports are written as csv or xlsx.")),
        };
        let columns = ExportColumn::parse_list(asked::take(fields, "columns")?.as_deref())?;
        let word = exports::word(fields)?;
        Ok((ProductQuery::take(fields)?, columns, is_workbook, word))
    })?;
    let watched = word
        .as_deref()
        .and_then(|word| exports::watch(&services, &session, word));
    let database = &services.database;
    let layout = Layout::of(database.reader(), columns).await?;
    let file = if is_workbook {
        let folder = &services.config.scratch_dir;
        let file = products::export::xlsx(database, query, layout, folder, watched.clone()).await?;
        workbook("products.xlsx", file, watched)?
    } else {
        let pieces = products::export::csv(database, query, layout, watched);
        csv_file(
            "products.csv",
            axum::body::Body::from_stream(ReceiverStream::new(pieces)),
        )
    };
    Ok(exports::begun(file, word.as_deref()))
}
