//! Who is asking: a person with a session or a program with a key. Everything that is not listed as open needs one of them.

use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use stockroom::accounts::{self, Role, User};
use stockroom::error::Result;
use stockroom::problem::Problem;
use tower_sessions::Session;

use crate::api::respond::Refusal;
use crate::session::USER;
use crate::state::AppState;

/// Who asks, in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    User(User),
    /// The key's name and role.
    ApiKey(String, Role),
}

impl Caller {
    /// As it stands beside what they did.
    pub fn name(&self) -> String {
        match self {
            Self::User(user) => user.email.clone(),
            Self::ApiKey(name, _) => format!("API key {name}"),
        }
    }

    pub fn role(&self) -> Role {
        match self {
            Self::User(user) => user.role,
            Self::ApiKey(_, role) => *role,
        }
    }
}

/// Answered for everybody. Sign-in and set-up guard themselves; the rest shows nothing of the shop.
const OPEN: [&str; 8] = [
    "/login",
    "/setup",
    "/preferences/theme",
    "/favicon.ico",
    "/favicon.svg",
    "/health/live",
    "/health/ready",
    "/logout",
];
const OPEN_FOLDERS: [&str; 3] = ["/pkg/", "/api/health/", "/api/v1/health/"];

/// Finds out who is asking and turns away those who are nobody.
pub async fn identify(State(state): State<AppState>, session: Session, mut request: Request, next: Next) -> Response {
    match caller(&state, &session, request.headers()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) if is_open(request.uri().path()) => {}
        Ok(None) => return turn_away(&request),
        Err(error) => return Refusal::from(error).into_response(),
    }
    next.run(request).await
}

pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || OPEN_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

async fn caller(state: &AppState, session: &Session, headers: &HeaderMap) -> Result<Option<Caller>> {
    let db = state.services.reader();
    if let Some(authorization) = headers.get(AUTHORIZATION) {
        let key = authorization.to_str().ok().and_then(bearer);
        let Some(key) = key else { return Ok(None) };
        let found = accounts::user_of_api_key(db, key).await?;
        return Ok(found.map(|(name, role)| Caller::ApiKey(name, role)));
    }
    // A session that cannot be read is nobody's.
    let Ok(Some(id)) = session.get::<i64>(USER).await else {
        return Ok(None);
    };
    Ok(accounts::find_user(db, id).await?.map(Caller::User))
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, key) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// A person who looks at a page is led to the sign-in and back; everybody else is told.
fn turn_away(request: &Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && wants_html(request.headers()) && !request.uri().path().starts_with("/api/") {
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::to(&app::paths::login_then(here)).into_response();
    }
    let detail = "Sign in, or send an API key as “Authorization: Bearer …”.";
    let mut response = Refusal(Problem::new(401, "Not signed in", detail)).into_response();
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Whether a browser wants to show the answer.
pub fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}
