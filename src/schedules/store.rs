//! Schedules in the database: what people and programs ask about them and decide. What their runs write is in [`super::queue`].

use std::collections::HashMap;

use sea_orm::sea_query::{ExprTrait as _, LockType};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction,
    DbErr, EntityTrait as _, FromQueryResult as _, IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, SqlErr,
};
use serde_json::{Map, Value, json};

use super::draft::{HeaderText, ScheduleDraft, ScheduleText};
use super::rows::{self, Secret, object};
use super::source::Source;
use super::switches::{switch_off, switch_on};
use super::{Run, Schedule, ScheduleStatus, calendar};
use crate::audit::{self, Action, Actor};
use crate::database::clock::now;
use crate::database::paging;
use crate::database::sql::Sql;
use crate::entities::schedule::{ActiveModel, Column, Entity, Model};
use crate::entities::schedule_run;
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::imports::intake::check_catalog;
use crate::once::{Once, still_there};
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::services::Services;
use crate::settings;

/// Kind of what is created under a key.
const ONCE: &str = "schedule";
/// Schedules of one shop.
const MOST: u64 = 100;

/// Schedules, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, request: &PageRequest) -> Result<Page<Schedule>> {
    let mut page = paging::newest_first(db, Entity::find(), Column::Id, |row: &Model| row.id, request).await?;
    let rows = std::mem::take(&mut page.items);
    Ok(page.with_items(with_last_runs(db, rows).await?))
}

/// Schedules that somebody should look after.
///
/// # Errors
/// When the database fails.
pub async fn troubled(db: &impl ConnectionTrait) -> Result<Vec<Schedule>> {
    let troubled = Column::Status
        .eq(ScheduleStatus::PausedAutomatically.as_str())
        .or(Column::Failures
            .gt(0)
            .and(Column::Status.eq(ScheduleStatus::Enabled.as_str())));
    let rows = Entity::find().filter(troubled).order_by_asc(Column::Id).all(db).await?;
    with_last_runs(db, rows).await
}

/// # Errors
/// 404, or when the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Schedule> {
    let row = find(db, id).await?;
    let mut found = with_last_runs(db, vec![row]).await?;
    found.pop().ok_or_else(|| Problem::not_found("schedule").into())
}

pub(super) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Problem::not_found("schedule").into())
}

/// The schedule, kept from others until the transaction is over.
pub(super) async fn locked(db: &DatabaseTransaction, id: i64) -> Result<Model> {
    let mut row = Entity::find_by_id(id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        row = row.lock(LockType::NoKeyUpdate);
    }
    row.one(db).await?.ok_or_else(|| Problem::not_found("schedule").into())
}

async fn with_last_runs(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Schedule>> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut last: HashMap<i64, Run> = HashMap::new();
    if !ids.is_empty() {
        let mut sql = Sql::new(db.get_database_backend());
        sql.push("SELECT * FROM schedule_runs WHERE id IN (SELECT max(id) FROM schedule_runs WHERE schedule_id IN (");
        sql.numbers(&ids).push(") GROUP BY schedule_id)");
        for row in schedule_run::Model::find_by_statement(sql.statement()).all(db).await? {
            last.insert(row.schedule_id, rows::run(row)?);
        }
    }
    rows.into_iter()
        .map(|row| {
            let last = last.remove(&row.id);
            rows::schedule(row, last)
        })
        .collect()
}

/// Runs of one schedule, the newest first.
///
/// # Errors
/// 404 for the schedule, or when the page does not exist.
pub async fn runs(db: &impl ConnectionTrait, id: i64, request: &PageRequest) -> Result<Page<Run>> {
    find(db, id).await?;
    let all = schedule_run::Entity::find().filter(schedule_run::Column::ScheduleId.eq(id));
    let id_of = |row: &schedule_run::Model| row.id;
    let page = paging::newest_first(db, all, schedule_run::Column::Id, id_of, request).await?;
    page.try_map(rows::run)
}

/// Id and name of the schedule that began an import.
///
/// # Errors
/// When the database fails.
pub async fn of_import(db: &impl ConnectionTrait, import: i64) -> Result<Option<(i64, String)>> {
    let run = schedule_run::Entity::find().filter(schedule_run::Column::ImportId.eq(import));
    let Some(run) = run.one(db).await? else { return Ok(None) };
    let row = Entity::find_by_id(run.schedule_id).one(db).await?;
    Ok(row.map(|row| (row.id, row.name)))
}

