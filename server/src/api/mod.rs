//! The REST API, described as it is written.
//!
//! Handlers are thin: parameters in, one call into the domain, a view out. The same router stands under `/api/v1` and `/api`.

mod bodies;
pub mod bulk;
pub mod catalogs;
pub mod corrections;
mod description;
pub mod docs;
pub mod downloads;
pub mod exports;
pub mod health;
pub mod import_views;
pub mod imports;
pub mod metrics;
pub mod monitoring;
mod monitoring_views;
mod param_shapes;
pub mod params;
pub mod pictures;
pub mod products;
pub mod respond;
pub mod resumable;
mod schedule_bodies;
pub mod schedule_views;
pub mod schedules;
mod shapes;
pub mod uploads;
pub mod views;
mod webhook_bodies;
pub mod webhook_views;
pub mod webhooks;

use axum::Router;
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::events;
use crate::state::AppState;

/// The routes below the prefix, and their description.
pub fn router() -> (Router<AppState>, Value) {
    let (router, description) = OpenApiRouter::with_openapi(description::Description::openapi())
        .routes(routes!(products::list, products::create, bulk::delete))
        .routes(routes!(bulk::delete_bulk))
        .routes(routes!(bulk::delete_selected))
        .routes(routes!(bulk::act))
        .routes(routes!(products::export))
        .routes(routes!(products::top))
        .routes(routes!(products::of_catalog))
        .routes(routes!(
            products::get,
            products::replace,
            products::change,
            products::delete
        ))
        .routes(routes!(products::restore))
        .routes(routes!(products::history))
        .routes(routes!(products::fields))
        .routes(routes!(pictures::of_product))
        .routes(routes!(pictures::bytes))
        .routes(routes!(catalogs::list, catalogs::create))
        .routes(routes!(
            catalogs::get,
            catalogs::replace,
            catalogs::change,
            catalogs::delete
        ))
        .merge(uploads::routes())
        .merge(resumable::routes())
        .merge(of_imports())
        .merge(of_webhooks())
        .merge(of_schedules())
        .routes(routes!(monitoring::get))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .split_for_parts();
    let router = router
        .fallback(respond::no_such_address)
        .method_not_allowed_fallback(respond::no_such_method);
    (router, description::complete(&description))
}

/// Imports once their files are there.
fn of_imports() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(imports::list))
        .routes(routes!(imports::get))
        .routes(routes!(imports::job))
        .routes(routes!(imports::cancel))
        .routes(routes!(imports::cancel_job))
        .routes(routes!(imports::apply))
        .routes(routes!(imports::undo))
        .routes(routes!(imports::undo_job))
        .routes(routes!(imports::changes))
        .routes(routes!(imports::problems))
        .routes(routes!(imports::problem_file))
        .routes(routes!(imports::problem_workbook))
        .routes(routes!(imports::file))
        .routes(routes!(imports::repeat))
        .routes(routes!(corrections::correct))
        .routes(routes!(events::import))
        .routes(routes!(events::progress))
}

/// Webhooks and their deliveries.
fn of_webhooks() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::list, webhooks::create))
        .routes(routes!(
            webhooks::get,
            webhooks::replace,
            webhooks::change,
            webhooks::delete
        ))
        .routes(routes!(webhooks::test))
        .routes(routes!(webhooks::logs))
        .routes(routes!(webhooks::delivery))
        .routes(routes!(webhooks::replay))
        .routes(routes!(webhooks::replay_failed))
        .routes(routes!(webhooks::rotate_secret))
}

/// Files that are fetched at their times.
fn of_schedules() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(
            schedules::get,
            schedules::replace,
            schedules::change,
            schedules::delete
        ))
        .routes(routes!(schedules::run))
        .routes(routes!(schedules::runs))
}
