//! How far an export is, for the page that has asked for it: counted under a word that the page has made up.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use stockroom::asked::{self, Fields};
use stockroom::problem::Problem;
use stockroom::products::ExportProgress;
use stockroom::products::export::Watched;
use stockroom::services::Services;
use tower_sessions::Session;

/// Characters of a word.
const WORD_MAX: usize = 64;

/// The word of a request for an export, if it has one.
pub fn word(fields: &mut Fields) -> Result<Option<String>, Problem> {
    let word = asked::take(fields, "progress")?;
    if word.as_deref().is_some_and(|word| !is_word(word)) {
        return Err(asked::unreadable("progress", "Give at most 64 letters and digits."));
    }
    Ok(word)
}

pub fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= WORD_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Counts the export for this session. Programs have none.
pub fn watch(services: &Services, session: &Session, word: &str) -> Watched {
    services.exports.watch(&session.id()?.to_string(), word)
}

/// Tells the browser by a cookie that its download begins, which is no secret: the page sees it whichever node has written the file.
pub fn begun(mut file: Response, word: Option<&str>) -> Response {
    let cookie = word.map(|word| format!("export={word}; Path=/; Max-Age=60; SameSite=Strict"));
    if let Some(Ok(cookie)) = cookie.map(|cookie| HeaderValue::from_str(&cookie)) {
        file.headers_mut().append(SET_COOKIE, cookie);
    }
    file
}

/// How far an export of the same session is, on whichever node; `null` when none is written under this word, or not any more.
pub async fn progress(
    State(services): State<Services>,
    session: Session,
    Path(word): Path<String>,
) -> Json<Option<ExportProgress>> {
    let session = session.id().map(|id| id.to_string());
    Json(session.and_then(|session| services.exports.progress(&session, &word)))
}
