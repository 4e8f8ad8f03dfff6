//! The Leptos pages and their server functions, with the one context that both are given.

pub mod edits;
pub mod forms;

use app::draft::FormDraft;
use app::request::Request as PageRequest;
use app::theme::Theme;
use axum::body::Body;
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
use tower_sessions::Session;

use crate::api::respond::Refusal;
use crate::middleware::authenticate::{Caller, wants_html};
use crate::session::{DRAFT, SAID};
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
    let draft = take_draft(&session, request.uri().path()).await;
    let said: Option<String> = session.remove(SAID).await.ok().flatten();
    let mut context = Asked::by(&request).context(&state, draft).await;
    context.said = said;
    let options = state.leptos.clone();
    let render = render_route_with_context(
        routes,
        move || provide_context(context.clone()),
        move || app::shell(options.clone()),
    );
    render(State(state), request).await
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let context = Asked::by(&request).context(&state, None).await;
    handle_server_fns_with_context(move || provide_context(context.clone()), request)
        .await
        .into_response()
}

/// Whatever is at no address: a page for people, a problem for programs.
pub async fn not_found(State(state): State<AppState>, request: Request<Body>) -> Response {
    if !wants_html(request.headers()) {
        return Refusal(Problem::not_found("resource")).into_response();
    }
    let context = Asked::by(&request).context(&state, None).await;
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

/// What of a request its page must know. A request itself cannot be kept across an await: its body is not `Sync`.
struct Asked {
    address: String,
    user: Option<User>,
    theme: Theme,
}

impl Asked {
    fn by(request: &Request) -> Self {
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
    fn context(self, state: &AppState, draft: Option<FormDraft>) -> impl Future<Output = PageRequest> + Send + use<> {
        let services = state.services.clone();
        async move {
            // If that cannot be found out, nobody is let in by it.
            let setup_open = self.user.is_none() && matches!(accounts::any_user(services.reader()).await, Ok(false));
            PageRequest {
                services,
                address: self.address,
                user: self.user,
                draft,
                theme: self.theme,
                setup_open,
                said: None,
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
