//! Whether the process lives, and whether it can do its work.

use axum::extract::State;
use stockroom::problem::Problem;
use stockroom::services::Services;

use super::respond::Refusal;
use super::views::ProblemBody;

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = String)))]
pub async fn live() -> &'static str {
    "ok"
}

/// The database answers.
#[utoipa::path(get, path = "/health/ready", tag = "health",
    responses((status = 200, body = String), (status = 503, body = ProblemBody)))]
pub async fn ready(State(services): State<Services>) -> Result<&'static str, Refusal> {
    match stockroom::products::count_all(services.reader()).await {
        Ok(_) => Ok("ok"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            Err(Problem::new(503, "Not ready", "The database does not answer.").into())
        }
    }
}
