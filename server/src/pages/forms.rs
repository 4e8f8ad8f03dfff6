//! What the pages' forms post to. Each answers with a redirect, so that a reload never repeats anything; a refused form is shown
//! again with what was typed.

use std::collections::BTreeMap;

use app::draft::FormDraft;
use app::paths;
use app::theme::Theme;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use stockroom::accounts::{self, NewUser, Role, User};
use stockroom::error::Error;
use stockroom::imports;
use stockroom::problem::Problem;
use tower_sessions::Session;

use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::api::uploads::{Upload, accepted, take_in};
use crate::middleware::authenticate::wants_html;
use crate::session::{DRAFT, SAID, USER};
use crate::state::AppState;

#[derive(Deserialize)]
pub struct SignIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<SignIn>,
) -> Result<Response, Refusal> {
    let services = &state.services;
    let db = services.database.writer();
    let typed = [("email", form.email.as_str()), ("next", form.next.as_str())];
    if form.email.trim().is_empty() {
        let message = "Enter your email address.";
        return again(
            &session,
            &paths::login_then(&form.next),
            Problem::unprocessable(message).with_field("email", message),
            &typed,
        )
        .await;
    }
    match accounts::authenticate(db, &services.passwords, &form.email, &form.password).await? {
        Some(user) => {
            begin(&session, &user).await?;
            Ok(see(own_address(&form.next)))
        }
        None => {
            let message = "Email address or password is not correct.";
            again(
                &session,
                &paths::login_then(&form.next),
                Problem::unprocessable(message).with_field("email", message),
                &typed,
            )
            .await
        }
    }
}

#[derive(Deserialize)]
pub struct SetUp {
    #[serde(default)]
    token: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

pub async fn set_up(
    State(state): State<AppState>,
    session: Session,
    Form(form): Form<SetUp>,
) -> Result<Response, Refusal> {
    let services = &state.services;
    let db = services.database.writer();
    if accounts::any_user(db).await? {
        return Err(Problem::not_found("page").into());
    }
    let address = paths::with_query(paths::SETUP, &[("token", form.token.clone())]);
    let typed = [("email", form.email.as_str())];
    if form.token != state.setup_token {
        let detail = "This set-up address is not the one that the server printed when it started. Open that one.";
        return again(
            &session,
            &address,
            Problem::new(403, "Wrong set-up address", detail),
            &typed,
        )
        .await;
    }
    let new = NewUser {
        email: &form.email,
        password: &form.password,
        role: Role::Admin,
    };
    match accounts::create_user(db, &services.passwords, new).await {
        Ok(user) => {
            begin(&session, &user).await?;
            Ok(see("/"))
        }
        Err(Error::Refused(problem)) => again(&session, &address, problem, &typed).await,
        Err(error) => Err(error.into()),
    }
}

pub async fn sign_out(session: Session) -> Result<Response, Refusal> {
    session.flush().await.map_err(session_failed)?;
    Ok(see(paths::LOGIN))
}

#[derive(Deserialize)]
pub struct ChooseTheme {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    next: String,
}

pub async fn choose_theme(State(state): State<AppState>, Form(form): Form<ChooseTheme>) -> Response {
    let secure = if state.policy.https { "; Secure" } else { "" };
    let theme = Theme::from_cookie(&form.theme).as_str();
    let cookie = format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}");
    let mut response = see(own_address(&form.next));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The upload of the import page: the form of a browser without script, or the script of one with it.
pub async fn upload(session: Session, upload: Upload) -> Result<Response, Refusal> {
    let is_form = wants_html(&upload.headers);
    let taken = take_in(upload, None).await;
    if !is_form {
        return taken.map(accepted);
    }
    match taken {
        Ok(import) => Ok(see(&paths::import(import.job_id))),
        Err(Refusal(problem)) => again(&session, paths::NEW_IMPORT, problem, &[]).await,
    }
}

pub async fn cancel_import(State(state): State<AppState>, Path(import): Path<String>) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    match imports::cancel(state.services.database.writer(), import).await {
        // It was over before the wish arrived: its page says how it ended.
        Ok(_) => Ok(see(&paths::import(import))),
        Err(Error::Refused(problem)) if problem.status == 409 => Ok(see(&paths::import(import))),
        Err(error) => Err(error.into()),
    }
}

/// A new id, so that one that was known before the sign-in is worth nothing after it.
async fn begin(session: &Session, user: &User) -> Result<(), Refusal> {
    session.cycle_id().await.map_err(session_failed)?;
    session.insert(USER, user.id).await.map_err(session_failed)
}

/// Characters of a field that a draft keeps: what is longer is refused for that reason.
const DRAFT_MAX: usize = 100_100;

/// Leaves a few words for the next page: what was done.
pub(super) async fn say(session: &Session, words: &str) -> Result<(), Refusal> {
    session.insert(SAID, words).await.map_err(session_failed)
}

/// Shows the form again, with what was wrong and what was typed.
pub(super) async fn again(
    session: &Session,
    address: &str,
    problem: Problem,
    typed: &[(&str, &str)],
) -> Result<Response, Refusal> {
    let short = |text: &str| text.chars().take(DRAFT_MAX).collect::<String>();
    let values: BTreeMap<String, String> = typed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), short(value)))
        .collect();
    let path = address.split('?').next().unwrap_or_default().to_owned();
    session
        .insert(DRAFT, FormDraft { path, problem, values })
        .await
        .map_err(session_failed)?;
    Ok(see(address))
}

fn session_failed(error: tower_sessions::session::Error) -> Refusal {
    Refusal::from(Error::Stored(format!("session: {error}")))
}

/// Only addresses of this site: anything else could lead people away.
fn own_address(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if own { next } else { "/" }
}

pub(super) fn see(address: &str) -> Response {
    let mut response = Redirect::to("/").into_response();
    if let Ok(address) = HeaderValue::from_str(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::own_address;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(own_address("/products?q=a"), "/products?q=a");
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
            "/\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(own_address(foreign), "/", "{foreign:?}");
        }
    }
}
