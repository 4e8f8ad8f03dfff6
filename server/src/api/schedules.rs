//! Schedules: which files are fetched when, and how it went.

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::audit::Actor;
use stockroom::schedules;
use stockroom::services::Services;

use super::bodies::Body;
use super::param_shapes::{IdempotencyKey, PageParams};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::schedule_bodies::{self as bodies, ScheduleBody, ScheduleChangesBody};
use super::schedule_views::{RunView, ScheduleView};
use super::uploads::idempotency_key;
use super::views::PageView;

/// Lists schedules.
///
/// The newest first.
#[utoipa::path(get, path = "/schedules", tag = "schedules", operation_id = "list_schedules",
    params(PageParams),
    responses((status = 200, body = PageView<ScheduleView>, description = "A page of schedules")))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<ScheduleView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(schedules::list(services.reader(), &page).await?.into()))
}

/// Gives one schedule.
///
/// How it is set, when it runs next, and how its last run went. Of its header only the name is shown.
#[utoipa::path(get, path = "/schedules/{id}", tag = "schedules", operation_id = "get_schedule",
    params(("id" = i64, Path)),
    responses((status = 200, body = ScheduleView, description = "The schedule")))]
pub async fn get(
    State(services): State<Services>,
    Path(schedule): Path<String>,
) -> Result<Json<ScheduleView>, Refusal> {
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::get(services.reader(), id).await?.into()))
}

/// Adds a schedule.
///
/// Its first run is at its next time; `POST /schedules/{id}/run` begins one at once. With an `Idempotency-Key`, asking again adds nothing.
#[utoipa::path(post, path = "/schedules", tag = "schedules", operation_id = "create_schedule",
    params(IdempotencyKey), request_body = ScheduleBody,
    responses((status = 201, body = ScheduleView, description = "The schedule as it was added"),
        (status = 409, description = "There is a schedule of that name, or there are a hundred already")))]
pub async fn create(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let text = bodies::schedule(body)?;
    let key = idempotency_key(&actor, &headers)?;
    let schedule = schedules::add(&services, &text, key.as_deref(), &actor).await?;
    let address = HeaderValue::from_str(&format!("/api/v1/schedules/{}", schedule.id));
    let mut response = (StatusCode::CREATED, Json(ScheduleView::from(schedule))).into_response();
    if let Ok(address) = address {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Replaces a schedule.
///
/// What the body lacks gets its default. Its runs stay, and one that has begun goes on as it was.
#[utoipa::path(put, path = "/schedules/{id}", tag = "schedules", operation_id = "replace_schedule",
    params(("id" = i64, Path)), request_body = ScheduleBody,
    responses((status = 200, body = ScheduleView, description = "The schedule as it is now"),
        (status = 409, description = "There is a schedule of that name already")))]
pub async fn replace(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(schedule): Path<String>,
    body: Body,
) -> Result<Json<ScheduleView>, Refusal> {
    let text = bodies::schedule(body)?.or_default();
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::update(&services, id, &text, &actor).await?.into()))
}

/// Changes some fields of a schedule.
///
/// What the body lacks stays as it is. `enabled` pauses it, and lets it run again.
#[utoipa::path(patch, path = "/schedules/{id}", tag = "schedules", operation_id = "change_schedule",
    params(("id" = i64, Path)), request_body = ScheduleChangesBody,
    responses((status = 200, body = ScheduleView, description = "The schedule as it is now"),
        (status = 409, description = "There is a schedule of that name already")))]
pub async fn change(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(schedule): Path<String>,
    body: Body,
) -> Result<Json<ScheduleView>, Refusal> {
    let text = bodies::schedule_changes(body)?;
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::update(&services, id, &text, &actor).await?.into()))
}

/// Deletes a schedule.
///
/// With its runs. The imports that they made stay.
#[utoipa::path(delete, path = "/schedules/{id}", tag = "schedules", operation_id = "delete_schedule",
    params(("id" = i64, Path)),
    responses((status = 204, description = "It is gone")))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(schedule): Path<String>,
) -> Result<StatusCode, Refusal> {
    schedules::delete(&services, id(&schedule, "schedule")?, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a schedule now.
///
/// Also one that is paused. With an `Idempotency-Key`, asking again begins nothing.
#[utoipa::path(post, path = "/schedules/{id}/run", tag = "schedules", operation_id = "run_schedule",
    params(("id" = i64, Path), IdempotencyKey),
    responses((status = 202, body = RunView, description = "The run that begins"),
        (status = 409, description = "The schedule is running at this moment")))]
pub async fn run(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(schedule): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<RunView>), Refusal> {
    let key = idempotency_key(&actor, &headers)?;
    let id = id(&schedule, "schedule")?;
    let run = schedules::run_now(&services, id, key.as_deref(), &actor).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// Lists the runs of a schedule.
///
/// The newest first; they are kept for 90 days.
#[utoipa::path(get, path = "/schedules/{id}/runs", tag = "schedules", operation_id = "list_schedule_runs",
    params(("id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<RunView>, description = "A page of its runs")))]
pub async fn runs(
    State(services): State<Services>,
    Path(schedule): Path<String>,
    params: Params,
) -> Result<Json<PageView<RunView>>, Refusal> {
    let page = params::read(params, params::page)?;
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::runs(services.reader(), id, &page).await?.into()))
}
