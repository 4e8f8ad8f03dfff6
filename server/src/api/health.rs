//! Whether the process lives, and whether it can do its work.

use axum::extract::State;
use stockroom::problem::Problem;
use stockroom::services::Services;

use super::respond::Refusal;

/// Says whether the process lives.
///
/// It answers `ok`, or not at all.
#[utoipa::path(get, path = "/health/live", tag = "health", operation_id = "get_liveness",
    responses((status = 200, content_type = "text/plain", body = String, description = "It does")))]
pub async fn live() -> &'static str {
    "ok"
}

/// Says whether the process can do its work.
///
/// It can when the database answers.
#[utoipa::path(get, path = "/health/ready", tag = "health", operation_id = "get_readiness",
    responses((status = 200, content_type = "text/plain", body = String, description = "It can"),
        (status = 503, description = "The database does not answer")))]
pub async fn ready(State(services): State<Services>) -> Result<&'static str, Refusal> {
    match stockroom::products::count_all(services.reader()).await {
        Ok(_) => Ok("ok"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Err(Problem::new(503, "Not ready", "The database does not answer.").into())
        }
    }
}
