//! Every address, on one page.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::middleware::{
    address, authenticate, authorize, bodies, compress, cors, headers, limits, observe, people, same_origin, webhooks,
};
use crate::state::AppState;
use crate::{api, assets, pages, session};

/// What is served, and how many connections at a time.
pub struct Site {
    pub router: Router,
    pub connection_limit: usize,
    /// How long the headers of a request may take.
    pub headers_within: std::time::Duration,
}

/// The whole site.
#[must_use]
pub fn router(state: AppState) -> Site {
    let (api, description) = api::router();
    let site = Router::new()
        // Pages, and the forms on them.
        .merge(pages::router(&state))
        .merge(forms())
        .route("/pictures/{id}", get(api::pictures::bytes))
        // REST, under both of its prefixes, and its description.
        .nest("/api/v1", api.clone())
        .nest("/api", api)
        .route("/ingest", post(api::uploads::ingest).layer(DefaultBodyLimit::disable()))
        .merge(api::docs::router(description))
        .merge(health())
        .merge(assets::router(&state.leptos))
        .fallback(pages::not_found);
    guarded(site, state)
}

/// What a node that only works in the background answers: those who watch over it.
#[must_use]
pub fn of_worker(state: AppState) -> Site {
    guarded(health().fallback(api::respond::no_such_address), state)
}

/// For those who watch over the process.
fn health() -> Router<AppState> {
    Router::new()
        .route("/health/live", get(api::health::live))
        .route("/health/ready", get(api::health::ready))
        .route("/metrics", get(api::metrics::metrics))
}

/// Puts what every request passes around a site.
fn guarded(site: Router<AppState>, state: AppState) -> Site {
    let cors = cors::rules(&state.policy.cors_origins);
    Site {
        connection_limit: state.policy.connection_limit,
        headers_within: state.policy.headers_within,
        router: site
            // From the inside out: a request passes the last of these first.
            .layer(from_fn_with_state(state.clone(), webhooks::watch))
            .layer(from_fn(authorize::check))
            .layer(from_fn(same_origin::check))
            .layer(from_fn(bodies::answer))
            .layer(from_fn_with_state(state.clone(), people::answer))
            .layer(from_fn(authenticate::turn_away))
            .layer(from_fn_with_state(state.clone(), limits::by_caller))
            .layer(from_fn_with_state(state.clone(), authenticate::identify))
            .layer(from_fn_with_state(state.clone(), limits::by_address))
            .layer(from_fn_with_state(state.clone(), address::find))
            .layer(session::layer(&state))
            .layer(from_fn_with_state(cors, cors::answer))
            .layer(from_fn_with_state(state.clone(), bodies::watch))
            .layer(from_fn(headers::secure))
            .layer(compress::layer())
            .layer(CatchPanicLayer::custom(api::respond::panicked))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(from_fn_with_state(state.clone(), observe::watch))
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .with_state(state),
    }
}

/// What the forms of the pages are sent to.
fn forms() -> Router<AppState> {
    Router::new()
        .merge(forms_of_anybody())
        .merge(forms_of_imports())
        .route("/products/bulk", post(pages::bulk::act))
        .route("/products", post(pages::edits::create_product))
        .route("/products/{id}", post(pages::edits::update_product))
        .route("/products/{id}/delete", post(pages::edits::delete_product))
        .route("/products/{id}/restore", post(pages::edits::restore_product))
        .route("/products/{id}/purge", post(pages::edits::purge_product))
        .route("/products/{id}/row", post(pages::edits::change_row))
        .route("/pictures/{id}/fetch", post(pages::pictures::fetch_again))
        .route("/catalogues", post(pages::edits::create_catalogue))
        .route("/catalogues/{id}", post(pages::edits::rename_catalogue))
        .route("/catalogues/{id}/delete", post(pages::bulk::delete_catalogue))
        .route("/webhooks", post(pages::webhooks::create))
        .route("/webhooks/{id}", post(pages::webhooks::update))
        .route("/webhooks/{id}/enable", post(pages::webhooks::enable))
        .route("/webhooks/{id}/disable", post(pages::webhooks::disable))
        .route("/webhooks/{id}/delete", post(pages::webhooks::delete))
        .route("/webhooks/{id}/reveal", post(pages::webhooks::reveal_secret))
        .route("/webhooks/{id}/secret", post(pages::webhooks::rotate_secret))
        .route("/webhooks/{id}/test", post(pages::webhooks::test))
        .route("/webhooks/{id}/replay", post(pages::webhooks::replay))
        .route(
            "/webhooks/{id}/replays/{replay}/cancel",
            post(pages::webhooks::cancel_replay),
        )
        .route(
            "/webhooks/{id}/deliveries/{delivery}/replay",
            post(pages::webhooks::send_again),
        )
        .route("/imports/schedules", post(pages::schedules::create))
        .route("/imports/schedules/{id}", post(pages::schedules::update))
        .route("/imports/schedules/{id}/run", post(pages::schedules::run))
        .route("/imports/schedules/{id}/pause", post(pages::schedules::pause))
        .route("/imports/schedules/{id}/resume", post(pages::schedules::resume))
        .route("/imports/schedules/{id}/delete", post(pages::schedules::delete))
        .route("/settings/password", post(pages::staff::change_password))
        .route("/settings/preferences", post(pages::settings_forms::save_preferences))
        .route(
            "/settings/preferences/columns",
            post(pages::settings_forms::save_columns),
        )
        .route("/settings/shop", post(pages::settings_forms::save_shop))
        .route("/settings/users", post(pages::staff::invite))
        .route("/settings/users/{id}", post(pages::staff::change_user))
        .route("/settings/users/{id}/link", post(pages::staff::renew_link))
        .route("/settings/users/{id}/disable", post(pages::staff::disable_user))
        .route("/settings/users/{id}/enable", post(pages::staff::enable_user))
        .route("/settings/api-keys", post(pages::staff::create_api_key))
        .route("/settings/api-keys/{id}/revoke", post(pages::staff::revoke_api_key))
        .route("/views", post(pages::settings_forms::save_view))
        .route("/views/{id}/delete", post(pages::settings_forms::delete_view))
        .route("/audit/export", get(pages::settings_forms::export_audit))
        .route("/exports/{word}", get(api::exports::progress))
}

/// What may be sent by whoever has not signed in: so little that thousands may do it at once.
fn forms_of_anybody() -> Router<AppState> {
    const FORM_MAX: usize = 16 * 1024;
    Router::new()
        .route("/login", post(pages::forms::sign_in))
        .route("/setup", post(pages::forms::set_up))
        .route("/invite", post(pages::staff::accept_invitation))
        .route("/logout", post(pages::forms::sign_out))
        .route("/preferences/theme", post(pages::forms::choose_theme))
        .layer(DefaultBodyLimit::max(FORM_MAX))
}

/// Files may be large, and so may be the cells of rows that are corrected.
fn forms_of_imports() -> Router<AppState> {
    Router::new()
        .route(
            "/imports",
            post(pages::forms::upload).layer(DefaultBodyLimit::disable()),
        )
        .route("/imports/{id}/cancel", post(pages::forms::cancel_import))
        .route("/imports/{id}/match", post(pages::imports::match_columns))
        .route("/imports/{id}/apply", post(pages::bulk::apply))
        .route("/imports/{id}/undo", post(pages::bulk::undo))
        .route("/imports/{id}/repeat", post(pages::imports::repeat))
        .route(
            "/imports/{id}/correct",
            post(pages::corrections::correct).layer(DefaultBodyLimit::max(pages::corrections::FORM_MAX)),
        )
}
