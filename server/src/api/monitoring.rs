//! How the shop is doing, as the page shows it.

use axum::Json;
use axum::extract::State;
use stockroom::monitoring;
use stockroom::services::Services;

use super::monitoring_views::MonitoringView;
use super::respond::Refusal;
use super::views::ProblemBody;

/// Figures of this moment, what somebody must look after, and the last 24 hours. For administrators.
#[utoipa::path(get, path = "/monitoring", tag = "monitoring",
    responses((status = 200, body = MonitoringView), (status = 403, body = ProblemBody)))]
pub async fn get(State(services): State<Services>) -> Result<Json<MonitoringView>, Refusal> {
    let seen = monitoring::look(&services).await?;
    let pools = services.database.pools();
    Ok(Json(MonitoringView::new(seen, pools)))
}
