//! Scripts on pages of other sites, where the operator has named those: they may use the REST API with a key. No cookie counts for them, and
//! nothing but the API is open to them.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, IF_MATCH,
    IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::limits::{RATE_LIMIT, RATE_LIMIT_POLICY};

/// For how long a browser need not ask again whether it may.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(3_600);

const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];
/// What programs send, those that speak tus among them …
const SENT: [HeaderName; 13] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_TYPE,
    IF_MATCH,
    IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("tus-resumable"),
    HeaderName::from_static("upload-length"),
    HeaderName::from_static("upload-metadata"),
    HeaderName::from_static("upload-offset"),
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-request-id"),
];
/// … and what they must see of an answer.
const SEEN: [HeaderName; 14] = [
    CONTENT_DISPOSITION,
    ETAG,
    LOCATION,
    RETRY_AFTER,
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
    HeaderName::from_static("tus-extension"),
    HeaderName::from_static("tus-max-size"),
    HeaderName::from_static("tus-resumable"),
    HeaderName::from_static("tus-version"),
    HeaderName::from_static("upload-expires"),
    HeaderName::from_static("upload-length"),
    HeaderName::from_static("upload-offset"),
    HeaderName::from_static("x-request-id"),
];

/// What sites with these origins may; without any, nothing is open.
pub fn rules(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let rules = || {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins.iter().cloned()))
            .allow_methods(METHODS)
            .allow_headers(SENT)
            .expose_headers(SEEN)
            .max_age(REMEMBERED)
    };
    (!origins.is_empty()).then(rules)
}

pub async fn answer(State(rules): State<Option<CorsLayer>>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    // The layer answers every OPTIONS itself; that of tus is no browser's question whether it may ask.
    let is_other =
        *request.method() == Method::OPTIONS && !request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    match rules {
        Some(rules) if is_api && !is_other => match rules.layer(next).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        _ => next.run(request).await,
    }
}
