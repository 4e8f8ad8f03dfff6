//! Problems for people: what a program gets as JSON, somebody at a browser sees as a page.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use stockroom::problem::Problem;

use super::authenticate::wants_html;
use crate::pages::{Asked, problem_page};
use crate::state::AppState;

pub async fn answer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_page = wants_html(request.headers()) && !request.uri().path().starts_with("/api/");
    let asked = is_page.then(|| Asked::by(&request));
    let mut response = next.run(request).await;
    match (asked, response.extensions_mut().remove::<Problem>()) {
        (Some(asked), Some(problem)) => problem_page(&state, asked, problem).await,
        _ => response,
    }
}
