//! How the shop is doing, as the page shows it.

use axum::Json;
use axum::extract::State;
use stockroom::monitoring;
use stockroom::services::Services;

use super::monitoring_views::MonitoringView;
use super::respond::Refusal;

/// Says how the shop is doing.
///
/// Figures of this moment, what somebody must look after, and the last 24 hours.
#[utoipa::path(get, path = "/monitoring", tag = "monitoring", operation_id = "get_monitoring",
    responses((status = 200, body = MonitoringView, description = "All that there is to see")))]
pub async fn get(State(services): State<Services>) -> Result<Json<MonitoringView>, Refusal> {
    let seen = monitoring::look(&services).await?;
    let pools = services.database.pools();
    Ok(Json(MonitoringView::new(seen, pools)))
}