/// Adds a schedule, under a key at most once.
///
/// # Errors
/// 422 when a field cannot be used, 409 when the name is taken or there are too many already.
pub async fn add(services: &Services, text: &ScheduleText, key: Option<&str>, actor: &Actor) -> Result<Schedule> {
    let db = services.database.writer();
    let once = key.map(|key| Once::new(ONCE, key, &text.without_secrets()));
    if let Some(once) = &once
        && let Some(id) = once.known(db).await?
    {
        return still_there(get(db, id).await);
    }
    let draft = text.whole(services.sources.policy())?;
    check_outside(services, &draft).await?;
    let transaction = services.database.begin().await?;
    if let Some(once) = &once
        && !once.take(&transaction).await?
    {
        transaction.rollback().await?;
        return still_there(get(db, once.taken(db).await?).await);
    }
    if Entity::find().count(&transaction).await? >= MOST {
        return Err(Problem::conflict("There are 100 schedules already. Delete one that is not used any more.").into());
    }
    let moment = now();
    let mut row = ActiveModel {
        created_by: Set(actor.name.clone()),
        created_at: Set(moment),
        status: Set(ScheduleStatus::Enabled.as_str().to_owned()),
        ..Default::default()
    };
    apply(&mut row, &draft, actor)?;
    let secret = secret(&draft, None)?;
    row.secret = Set(secret.sealed(&services.vault)?);
    let zone = settings::load(&transaction, &services.config).await?.time_zone;
    if draft.enabled == Some(false) {
        row.status = Set(ScheduleStatus::Paused.as_str().to_owned());
        row.paused_at = Set(Some(moment));
    } else {
        row.next_run_at = Set(Some(calendar::next(&draft.when, &zone, moment, moment)));
    }
    row.time_zone = Set(zone);
    let row = row.insert(&transaction).await.map_err(name_taken)?;
    if let Some(once) = &once {
        once.keep(&transaction, row.id).await?;
    }
    audit::record(&transaction, actor, Action::ScheduleAdded, Some(object(&row)), None).await?;
    transaction.commit().await?;
    rows::schedule(row, None)
}

/// Changes a schedule. A run that has begun goes on as it was.
///
/// # Errors
/// 422 when a field cannot be used, 409 when the name is taken, 404.
pub async fn update(services: &Services, id: i64, text: &ScheduleText, actor: &Actor) -> Result<Schedule> {
    let db = services.database.writer();
    let draft = text.on(&get(db, id).await?, services.sources.policy())?;
    check_outside(services, &draft).await?;
    let transaction = services.database.begin().await?;
    // Somebody may have changed other fields meanwhile.
    let row = locked(&transaction, id).await?;
    let before = rows::schedule(row.clone(), None)?;
    let draft = text.on(&before, services.sources.policy())?;
    let row = change(&transaction, services, row, (&before, &draft), actor).await?;
    match draft.enabled {
        Some(true) => switch_on(&transaction, services, &row, actor).await?,
        Some(false) => switch_off(&transaction, &row, ScheduleStatus::Paused, None, actor).await?,
        None => {}
    }
    transaction.commit().await?;
    services.schedule_wake.wake();
    get(db, id).await
}

/// Writes what differs.
async fn change(
    db: &DatabaseTransaction,
    services: &Services,
    row: Model,
    (before, draft): (&Schedule, &ScheduleDraft),
    actor: &Actor,
) -> Result<Model> {
    let present = Secret::of(&row, &services.vault)?;
    let secret = secret(draft, Some((&row, &present)))?;
    let fields = differences(before, draft, secret != present);
    if fields.is_empty() {
        return Ok(row);
    }
    let is_other = ["kind", "options", "sheet"]
        .iter()
        .any(|name| fields.contains_key(*name));
    let is_other = is_other || secret.address != present.address;
    let (edition, is_enabled) = (row.edition, before.status == ScheduleStatus::Enabled);
    let mut changed = row.into_active_model();
    apply(&mut changed, draft, actor)?;
    changed.secret = Set(secret.sealed(&services.vault)?);
    if is_other {
        changed.edition = Set(edition + 1);
        changed.seen = Set(None);
    }
    if draft.when != before.when && is_enabled {
        let zone = settings::load(db, &services.config).await?.time_zone;
        changed.next_run_at = Set(Some(calendar::next(&draft.when, &zone, now(), now())));
        changed.time_zone = Set(zone);
    }
    let row = changed.update(db).await.map_err(name_taken)?;
    let object = Some(object(&row));
    audit::record(db, actor, Action::ScheduleChanged, object, Some(fields.into())).await?;
    Ok(row)
}

/// What only the network and the database know: where a name leads, and whether the catalogue is there.
async fn check_outside(services: &Services, draft: &ScheduleDraft) -> Result<()> {
    check_catalog(&services.database, &draft.options).await?;
    let Some(source) = &draft.source else { return Ok(()) };
    services.sources.check_name(source).await.map_err(|refused| {
        let message = refused.to_string();
        Problem::unprocessable(message.clone())
            .with_field("address", message)
            .into()
    })
}

