//! Bodies of requests that stop coming: whoever says nothing for too long is answered, whatever it was that waited for the rest.
//!
//! Only silence counts, so an upload may take as long as it needs. Answers have no such limit: a stream of events may be silent for long.
//! And who is answered before all of a body was read hears the answer: what is still on its way is taken, within bounds, because a connection
//! that is closed on somebody who sends takes the answer with it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, EXPECT};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use stockroom::problem::Problem;
use tower_http::timeout::{TimeoutBody, TimeoutError};

use crate::api::respond::Refusal;
use crate::api::resumable::CHUNK;
use crate::state::AppState;

/// Whether the body of a request was silent for too long, in its extensions.
#[derive(Clone, Default)]
struct Silence(Arc<AtomicBool>);

/// What is taken of the rest of a body that nobody wants, and for how long.
const REST_MAX: usize = 8 * 1024 * 1024;
const REST_WITHIN: Duration = Duration::from_secs(5);

/// Ends a body that is silent for too long, with an error for whoever reads it.
pub async fn watch(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let silence = Silence::default();
    request.extensions_mut().insert(silence.clone());
    let is_taken = is_taken(request.headers());
    let request = request.map(|body| {
        let body = TimeoutBody::new(state.policy.body_silence, body);
        let body = Body::new(body.map_err(move |error| {
            silence.0.fetch_or(error.is::<TimeoutError>(), Ordering::Relaxed);
            error
        }));
        if is_taken { Body::new(Taken(Some(body))) } else { body }
    });
    next.run(request).await
}

/// Whoever asks first has sent nothing yet; and whoever sends a piece of a resumable upload asks how much of it has come, and sends the rest
/// for nothing.
fn is_taken(headers: &HeaderMap) -> bool {
    let is_piece = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == CHUNK);
    !is_piece && !headers.contains_key(EXPECT)
}

/// A body whose rest is taken when it is no longer wanted; nothing once it has ended.
struct Taken(Option<Body>);

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) {
            tokio::spawn(tokio::time::timeout(REST_WITHIN, take(body)));
        }
    }
}

async fn take(mut body: Body) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await
        && taken < REST_MAX
    {
        taken += frame.data_ref().map_or(0, Bytes::len);
    }
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
