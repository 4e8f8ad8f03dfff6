//! Answers: problems as RFC 9457, and what is said where nothing fits.

use std::any::Any;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use stockroom::error::Error;
use stockroom::problem::Problem;

/// A request that cannot be done, on its way to whoever asked.
#[derive(Debug)]
pub struct Refusal(pub Problem);

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

/// Bytes that are no text are the address of nothing.
impl From<PathRejection> for Refusal {
    fn from(_: PathRejection) -> Self {
        Self(Problem::not_found("resource"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self.0)).into_response();
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        // Whoever answers to people makes a page of it.
        response.extensions_mut().insert(self.0);
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

pub async fn no_such_address() -> Refusal {
    let detail = "There is nothing at this address. The addresses are described at /docs.";
    Refusal(Problem::new(404, "Not found", detail))
}

pub async fn no_such_method() -> Refusal {
    let detail = "This address does not know that method. What it knows is described at /docs.";
    Refusal(Problem::new(405, "Method not allowed", detail))
}

/// A panic is a fault of ours: it is logged, and the request is answered.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Refusal::from(Error::Stored(format!(
        "a handler panicked: {}",
        said.unwrap_or("without a word")
    )))
    .into_response()
}
