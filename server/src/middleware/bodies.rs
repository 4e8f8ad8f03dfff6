//! Bodies of requests that stop coming: whoever says nothing for too long is answered, whatever it was that waited for the rest.
//!
//! Only silence counts, so an upload may take as long as it needs. Answers have no such limit: a stream of events may be silent for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use stockroom::problem::Problem;
use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::api::respond::Refusal;
use crate::state::Policy;

/// Whether the body of a request was silent for too long, in its extensions.
#[derive(Clone, Default)]
struct Silence(Arc<AtomicBool>);

/// Ends a body that is silent for too long, with an error for whoever reads it.
pub async fn watch(State(policy): State<Policy>, mut request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let silence = Silence::default();
    request.extensions_mut().insert(silence.clone());
    let request = request.map(|body| {
        let body = TimeoutBody::new(policy.body_silence, body);
        Body::new(body.map_err(move |error| {
            silence.0.fetch_or(error.is::<TimeoutError>(), Ordering::Relaxed);
            error
        }))
    });
    next.run(request).await
}

/// Those who read bodies know only that one broke off. Here it is said why.
pub async fn answer(request: Request, next: Next) -> Response {
    let silence = request.extensions().get::<Silence>().cloned();
    let response = next.run(request).await;
    match silence {
        Some(silence) if silence.0.load(Ordering::Relaxed) => too_slow().into_response(),
        _ => response,
    }
}

fn too_slow() -> Refusal {
    let detail = "The rest of the request did not come in time. Look at your connection, then send it again.";
    Refusal(Problem::new(408, "The request took too long", detail))
}
