//! The Leptos pages and their server functions, with the one context that both are given.

pub mod bulk;
pub mod corrections;
pub mod edits;
pub mod forms;
pub mod imports;
pub mod pictures;
pub mod schedules;
pub mod settings_forms;
pub mod staff;
pub mod webhooks;

use std::collections::BTreeMap;

use app::draft::FormDraft;
use app::request::Request as PageRequest;
use app::revealed::{Revealed, RevealedKind};
use app::theme::Theme;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{Router, get};
use leptos::prelude::provide_context;
use leptos_axum::{
    AxumRouteListing, LeptosRoutes as _, generate_route_list, handle_server_fns_with_context,
    render_app_async_with_context, render_route_with_context,
};
use stockroom::accounts::{self, User};
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::settings::{self, ShopSettings};
use tower_sessions::Session;

use crate::api::respond::Refusal;
use crate::middleware::authenticate::{Caller, wants_html};
use crate::session::{DRAFT, REVEALED, SAID};
use crate::state::AppState;

/// All pages of the app, and its server functions.
pub fn router(state: &AppState) -> Router<AppState> {
    let routes = generate_route_list(app::App);
    let listed = routes.clone();
    let page =
        move |state: State<AppState>, session: Session, request: Request| page(state, session, request, listed.clone());
    Router::new()
        .leptos_routes_with_handler(routes, get(page))
        .route("/actions/{*name}", get(server_function))
        .with_state::<AppState>(state.clone())
}

async fn page(
    State(state): State<AppState>,
    session: Session,
    request: Request,
    routes: Vec<AxumRouteListing>,
) -> Response {
    let mut context = Asked::by(&request).context(&state).await;
    context.draft = take_draft(&session, request.uri().path()).await;
    context.said = session.remove(SAID).await.ok().flatten();
    context.revealed = revealed(&session, &state.services).await;
    let told = (context.said.clone(), context.draft.clone());
    let options = state.leptos.clone();
    let render = render_route_with_context(
        routes,
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    let response = render(State(state), request).await;
    if response.status().is_redirection() {
        keep(&session, told).await;
    }
    response
}

/// What is told once is told by the page that is shown, not by the way to it.
async fn keep(session: &Session, (said, draft): (Option<String>, Option<FormDraft>)) {
    // If they cannot be kept the page comes without them.
    if let Some(said) = said {
        drop(session.insert(SAID, said).await);
    }
    if let Some(draft) = draft {
        drop(session.insert(DRAFT, draft).await);
    }
}

/// The secret that this page shows, if it shows one. That of a webhook is unsealed only now.
async fn revealed(session: &Session, services: &Services) -> Option<Revealed> {
    let mut revealed: Revealed = session.remove(REVEALED).await.ok().flatten()?;
    if revealed.kind == RevealedKind::SigningSecret {
        let webhook = revealed.name.parse().ok()?;
        revealed.secret = stockroom::webhooks::secret(services, webhook).await.ok()?.to_text();
    }
    Some(revealed)
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let context = Asked::by(&request).context(&state).await;
    let response = handle_server_fns_with_context(move || provide_context(context.clone()), request).await;
    with_its_own_status(response.into_response()).await
}

/// Bytes of a problem.
const PROBLEM_MAX: usize = 64 * 1024;

/// Whatever goes wrong before a function begins, such as an argument that cannot be read, is answered as a failure of ours by default; the
/// problem in the body says better.
async fn with_its_own_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, PROBLEM_MAX).await else {
        return parts.status.into_response();
    };
    let problem = serde_json::from_slice::<Problem>(&body).ok();
    if let Some(status) = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok()) {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(body))
}

/// Whatever is at no address: a page for people, a problem for programs.
pub async fn not_found(State(state): State<AppState>, request: Request<Body>) -> Response {
    if !wants_html(request.headers()) {
        return Refusal(Problem::not_found("resource")).into_response();
    }
    let context = Asked::by(&request).context(&state).await;
    let options = state.leptos.clone();
    let render = render_app_async_with_context(
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// A page that says what is wrong, in place of the one that was asked for.
pub async fn problem_page(state: &AppState, asked: Asked, problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut request = Request::new(Body::empty());
    if let Ok(address) = asked.address.parse() {
        *request.uri_mut() = address;
    }
    let mut context = asked.context(state).await;
    context.failed = Some(problem);
    let options = state.leptos.clone();
    let render = render_app_async_with_context(
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    let mut response = render(request).await.into_response();
    *response.status_mut() = status;
    response
}

/// The page of a form that was refused, with what was typed: the answer to the form itself, for what is too much to be kept anywhere.
pub async fn refused_form(
    state: &AppState,
    asked: Asked,
    problem: Problem,
    values: BTreeMap<String, String>,
) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let mut request = Request::new(Body::empty());
    if let Ok(address) = asked.address.parse() {
        *request.uri_mut() = address;
    }
    let path = request.uri().path().to_owned();
    let mut context = asked.context(state).await;
    context.draft = Some(FormDraft { path, problem, values });
    let options = state.leptos.clone();
    let render = render_app_async_with_context(
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    let mut response = render(request).await.into_response();
    // What the page cannot show either says so by its own status.
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// What of a request its page must know. A request itself cannot be kept across an await: its body is not `Sync`.
pub struct Asked {
    address: String,
    user: Option<User>,
    theme: Theme,
}

impl Asked {
    pub fn by(request: &Request) -> Self {
        let user = request.extensions().get::<Caller>().and_then(|caller| match caller {
            Caller::User(user) => Some(user.clone()),
            Caller::ApiKey(..) => None,
        });
        Self {
            address: request
                .uri()
                .path_and_query()
                .map_or("/", |address| address.as_str())
                .to_owned(),
            user,
            theme: theme(request.headers()),
        }
    }

    /// The context of a page, made while nothing of the request is borrowed.
    fn context(self, state: &AppState) -> impl Future<Output = PageRequest> + Send + use<> {
        let services = state.services.clone();
        let public_address = state.policy.public_address.clone();
        async move {
            // If that cannot be found out, nobody is let in by it.
            let setup_open = self.user.is_none() && matches!(accounts::any_user(services.reader()).await, Ok(false));
            let shop = settings::load(services.reader(), &services.config).await;
            let shop = shop.unwrap_or_else(|_| ShopSettings::of_currency(&services.config.currency));
            PageRequest {
                services,
                public_address,
                shop,
                address: self.address,
                user: self.user,
                draft: None,
                theme: self.theme,
                setup_open,
                said: None,
                revealed: None,
                failed: None,
            }
        }
    }
}

fn theme(headers: &HeaderMap) -> Theme {
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let chosen = cookies.filter_map(|cookie| cookie.trim().strip_prefix("theme=")).next();
    chosen.map_or(Theme::System, Theme::from_cookie)
}

/// What a refused form left for the page at this path.
async fn take_draft(session: &Session, path: &str) -> Option<FormDraft> {
    let draft: Option<FormDraft> = session.get(DRAFT).await.ok().flatten();
    let draft = draft.filter(|draft| draft.path == path)?;
    // If it cannot be removed it is shown once more.
    drop(session.remove_value(DRAFT).await);
    Some(draft)
}
