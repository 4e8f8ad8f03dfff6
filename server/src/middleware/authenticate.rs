//! Who is asking: a person with a session or a program with a key. Everything that is not listed as open needs one of them.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stockroom::accounts::{self, KnownKey, Role, User};
use stockroom::audit::Actor;
use stockroom::error::Result;
use tower_sessions::Session;

use super::address::ClientAddress;
use super::turned_away;
use crate::api::respond::Refusal;
use crate::session::person;
use crate::state::{AppState, Policy};

/// Who asks, in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    User(User),
    ApiKey(KnownKey),
}

impl Caller {
    /// As it stands beside what they did.
    pub fn name(&self) -> String {
        match self {
            Self::User(user) => user.email.clone(),
            Self::ApiKey(key) => format!("API key {}", key.name),
        }
    }

    pub fn role(&self) -> Role {
        match self {
            Self::User(user) => user.role,
            Self::ApiKey(key) => key.role,
        }
    }
}

/// Answered for everybody. Sign-in, set-up and invitations guard themselves; the rest shows nothing of the shop.
const OPEN: [&str; 9] = [
    "/login",
    "/setup",
    "/invite",
    "/preferences/theme",
    "/favicon.ico",
    "/favicon.svg",
    "/health/live",
    "/health/ready",
    "/logout",
];
const OPEN_FOLDERS: [&str; 3] = ["/pkg/", "/api/health/", "/api/v1/health/"];

/// Finds out who is asking, and says to whoever does something who does it.
pub async fn identify(State(state): State<AppState>, session: Session, mut request: Request, next: Next) -> Response {
    let from = request
        .extensions()
        .get::<ClientAddress>()
        .map(|from| from.0.to_string());
    // Whoever watches over the process is answered whatever the database does.
    if request.uri().path().starts_with("/health/") {
        return next.run(request).await;
    }
    if may_read_metrics(&state.policy, &request) {
        request.extensions_mut().insert(Admitted);
        return next.run(request).await;
    }
    match caller(&state, &session, request.headers(), from.as_deref()).await {
        Ok(Asking::Somebody(caller)) => {
            let actor = Actor {
                name: caller.name(),
                address: from,
            };
            request.extensions_mut().insert(actor);
            request.extensions_mut().insert(caller);
        }
        Ok(Asking::Stranger(stranger)) => {
            request.extensions_mut().insert(stranger);
        }
        Err(error) => return Refusal::from(error).into_response(),
    }
    next.run(request).await
}

/// Lets nobody in who is nobody, but for what is open to everybody.
pub async fn turn_away(session: Session, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let is_admitted = extensions.get::<Caller>().is_some() || extensions.get::<Admitted>().is_some();
    if is_admitted || is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let stranger = extensions.get::<Stranger>().copied().unwrap_or(Stranger::Nobody);
    turned_away::answer(stranger, &session, request).await
}

/// Somebody who need not say who he is, in the request's extensions.
#[derive(Clone, Copy, Debug)]
struct Admitted;

/// Whether the metrics are asked for by somebody who needs no key for that.
fn may_read_metrics(policy: &Policy, request: &Request) -> bool {
    let authorization = request.headers().get(AUTHORIZATION);
    let token = authorization.and_then(|text| bearer(text.to_str().ok()?));
    let is_right = token
        .zip(policy.metrics_token.as_deref())
        .is_some_and(|(sent, right)| is_same(sent, right));
    request.uri().path() == "/metrics" && (policy.metrics_open || is_right)
}

/// Takes the same time wherever two texts of one length differ.
fn is_same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && differences == 0
}

pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || OPEN_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// Who is asking.
enum Asking {
    Somebody(Caller),
    Stranger(Stranger),
}

const NOBODY: Asking = Asking::Stranger(Stranger::Nobody);
const NO_LONGER: Asking = Asking::Stranger(Stranger::NoLonger);

/// Who asks without being anybody, in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    Nobody,
    /// Somebody whose session is over.
    NoLonger,
}

async fn caller(state: &AppState, session: &Session, headers: &HeaderMap, from: Option<&str>) -> Result<Asking> {
    let services = &state.services;
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let key = authorization.to_str().ok().and_then(bearer);
        let Some(key) = key else { return Ok(NOBODY) };
        let found = accounts::use_api_key(&services.database, key, from).await?;
        return Ok(found.map_or(NOBODY, |key| Asking::Somebody(Caller::ApiKey(key))));
    }
    // A session that cannot be read is nobody's.
    let person = match person::look(session, &state.policy).await {
        Ok(person::State::Known(person)) => person,
        Ok(person::State::Over) => return Ok(NO_LONGER),
        Ok(person::State::Nobody) | Err(_) => return Ok(NOBODY),
    };
    let user = accounts::find_user(services.reader(), person.id, person.epoch).await?;
    Ok(user.map_or(NO_LONGER, |user| Asking::Somebody(Caller::User(user))))
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Whether a browser wants to show the answer.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
