//! The description of the API, and two ways to read it. Neither needs the internet.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::{Next, from_fn};
use axum::response::{Html, Response};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa_swagger_ui::SwaggerUi;

use crate::state::AppState;

/// What stands above the operations.
#[derive(OpenApi)]
#[openapi(
    info(title = "Stockroom", description = "Products, catalogues and imports of a shop. Errors are `application/problem+json` (RFC 9457)."),
    servers((url = "/api/v1")),
    security(("api_key" = [])),
    modifiers(&ApiKey),
    tags(
        (name = "products", description = "The sellable rows of the shop"),
        (name = "catalogues", description = "Named groups of products"),
        (name = "imports", description = "Uploaded files and what becomes of them"),
        (name = "uploads", description = "Large files in several requests, by tus 1.0"),
        (name = "monitoring", description = "How the shop is doing, for administrators"),
        (name = "health", description = "For those who watch over the process"),
    )
)]
pub struct Description;

struct ApiKey;

impl utoipa::Modify for ApiKey {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        description
            .components
            .get_or_insert_default()
            .add_security_scheme("api_key", bearer);
    }
}

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
pub fn router(description: utoipa::openapi::OpenApi) -> Router<AppState> {
    Router::new()
        .merge(SwaggerUi::new("/docs").url("/openapi.json", description))
        .route("/redoc", get(async || Html(REDOC)))
        .layer(from_fn(policy))
}

async fn policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}