fn name_taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = "There is a schedule of that name already. Choose another name.";
            Problem::conflict(message).with_field("name", message).into()
        }
        _ => error.into(),
    }
}

/// All but what is sealed and what time brings.
fn apply(row: &mut ActiveModel, draft: &ScheduleDraft, actor: &Actor) -> Result<()> {
    row.name = Set(draft.name.clone());
    row.name_key = Set(fold(&draft.name).into_owned());
    if let Some(source) = &draft.source {
        row.address = Set(source.shown());
    }
    if let Some(header) = &draft.header {
        row.header_name = Set(header.as_ref().map(|(name, _)| name.clone()));
    }
    row.kind = Set(draft.kind.as_str().to_owned());
    row.options = Set(serde_json::to_string(&draft.options)?);
    row.sheet = Set(draft.sheet.clone());
    row.timing = Set(serde_json::to_string(&draft.when)?);
    row.after_check = Set(draft.after_check.as_str().to_owned());
    row.problem_percent = Set(draft.problem_percent);
    row.updated_by = Set(actor.name.clone());
    row.updated_at = Set(now());
    Ok(())
}

/// The whole address and the header's value, which stay as they are where they were not typed again.
fn secret(draft: &ScheduleDraft, present: Option<(&Model, &Secret)>) -> Result<Secret> {
    let refuse = |message: String| Problem::unprocessable(message.clone()).with_field("header", message);
    let address = draft.source.as_ref().map(Source::whole);
    let address = address.or_else(|| present.map(|(_, secret)| secret.address.clone()));
    let address = address.unwrap_or_default();
    let is_elsewhere = present.is_some_and(|(_, secret)| origin(&secret.address) != origin(&address));
    let kept = |name: &str| {
        let (row, secret) = present?;
        let is_same = row.header_name.as_deref()?.eq_ignore_ascii_case(name);
        is_same.then(|| secret.value.clone()).flatten()
    };
    let present_name = present.and_then(|(row, _)| row.header_name.clone());
    let header: Option<HeaderText> = match &draft.header {
        Some(header) => header.clone(),
        None => present_name.map(|name| (name, None)),
    };
    let value = match header {
        None => None,
        Some((_, Some(value))) => Some(value),
        // Whoever may change the address must not learn the key by that.
        Some((name, None)) if is_elsewhere && kept(&name).is_some() => {
            let message = format!("Enter the value of the header {name} again: the address leads to another server.");
            return Err(refuse(message).into());
        }
        Some((name, None)) => Some(kept(&name).ok_or_else(|| refuse(format!("Enter a value for the header {name}.")))?),
    };
    Ok(Secret { address, value })
}

/// Whose server an address leads to.
fn origin(address: &str) -> Option<String> {
    Some(reqwest::Url::parse(address).ok()?.origin().ascii_serialization())
}

fn differences(before: &Schedule, after: &ScheduleDraft, is_secret: bool) -> Map<String, Value> {
    let address = after.source.as_ref().map_or(before.address.clone(), Source::shown);
    let header = match &after.header {
        Some(header) => header.as_ref().map(|(name, _)| name.clone()),
        None => before.header_name.clone(),
    };
    let pairs = [
        ("name", json!(before.name), json!(after.name)),
        ("address", json!(before.address), json!(address)),
        ("header", json!(before.header_name), json!(header)),
        ("kind", json!(before.kind), json!(after.kind)),
        ("options", json!(before.options), json!(after.options)),
        ("sheet", json!(before.sheet), json!(after.sheet)),
        ("when", json!(before.when.to_string()), json!(after.when.to_string())),
        ("after_check", json!(before.after_check), json!(after.after_check)),
        (
            "problem_percent",
            json!(before.problem_percent),
            json!(after.problem_percent),
        ),
    ];
    let changed = pairs.into_iter().filter(|(_, before, after)| before != after);
    let mut fields: Map<String, Value> = changed
        .map(|(name, before, after)| (name.to_owned(), json!([before, after])))
        .collect();
    if is_secret && !fields.contains_key("address") && !fields.contains_key("header") {
        fields.insert("secret".to_owned(), json!(["…", "…"]));
    }
    fields
}

/// Deletes a schedule with its runs; the imports that they made stay.
///
/// # Errors
/// 404.
pub async fn delete(services: &Services, id: i64, actor: &Actor) -> Result<()> {
    let transaction = services.database.begin().await?;
    let row = find(&transaction, id).await?;
    audit::record(&transaction, actor, Action::ScheduleDeleted, Some(object(&row)), None).await?;
    Entity::delete_by_id(id).exec(&transaction).await?;
    Ok(transaction.commit().await?)
}
