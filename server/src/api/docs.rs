//! Where the description of the API is served, and two ways to read it. Neither needs the internet.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::{Next, from_fn};
use axum::response::{Html, Response};
use axum::routing::get;
use serde_json::Value;
use utoipa_swagger_ui::SwaggerUi;

use crate::state::AppState;

/// These two pages are other people's; they style themselves inline, and one of them starts a worker.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

const REDOC: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Stockroom API</title></head>
<body style=\"margin: 0\">
<redoc spec-url=\"/openapi.json\"></redoc>
<script src=\"/redoc.standalone.js\"></script>
</body>
</html>";

/// `/docs`, `/redoc` and `/openapi.json`.
pub fn router(description: Value) -> Router<AppState> {
    Router::new()
        .merge(SwaggerUi::new("/docs").external_url_unchecked("/openapi.json", description))
        .route("/redoc", get(async || Html(REDOC)))
        .layer(from_fn(policy))
}

async fn policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
