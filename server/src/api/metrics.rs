//! `/metrics`: how the process and the shop are doing, for Prometheus and its like.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::metrics;
use crate::state::AppState;

pub async fn metrics(State(state): State<AppState>) -> Response {
    let text = metrics::exposition(&state).await;
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response()
}
