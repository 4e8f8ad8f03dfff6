//! Pictures: what is known of those of a product, and their bytes.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::pictures;
use stockroom::products;
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::params::{Path, id};
use super::respond::Refusal;
use super::views::PictureView;

/// Somebody else's bytes: shown as what they are, whatever they hold, and never as a page of ours.
const NOTHING_ACTIVE: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// The address is the digest of the bytes, so they never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// Lists the pictures of a product.
///
/// In their order: those that are stored, wait to be fetched, or cannot be had.
#[utoipa::path(get, path = "/products/{id}/pictures", tag = "products", operation_id = "list_product_pictures",
    params(("id" = i64, Path)),
    responses((status = 200, body = Vec<PictureView>, description = "Its pictures")))]
pub async fn of_product(
    State(services): State<Services>,
    Path(product): Path<String>,
) -> Result<Json<Vec<PictureView>>, Refusal> {
    let db = services.reader();
    let product = products::get(db, id(&product, "product")?).await?;
    let pictures = pictures::of_references(db, &product.pictures).await?;
    Ok(Json(pictures.into_iter().map(PictureView::from).collect()))
}

/// Gives the bytes of a stored picture.
///
/// By their SHA-256 in hexadecimal, as `GET /products/{id}/pictures` has it.
#[utoipa::path(get, path = "/pictures/{sha256}", tag = "products", operation_id = "get_picture",
    params(("sha256" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, description = "The picture",
            content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/gif"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/avif"))),
        (status = 304, description = "It is the one that `If-None-Match` names")))]
pub async fn bytes(
    State(services): State<Services>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let picture = pictures::open(&services.storage, &sha256).await?;
    let tag = format!("\"{sha256}\"");
    let mut response = if is_known(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from_stream(ReceiverStream::new(picture.pieces)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(picture.size));
        response
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, NOTHING_ACTIVE);
    headers.insert(CACHE_CONTROL, FOR_EVER);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    Ok(response)
}

/// RFC 9110, section 13.1.2.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter();
    known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
