//! How often somebody may ask. Each answer says what is left, as draft-ietf-httpapi-ratelimit-headers-11 ("RateLimit header fields for HTTP")
//! writes it, and whoever has asked too often is told when to go on.
//!
//! Whether the process lives is asked by others than the public, and its scripts and styles cost nothing: they are not counted.

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stockroom::problem::Problem;

use super::address::ClientAddress;
use super::authenticate::Caller;
use super::people::{page_asked, shown};
use crate::api::respond::Refusal;
use crate::rates::Left;
use crate::state::AppState;

pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

const NOT_COUNTED: [&str; 5] = ["/health/", "/api/health/", "/api/v1/health/", "/pkg/", "/favicon."];

/// Before it is found out who asks, which costs more than this.
pub async fn by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let from = request.extensions().get::<ClientAddress>();
    let from = from.filter(|_| is_counted(&request));
    let left = from.and_then(|from| state.rates.of_address(from.0));
    go_on(&state, left, request, next).await
}

/// Once it is known who asks: keys are counted by themselves, strangers by their addresses, and people who are signed in not at all.
pub async fn by_caller(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let from = request.extensions().get::<ClientAddress>();
    let left = match request.extensions().get::<Caller>() {
        _ if !is_counted(&request) => None,
        Some(Caller::ApiKey(key)) => state.rates.of_key(key.id),
        Some(Caller::User(_)) => None,
        None => from.and_then(|from| state.rates.of_stranger(from.0)),
    };
    go_on(&state, left, request, next).await
}

fn is_counted(request: &Request) -> bool {
    let path = request.uri().path();
    NOT_COUNTED.iter().all(|folder| !path.starts_with(folder))
}

async fn go_on(state: &AppState, left: Option<Left>, request: Request, next: Next) -> Response {
    let Some(left) = left else {
        return next.run(request).await;
    };
    let mut response = if left.is_too_many {
        let asked = page_asked(&request);
        shown(state, asked, too_many(&left)).await
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let Left {
        name, quota, window, ..
    } = left;
    add(headers, RATE_LIMIT_POLICY, format!("\"{name}\";q={quota};w={window}"));
    let (remaining, seconds) = (left.remaining, left.seconds);
    add(headers, RATE_LIMIT, format!("\"{name}\";r={remaining};t={seconds}"));
    if left.is_too_many {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Another limit may have said its part already. One line is what programs find that know nothing of lists.
fn add(headers: &mut HeaderMap, name: HeaderName, part: String) {
    let list = match headers.get(&name).and_then(|said| said.to_str().ok()) {
        Some(said) => format!("{said}, {part}"),
        None => part,
    };
    if let Ok(value) = HeaderValue::try_from(list) {
        headers.insert(name, value);
    }
}

fn too_many(left: &Left) -> Response {
    let detail = match left.seconds {
        1 => "You have sent too many requests. Wait a second, then go on.".to_owned(),
        seconds => format!("You have sent too many requests. Wait {seconds} seconds, then go on."),
    };
    Refusal(Problem::new(429, "Too many requests", detail)).into_response()
}
