//! Every address, on one page.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::middleware::{authenticate, authorize, headers, same_origin};
use crate::state::AppState;
use crate::{api, assets, pages, session};

/// What is served, and how many connections at a time.
pub struct Site {
    pub router: Router,
    pub connection_limit: usize,
}

/// The whole site.
#[must_use]
pub fn router(state: AppState) -> Site {
    let connection_limit = state.policy.connection_limit;
    let (api, description) = api::router();

    let site = Router::new()
        // Pages, and the forms on them.
        .route("/", get(async || Redirect::to("/products")))
        .merge(pages::router(&state))
        .route("/login", post(pages::forms::sign_in))
        .route("/setup", post(pages::forms::set_up))
        .route("/logout", post(pages::forms::sign_out))
        .route("/preferences/theme", post(pages::forms::choose_theme))
        .route(
            "/imports",
            post(pages::forms::upload).layer(DefaultBodyLimit::disable()),
        )
        .route("/imports/{id}/cancel", post(pages::forms::cancel_import))
        .route("/products", post(pages::edits::create_product))
        .route("/products/{id}", post(pages::edits::update_product))
        .route("/products/{id}/delete", post(pages::edits::delete_product))
        .route("/products/{id}/restore", post(pages::edits::restore_product))
        .route("/catalogues", post(pages::edits::create_catalogue))
        .route("/catalogues/{id}", post(pages::edits::rename_catalogue))
        .route("/catalogues/{id}/delete", post(pages::edits::delete_catalogue))
        // REST, under both of its prefixes, and its description.
        .nest("/api/v1", api.clone())
        .nest("/api", api)
        .route(
            "/ingest",
            post(api::uploads::upload_products).layer(DefaultBodyLimit::disable()),
        )
        .merge(api::docs::router(description))
        // For those who watch over the process.
        .route("/health/live", get(api::health::live))
        .route("/health/ready", get(api::health::ready))
        .merge(assets::router(&state.leptos))
        .fallback(pages::not_found);

    let router = site
        // From the inside out: a request passes the last of these first.
        .layer(from_fn(authorize::check))
        .layer(from_fn(same_origin::check))
        .layer(from_fn_with_state(state.clone(), authenticate::identify))
        .layer(session::layer(&state))
        .layer(from_fn(headers::secure))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(api::respond::panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
                .on_response(DefaultOnResponse::new().level(Level::DEBUG)),
        )
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(state);
    Site {
        router,
        connection_limit,
    }
}
