//! Schedules: which files are fetched when, and how it went.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::audit::Actor;
use stockroom::schedules;
use stockroom::services::Services;

use super::bodies::Body;
use super::params::{self, PageParams, Params, id};
use super::respond::Refusal;
use super::schedule_bodies::{self as bodies, ScheduleBody};
use super::schedule_views::{RunView, ScheduleView};
use super::uploads::idempotency_key;
use super::views::{PageView, ProblemBody};

/// Schedules, the newest first.
#[utoipa::path(get, path = "/schedules", tag = "schedules", params(PageParams),
    responses((status = 200, body = PageView<ScheduleView>), (status = 400, body = ProblemBody)))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<ScheduleView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(schedules::list(services.reader(), &page).await?.into()))
}

/// One schedule.
#[utoipa::path(get, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path)),
    responses((status = 200, body = ScheduleView), (status = 404, body = ProblemBody)))]
pub async fn get(
    State(services): State<Services>,
    Path(schedule): Path<String>,
) -> Result<Json<ScheduleView>, Refusal> {
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::get(services.reader(), id).await?.into()))
}

/// Adds a schedule. Its first run is at its next time; `POST …/run` begins one at once.
#[utoipa::path(post, path = "/schedules", tag = "schedules", request_body = ScheduleBody,
    responses((status = 201, body = ScheduleView), (status = 400, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
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

/// Replaces a schedule. Its runs stay.
#[utoipa::path(put, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path)), request_body = ScheduleBody,
    responses((status = 200, body = ScheduleView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
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

/// Changes what is given.
#[utoipa::path(patch, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path)), request_body = ScheduleBody,
    responses((status = 200, body = ScheduleView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
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

/// Deletes a schedule with its runs. The imports that they made stay.
#[utoipa::path(delete, path = "/schedules/{id}", tag = "schedules", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(schedule): Path<String>,
) -> Result<StatusCode, Refusal> {
    schedules::delete(&services, id(&schedule, "schedule")?, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins a run now, also of a schedule that is paused.
#[utoipa::path(post, path = "/schedules/{id}/run", tag = "schedules", params(("id" = i64, Path)),
    responses((status = 202, body = RunView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
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

/// Runs of a schedule, the newest first; they are kept for 90 days.
#[utoipa::path(get, path = "/schedules/{id}/runs", tag = "schedules", params(("id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<RunView>), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn runs(
    State(services): State<Services>,
    Path(schedule): Path<String>,
    params: Params,
) -> Result<Json<PageView<RunView>>, Refusal> {
    let page = params::read(params, params::page)?;
    let id = id(&schedule, "schedule")?;
    Ok(Json(schedules::runs(services.reader(), id, &page).await?.into()))
}
