//! Pictures: what is known of those of a product, and their bytes.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::pictures;
use stockroom::products;
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::params::id;
use super::respond::Refusal;
use super::views::{PictureView, ProblemBody};

/// Somebody else's bytes: shown as what they are, whatever they hold, and never as a page of ours.
const NOTHING_ACTIVE: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// The address is the digest of the bytes, so they never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// The pictures of a product, in order: those that are stored, wait to be fetched, or cannot be had.
#[utoipa::path(get, path = "/products/{id}/pictures", tag = "products", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<PictureView>), (status = 404, body = ProblemBody)))]
pub async fn of_product(
    State(services): State<Services>,
    Path(product): Path<String>,
) -> Result<Json<Vec<PictureView>>, Refusal> {
    let db = services.reader();
    let product = products::get(db, id(&product, "product")?).await?;
    let pictures = pictures::of_references(db, &product.pictures).await?;
    Ok(Json(pictures.into_iter().map(PictureView::from).collect()))
}

/// The bytes of a stored picture, by their SHA-256 in hexadecimal.
#[utoipa::path(get, path = "/pictures/{sha256}", tag = "products", params(("sha256" = String, Path)),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304), (status = 404, body = ProblemBody)))]
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
