//! What the forms of the schedules' pages post to.

use app::draft::KEPT;
use app::paths;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::error::{Error, Result as Done};
use stockroom::imports::options::ImportOptions;
use stockroom::problem::Problem;
use stockroom::schedules;
use stockroom::schedules::draft::{ScheduleText, WhenText};
use tower_sessions::Session;

use super::edits::look_up_catalogue;
use super::forms::{Fields, field, refused, say, see};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

/// Names and values as the form sends them, `days` once for each box that is ticked.
type Pairs = Vec<(String, String)>;

/// The same with each name once, as the form shows it again.
fn once(pairs: Pairs) -> Fields {
    let mut fields = Fields::from([("days".to_owned(), String::new())]);
    for (name, value) in pairs {
        match fields.get_mut(&name).filter(|_| name == "days") {
            Some(days) if days.is_empty() => *days = value,
            Some(days) => *days = format!("{days},{value}"),
            None => drop(fields.insert(name, value)),
        }
    }
    fields
}

/// What a form refuses is refused as input, whatever the address of a list would say.
fn as_input(mut problem: Problem) -> Problem {
    problem.status = 422;
    problem
}

async fn read(state: &AppState, fields: &Fields) -> Done<ScheduleText> {
    let mut fields = fields.clone();
    look_up_catalogue(&state.services, &mut fields, "catalog_id", "").await?;
    Ok(text(&mut fields)?)
}

fn text(fields: &mut Fields) -> Result<ScheduleText, Problem> {
    let kind = field(fields, "kind").to_owned();
    // A file of catalogues has no options; those that the form shows beside it are not meant.
    let options = match kind.as_str() {
        "catalogs" => ImportOptions::default(),
        _ => ImportOptions::take(fields).map_err(as_input)?,
    };
    let given = |name: &str| Some(field(fields, name).to_owned());
    Ok(ScheduleText {
        name: given("name"),
        address: given("address"),
        header: Some(header(field(fields, "header"), field(fields, "header_value"))),
        sheet: given("sheet"),
        when: Some(when(fields)?),
        after_check: given("after_check"),
        problem_percent: asked::number(&mut fields.clone(), "problem_percent").map_err(as_input)?,
        kind: Some(kind),
        options: Some(options),
        enabled: None,
    })
}

/// A value that is not shown stays as it is.
fn header(name: &str, value: &str) -> Option<(String, Option<String>)> {
    let (name, value) = (name.trim(), value.trim());
    let is_blank = name.is_empty() && (value.is_empty() || value == KEPT);
    (!is_blank).then(|| (name.to_owned(), (value != KEPT).then(|| value.to_owned())))
}

/// What is kept of a form that was refused: a key must be typed again.
fn without_key(mut fields: Fields) -> Fields {
    fields.retain(|name, value| name != "header_value" || value == KEPT);
    fields
}

fn when(fields: &Fields) -> Result<WhenText, Problem> {
    let days = || {
        let days = field(fields, "days").split(',').filter(|day| !day.is_empty());
        days.map(str::to_owned).collect()
    };
    match field(fields, "repeat") {
        "every" => {
            let number: Option<i64> = asked::number(&mut fields.clone(), "every").map_err(as_input)?;
            let unit = if field(fields, "unit") == "hours" { 60 } else { 1 };
            Ok(WhenText::Every(number.unwrap_or(0).saturating_mul(unit)))
        }
        repeat => Ok(WhenText::At {
            time: field(fields, "at").to_owned(),
            days: (repeat == "weekly").then(days),
        }),
    }
}

pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let fields = once(pairs);
    let added = match read(&state, &fields).await {
        Ok(text) => schedules::add(&state.services, &text, None, &actor).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(schedule) => done(&session, schedule.id, "Schedule added").await,
        Err(error) => refused(&session, paths::NEW_SCHEDULE, error, without_key(fields)).await,
    }
}

pub async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(schedule): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let schedule = id(&schedule, "schedule")?;
    let fields = once(pairs);
    let changed = match read(&state, &fields).await {
        Ok(text) => schedules::update(&state.services, schedule, &text, &actor).await,
        Err(error) => Err(error),
    };
    match changed {
        Ok(_) => done(&session, schedule, "Schedule saved").await,
        Err(error) => refused(&session, &paths::schedule(schedule), error, without_key(fields)).await,
    }
}

pub async fn run(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(schedule): Path<String>,
) -> Result<Response, Refusal> {
    let schedule = id(&schedule, "schedule")?;
    let begun = schedules::run_now(&state.services, schedule, None, &actor).await;
    said(&session, schedule, begun.map(drop), "The run begins").await
}

pub async fn pause(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(schedule): Path<String>,
) -> Result<Response, Refusal> {
    let schedule = id(&schedule, "schedule")?;
    let paused = schedules::pause(&state.services, schedule, &actor).await;
    said(&session, schedule, paused.map(drop), "Schedule paused").await
}

pub async fn resume(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(schedule): Path<String>,
) -> Result<Response, Refusal> {
    let schedule = id(&schedule, "schedule")?;
    let resumed = schedules::resume(&state.services, schedule, &actor).await;
    said(&session, schedule, resumed.map(drop), "Schedule resumed").await
}

pub async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(schedule): Path<String>,
) -> Result<Response, Refusal> {
    schedules::delete(&state.services, id(&schedule, "schedule")?, &actor).await?;
    say(&session, "Schedule deleted").await?;
    Ok(see(paths::SCHEDULES))
}

/// Back to the schedule's page, with what was done or what was wrong.
async fn said(session: &Session, schedule: i64, outcome: Result<(), Error>, words: &str) -> Result<Response, Refusal> {
    match outcome {
        Ok(()) => done(session, schedule, words).await,
        Err(error) => refused(session, &paths::schedule(schedule), error, Fields::new()).await,
    }
}

async fn done(session: &Session, schedule: i64, words: &str) -> Result<Response, Refusal> {
    say(session, words).await?;
    Ok(see(&paths::schedule(schedule)))
}
