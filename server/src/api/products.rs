//! Products, one by one and in lists.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::products::draft::ProductText;
use stockroom::products::export::{ExportColumn, Layout};
use stockroom::products::{self, Product, ProductQuery, ProductSort};
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;
use tower_sessions::Session;

use super::bodies::{self, Body};
use super::downloads::{csv_file, workbook};
use super::exports;
use super::param_shapes::{ExportParams, IdempotencyKey, IfMatch, PageParams, ProductParams};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::shapes::{ProductBody, ProductChangesBody};
use super::uploads::idempotency_key;
use super::views::{ChangeView, FieldView, PageView, ProductView};

type Listed = Result<Json<PageView<ProductView>>, Refusal>;

/// Lists products.
///
/// Those that match all filters, a page at a time. Without a filter: all that are not in the bin.
#[utoipa::path(get, path = "/products", tag = "products", operation_id = "list_products",
    params(ProductParams, PageParams),
    responses((status = 200, body = PageView<ProductView>, description = "A page of the products that match")))]
pub async fn list(State(services): State<Services>, params: Params) -> Listed {
    let (query, page) = params::read(params, |fields| {
        Ok((ProductQuery::take(fields)?, params::page(fields)?))
    })?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// Lists the dearest products first.
///
/// Products without a price come last.
#[utoipa::path(get, path = "/products/top-products", tag = "products", operation_id = "list_top_products",
    params(PageParams),
    responses((status = 200, body = PageView<ProductView>, description = "A page of products")))]
pub async fn top(State(services): State<Services>, params: Params) -> Listed {
    let query = ProductQuery {
        sort: ProductSort::PriceDescending,
        ..Default::default()
    };
    let page = params::read(params, params::page)?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// Lists the products of one catalogue.
///
/// The same as `GET /products` with `catalog_id`, but 404 for a catalogue that does not exist.
#[utoipa::path(get, path = "/products/catalog/{catalog_id}", tag = "products", operation_id = "list_products_of_catalog",
    params(("catalog_id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ProductView>, description = "A page of its products")))]
pub async fn of_catalog(State(services): State<Services>, Path(catalog): Path<String>, params: Params) -> Listed {
    let catalog = stockroom::catalogs::get(services.reader(), id(&catalog, "catalogue")?).await?;
    let query = ProductQuery {
        catalog_id: Some(catalog.id),
        ..Default::default()
    };
    let page = params::read(params, params::page)?;
    Ok(Json(products::list(services.reader(), &query, &page).await?.into()))
}

/// Gives one product.
///
/// One that is in the bin is not found. The `ETag` is its version.
#[utoipa::path(get, path = "/products/{id}", tag = "products", operation_id = "get_product",
    params(("id" = i64, Path)),
    responses((status = 200, body = ProductView, description = "The product")))]
pub async fn get(State(services): State<Services>, Path(product): Path<String>) -> Result<Response, Refusal> {
    let product = products::get(services.reader(), id(&product, "product")?).await?;
    Ok(tagged(StatusCode::OK, product))
}

/// Adds a product.
///
/// What the body lacks is empty, and the product active. With an `Idempotency-Key`, asking again adds nothing.
#[utoipa::path(post, path = "/products", tag = "products", operation_id = "create_product",
    params(IdempotencyKey), request_body = ProductBody,
    responses((status = 201, body = ProductView, description = "The product as it was added"),
        (status = 409, description = "Another product has this SKU, in whatever case; it may be in the bin")))]
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

/// Replaces a product.
///
/// What the body lacks becomes empty. An answer that was changed can be sent back as it is: what nobody can set may stay in.
#[utoipa::path(put, path = "/products/{id}", tag = "products", operation_id = "replace_product",
    params(("id" = i64, Path), IfMatch), request_body = ProductBody,
    responses((status = 200, body = ProductView, description = "The product as it is now"),
        (status = 409, description = "Another product has this SKU, or this one has changed since that version")))]
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

/// Changes some fields of a product.
///
/// What the body lacks stays as it is.
#[utoipa::path(patch, path = "/products/{id}", tag = "products", operation_id = "change_product",
    params(("id" = i64, Path), IfMatch), request_body = ProductChangesBody,
    responses((status = 200, body = ProductView, description = "The product as it is now"),
        (status = 409, description = "Another product has this SKU, or this one has changed since that version")))]
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

/// Deletes a product.
///
/// It goes into the bin, from which it can be restored.
#[utoipa::path(delete, path = "/products/{id}", tag = "products", operation_id = "delete_product",
    params(("id" = i64, Path), IfMatch),
    responses((status = 204, description = "It is in the bin"), (status = 409, description = "It has changed since that version")))]
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

/// Restores a product.
///
/// It comes out of the bin as it was. One that is not there is left as it is.
#[utoipa::path(post, path = "/products/{id}/restore", tag = "products", operation_id = "restore_product",
    params(("id" = i64, Path)),
    responses((status = 200, body = ProductView, description = "The product as it is now")))]
pub async fn restore(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(product): Path<String>,
) -> Result<Response, Refusal> {
    let product = products::restore(&services.database, id(&product, "product")?, &actor).await?;
    Ok(tagged(StatusCode::OK, product))
}

/// Lists the changes of a product.
///
/// The newest first; also of a product in the bin.
#[utoipa::path(get, path = "/products/{id}/history", tag = "products", operation_id = "get_product_history",
    params(("id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ChangeView>, description = "A page of its changes")))]
pub async fn history(
    State(services): State<Services>,
    Path(product): Path<String>,
    params: Params,
) -> Result<Json<PageView<ChangeView>>, Refusal> {
    let page = params::read(params, params::page)?;
    let changes = stockroom::changes::history_page(services.reader(), id(&product, "product")?, &page).await?;
    Ok(Json(changes.map(ChangeView::from).into()))
}

/// Says who set each field of a product.
///
/// When, from which row of which file, and what it was before. A field that was not touched in the last thousand changes is left out.
#[utoipa::path(get, path = "/products/{id}/fields", tag = "products", operation_id = "get_product_fields",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<FieldView>, description = "Its fields")))]
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

/// Exports products as a file.
///
/// Those that match all filters, as CSV, which is streamed, or as an Excel workbook. Importing the file again changes nothing.
#[utoipa::path(get, path = "/products/export", tag = "products", operation_id = "export_products",
    params(ExportParams, ProductParams),
    responses((status = 200, description = "The file",
            content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 422, description = "More products than a sheet of Excel has rows")))]
pub async fn export(
    method: Method,
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    session: Session,
    params: Params,
) -> Result<Response, Refusal> {
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
    // What has begun can only break off.
    products::check(database.reader(), &query).await?;
    let layout = Layout::of(database.reader(), columns).await?;
    let file = if is_workbook {
        let folder = &services.config.scratch_dir;
        let file = products::export::xlsx(database, query.clone(), layout, folder, watched.clone()).await?;
        // After what may still be refused.
        if method != Method::HEAD {
            products::export::exported(database, &query, "xlsx", &actor).await;
        }
        workbook("products.xlsx", file, watched)?
    } else {
        if method != Method::HEAD {
            products::export::exported(database, &query, "csv", &actor).await;
        }
        let pieces = products::export::csv(database, query, layout, watched);
        csv_file(
            "products.csv",
            axum::body::Body::from_stream(ReceiverStream::new(pieces)),
        )
    };
    Ok(exports::begun(file, word.as_deref()))
}
