//! Headers that every answer carries. Pages bring their own, stricter content policy with a nonce; this one is for all the rest.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

const NOTHING_ACTIVE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

pub async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut unless_set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    unless_set(CONTENT_SECURITY_POLICY, NOTHING_ACTIVE);
    unless_set(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    unless_set(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    unless_set(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    unless_set(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    unless_set(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    unless_set(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
