//! What those are told who must sign in first. People are led to the sign-in and back; whatever they had typed is kept for them.

use std::collections::BTreeMap;

use app::draft::FormDraft;
use app::paths;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, REFERER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use stockroom::problem::Problem;
use tower_sessions::Session;

use super::authenticate::{Stranger, wants_html};
use super::same_origin::is_own;
use crate::api::respond::Refusal;
use crate::session::{DRAFT, SAID};

/// Bytes of a form that are kept.
const FORM_MAX: usize = 256 * 1024;
/// What is never kept of a form.
const SECRET: [&str; 4] = ["password", "present", "token", "secret"];

pub async fn answer(stranger: Stranger, session: &Session, request: Request) -> Response {
    let is_page = wants_html(request.headers()) && !request.uri().path().starts_with("/api/");
    if !is_page {
        return told();
    }
    if stranger == Stranger::NoLonger {
        let words = "You were signed out. Sign in to continue where you left off.";
        // Without these words the sign-in is as good.
        drop(session.insert(SAID, words).await);
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::to(&paths::login_then(here)).into_response();
    }
    if stranger == Stranger::Nobody || !is_own(request.headers()) {
        return told();
    }
    let page = page_of_form(request.headers()).unwrap_or_else(|| "/".to_owned());
    if let Some(draft) = draft(&page, request).await {
        drop(session.insert(DRAFT, draft).await);
    }
    Redirect::to(&paths::login_then(&page)).into_response()
}

fn told() -> Response {
    let detail = "Sign in, or send an API key as “Authorization: Bearer …”.";
    let mut response = Refusal(Problem::new(401, "Not signed in", detail)).into_response();
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// The page that a form stood on.
fn page_of_form(headers: &HeaderMap) -> Option<String> {
    let page: Uri = headers.get(REFERER)?.to_str().ok()?.parse().ok()?;
    Some(page.path_and_query()?.as_str().to_owned())
}

/// What was typed into a form that nobody may send.
async fn draft(page: &str, request: Request) -> Option<FormDraft> {
    let is_form = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if !is_form {
        return None;
    }
    let body = to_bytes(request.into_body(), FORM_MAX).await.ok()?;
    let text = String::from_utf8(body.to_vec()).ok()?;
    let values: BTreeMap<String, String> = app::fields::Fields::parse(&text)
        .to_map()
        .into_iter()
        .filter(|(name, _)| !SECRET.iter().any(|secret| name.contains(secret)))
        .collect();
    let detail = "You were signed out before this was saved. What you typed is kept. Look it over and save it again.";
    Some(FormDraft {
        path: page.split('?').next().unwrap_or_default().to_owned(),
        problem: Problem::new(401, "Not saved yet", detail),
        values,
    })
}
