//! Problems for people: what a program gets as JSON, somebody at a browser sees as a page.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use stockroom::problem::Problem;

use super::authenticate::wants_html;
use crate::pages::{Asked, problem_page};
use crate::state::AppState;

pub async fn answer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asked = page_asked(&request);
    let response = next.run(request).await;
    shown(&state, asked, response).await
}

/// What a page needs to know of the request, if it is somebody at a browser who asks.
pub fn page_asked(request: &Request) -> Option<Asked> {
    let is_page = wants_html(request.headers()) && !request.uri().path().starts_with("/api/");
    is_page.then(|| Asked::by(request))
}

/// The answer as whoever asked can read it.
pub async fn shown(state: &AppState, asked: Option<Asked>, mut response: Response) -> Response {
    match (asked, response.extensions_mut().remove::<Problem>()) {
        (Some(asked), Some(problem)) => problem_page(state, asked, problem).await,
        _ => response,
    }
}
