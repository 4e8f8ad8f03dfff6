//! What the pages' forms post to. Each answers with a redirect, so that a reload never repeats anything; a refused form is shown
//! again with what was typed.

use std::collections::BTreeMap;

use app::draft::FormDraft;
use app::paths;
use app::theme::Theme;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use stockroom::accounts::{self, NewUser, Role, SignIn, SignedIn};
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::imports::intake::StopsAt;
use stockroom::imports::{self, ImportStep};
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::settings;
use tower_sessions::Session;

use super::settings_forms::shop_of;
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::api::uploads::{Upload, accepted, take_in};
use crate::middleware::address::ClientAddress;
use crate::middleware::authenticate::{Caller, wants_html};
use crate::session::{DRAFT, SAID, person};
use crate::state::{AppState, SETUP};

/// What a form sends, each name once.
pub type Fields = BTreeMap<String, String>;

/// What was typed into a field, if there is one.
pub(super) fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.get(name).map_or("", String::as_str)
}

pub async fn sign_in(
    State(state): State<AppState>,
    from: Option<Extension<ClientAddress>>,
    session: Session,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let services = &state.services;
    let (email, next) = (field(&fields, "email"), field(&fields, "next"));
    let from = from.map(|Extension(from)| from.0.to_string());
    let who = SignIn {
        email,
        password: field(&fields, "password"),
        from: from.as_deref(),
    };
    let wrong = |message: &str| Problem::unprocessable(message).with_field("email", message);
    let problem = if email.trim().is_empty() {
        wrong("Enter your email address.")
    } else {
        match accounts::authenticate(&services.database, &services.passwords, &who).await {
            Ok(Some(signed_in)) => {
                let remembered = fields.contains_key("remember");
                let began = person::begin(&session, &signed_in, remembered).await;
                began.map_err(session_failed)?;
                return Ok(see(own_address(next)));
            }
            Ok(None) => wrong("Email address or password is not correct."),
            Err(Error::Refused(problem)) => problem,
            Err(error) => return Err(error.into()),
        }
    };
    if !wants_html(&headers) {
        return Err(problem.into());
    }
    let typed = [("email", email), ("next", next)];
    again(&session, &paths::login_then(next), problem, &typed).await
}

pub async fn set_up(
    State(state): State<AppState>,
    session: Session,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let services = &state.services;
    if accounts::any_user(services.database.writer()).await? {
        return Err(Problem::not_found("page").into());
    }
    let token = fields.remove("token").unwrap_or_default();
    let password = fields.remove("password").unwrap_or_default();
    let address = paths::with_query(paths::SETUP, &[("token", token.clone())]);
    if !state.services.vault.takes(SETUP, &token) {
        let detail = "This set-up address is not the one that the server printed when it started. Open that one.";
        let problem = Problem::new(403, "Wrong set-up address", detail);
        return refused(&session, &address, problem.into(), fields).await;
    }
    match first_account(services, &fields, &password).await {
        Ok(signed_in) => {
            let began = person::begin(&session, &signed_in, false).await;
            began.map_err(session_failed)?;
            Ok(see("/"))
        }
        Err(error) => refused(&session, &address, error, fields).await,
    }
}

/// The shop's settings come first: if they cannot be used, there is no account yet that would close the set-up.
async fn first_account(services: &Services, fields: &Fields, password: &str) -> Result<SignedIn, Error> {
    let email = field(fields, "email");
    let present = settings::load(services.reader(), &services.config).await?;
    let mut said = fields.clone();
    // Blank is what the server is set to.
    said.retain(|name, value| name != "currency" || !value.trim().is_empty());
    let shop = shop_of(present, &said)?;
    let new = NewUser {
        email,
        password,
        role: Role::Admin,
    };
    let actor = Actor::from(email);
    settings::save(&services.database, &services.config, &shop, &actor).await?;
    accounts::create_user(&services.database, &services.passwords, new).await
}

pub async fn sign_out(
    State(state): State<AppState>,
    caller: Option<Extension<Caller>>,
    actor: Option<Extension<Actor>>,
    session: Session,
) -> Result<Response, Refusal> {
    // First: who leaves has left, even where the log cannot be written. A stranger, or a program, was not signed in.
    session.flush().await.map_err(session_failed)?;
    if let (Some(Extension(Caller::User(user))), Some(Extension(actor))) = (caller, actor) {
        accounts::note_sign_out(&state.services.database, &user, &actor).await?;
    }
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
    // People see what their file would do before it does it.
    let taken = take_in(upload, None, Some(StopsAt::Match)).await;
    if !is_form {
        return taken.map(accepted);
    }
    match taken {
        Ok(import) => Ok(see(&paths::import(import.job_id))),
        Err(Refusal(problem)) => again(&session, paths::NEW_IMPORT, problem, &[]).await,
    }
}

pub async fn cancel_import(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    match imports::cancel(&state.services, import, &actor).await {
        Ok(import) if import.plan.is_some() && import.started_at.is_none() => {
            say(&session, "Nothing was changed").await?;
            Ok(see(paths::PRODUCTS))
        }
        Ok(import) if import.kind.has_file() && import.step != ImportStep::Apply => {
            say(&session, "Nothing was changed").await?;
            Ok(see(paths::IMPORTS))
        }
        // It was over before the wish arrived: its page says how it ended.
        Ok(_) => Ok(see(&paths::import(import))),
        Err(Error::Refused(problem)) if problem.status == 409 => Ok(see(&paths::import(import))),
        Err(error) => Err(error.into()),
    }
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

/// A refusal goes back to the form, with what was typed; what is not there, and what is our fault, is answered as it is.
pub(super) async fn refused(
    session: &Session,
    address: &str,
    error: Error,
    typed: Fields,
) -> Result<Response, Refusal> {
    let typed: Vec<(&str, &str)> = typed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    match error {
        Error::Refused(problem) if problem.status != 404 => again(session, address, problem, &typed).await,
        other => Err(other.into()),
    }
}

pub(super) fn session_failed(error: tower_sessions::session::Error) -> Refusal {
    Refusal::from(Error::Stored(format!("session: {error}")))
}

/// Only addresses of this site: anything else could lead people away.
pub(super) fn own_address(next: &str) -> &str {
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
