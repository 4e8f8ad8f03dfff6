//! What is known of every request afterwards: where it went, how it was answered and how long that took, in the log and in the figures.
//!
//! It is named by its route, never by what stood in its address: there may be a secret in that.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use stockroom::monitoring::Measure;
use tracing::{Instrument as _, field};

use super::address::{self, Peer};
use crate::state::AppState;
use crate::traces;

/// Longer than this is worth a line in the log.
const SLOW: Duration = Duration::from_secs(1);
/// Characters of a request's id, which a client may choose.
const ID_MAX: usize = 64;
/// Files, and addresses at which there is nothing.
const NO_ROUTE: &str = "other";

pub async fn watch(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let method = known(request.method());
    let (name, kind) = (field::Empty, field::Empty);
    let span = tracing::info_span!(
        "request",
        id = id(request.headers()),
        method,
        route,
        otel.name = name,
        otel.kind = kind
    );
    let is_trusted = |peer: &Peer| address::is_proxy(peer, &state.policy);
    let asked_by = request.extensions().get().filter(|peer| is_trusted(peer));
    traces::begin(&span, (method, route), asked_by.map(|_| request.headers()));
    let response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status(), began.elapsed());
    state.requests.note(method, route, status.as_u16(), took);
    state.services.tally.add(Measure::Requests, 1);
    if status.is_server_error() {
        state.services.tally.add(Measure::ServerErrors, 1);
    }
    traces::answered(&span, status);
    span.in_scope(|| tell(status, took));
    response
}

fn tell(status: StatusCode, took: Duration) {
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let status = status.as_u16();
    if status >= 500 || took > SLOW {
        tracing::info!(status, ms, "answered");
    } else {
        tracing::debug!(status, ms, "answered");
    }
}

fn id(headers: &HeaderMap) -> &str {
    let id = headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default();
    id.get(..ID_MAX).unwrap_or(id)
}

/// Clients may make up methods, and there must not be a figure for each.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
