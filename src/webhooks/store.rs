//! Webhooks in the database: what people and programs ask about them and decide. What a sender writes is in [`super::record`].

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QuerySelect as _,
};
use time::OffsetDateTime;

use super::draft::{WebhookDraft, WebhookText};
use super::outbox::milliseconds;
use super::signature::SigningSecret;
use super::subscribers::{bulk_of, events_of, text_of};
use super::switches::{switch_off, switch_on};
use super::target::{HEADERS, SECRET, headers_of};
use super::vault::Vault;
use super::{CustomHeader, Webhook, WebhookStatus};
use super::{figures, secrets, subscribers};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::clock::now;
use crate::database::paging;
use crate::database::settled;
use crate::entities::webhook::{ActiveModel, Column, Entity, Model};
use crate::error::Result;
use crate::once::{Once, still_there};
use crate::page::{Page, PageRequest};
use crate::problem::Problem;
use crate::services::Services;
use crate::timestamp::Timestamp;

/// Kind of what is created under a key.
const ONCE: &str = "webhook";
/// Webhooks of one shop.
const MOST: usize = 100;

/// Webhooks, the newest first.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(services: &Services, request: &PageRequest) -> Result<Page<Webhook>> {
    let db = services.reader();
    let mut page = paging::newest_first(db, Entity::find(), Column::Id, |row: &Model| row.id, request).await?;
    let mut webhooks = Vec::with_capacity(page.items.len());
    for row in std::mem::take(&mut page.items) {
        webhooks.push(webhook(db, &services.vault, row).await?);
    }
    Ok(page.with_items(webhooks))
}

/// # Errors
/// 404, or when the database fails.
pub async fn get(services: &Services, id: i64) -> Result<Webhook> {
    let row = find(services.reader(), id).await?;
    webhook(services.reader(), &services.vault, row).await
}

pub(super) async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.ok_or_else(|| Problem::not_found("webhook").into())
}

/// The webhook, kept from others until the transaction is over. Whoever writes an event for it does not wait.
pub(super) async fn locked(db: &DatabaseTransaction, id: i64) -> Result<Model> {
    let mut row = Entity::find_by_id(id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        row = row.lock(LockType::NoKeyUpdate);
    }
    row.one(db).await?.ok_or_else(|| Problem::not_found("webhook").into())
}

/// Adds a webhook, under a key at most once. Its secret is shown to whoever added it.
///
/// # Errors
/// 422 when a field cannot be used, 409 when there are too many already.
pub async fn add(
    services: &Services,
    text: &WebhookText,
    key: Option<&str>,
    actor: &Actor,
) -> Result<(Webhook, SigningSecret)> {
    let once = key.map(|key| Once::new(ONCE, key, &text.without_secrets()));
    if let Some(once) = &once
        && let Some(id) = once.known(services.database.writer()).await?
    {
        return still_there(with_secret(services, id, actor).await);
    }
    let draft = text.whole(services.webhooks.policy())?;
    check_name(services, &draft).await?;
    let secret = SigningSecret::random();
    let moment = now();
    let mut row = ActiveModel {
        secret: Set(services.vault.seal(SECRET, secret.as_bytes())),
        status: Set(WebhookStatus::Enabled.as_str().to_owned()),
        created_by: Set(actor.name.clone()),
        created_at: Set(moment),
        ..Default::default()
    };
    apply(&mut row, &draft, &services.vault, &[])?;
    if draft.enabled == Some(false) {
        row.status = Set(WebhookStatus::Disabled.as_str().to_owned());
        row.disabled_at = Set(Some(moment));
    }
    let transaction = services.database.begin().await?;
    if let Some(once) = &once
        && !once.take(&transaction).await?
    {
        transaction.rollback().await?;
        let id = once.taken(services.database.writer()).await?;
        return still_there(with_secret(services, id, actor).await);
    }
    if subscribers::all(&transaction).await?.len() >= MOST {
        return Err(Problem::conflict("There are 100 webhooks already. Delete one that is not used any more.").into());
    }
    let row = row.insert(&transaction).await?;
    if let Some(once) = &once {
        once.keep(&transaction, row.id).await?;
    }
    audit::record(&transaction, actor, Action::WebhookAdded, Some(object(&row)), None).await?;
    transaction.commit().await?;
    Ok((webhook(services.database.writer(), &services.vault, row).await?, secret))
}

async fn with_secret(services: &Services, id: i64, actor: &Actor) -> Result<(Webhook, SigningSecret)> {
    let secret = secrets::reveal(services, id, actor).await?;
    Ok((fresh(services, id).await?, secret))
}

/// Changes a webhook. Deliveries that wait go to its new address, signed with its present secret.
///
/// # Errors
/// 422 when a field cannot be used, 404.
pub async fn update(services: &Services, id: i64, text: &WebhookText, actor: &Actor) -> Result<Webhook> {
    let before = fresh(services, id).await?;
    let draft = text.on(&before, services.webhooks.policy())?;
    if draft.url.as_str() != before.url {
        check_name(services, &draft).await?;
    }
    let transaction = services.database.begin().await?;
    settled(&transaction).await?;
    // Somebody may have changed other fields meanwhile.
    let row = locked(&transaction, id).await?;
    let before = webhook(&transaction, &services.vault, row.clone()).await?;
    let draft = text.on(&before, services.webhooks.policy())?;
    let row = change(&transaction, &services.vault, row, (&before, &draft), actor).await?;
    match draft.enabled {
        Some(true) => switch_on(&transaction, &row, actor).await?,
        Some(false) => switch_off(&transaction, &row, WebhookStatus::Disabled, None, actor).await?,
        None => {}
    }
    transaction.commit().await?;
    fresh(services, id).await
}

/// Writes what differs.
async fn change(
    db: &DatabaseTransaction,
    vault: &Vault,
    row: Model,
    (before, draft): (&Webhook, &WebhookDraft),
    actor: &Actor,
) -> Result<Model> {
    let fields = differences(before, draft);
    if draft.headers.is_none() && fields.is_empty() {
        return Ok(row);
    }
    let headers = headers_of(&row, vault)?;
    let mut changed = row.into_active_model();
    apply(&mut changed, draft, vault, &headers)?;
    let row = changed.update(db).await?;
    audit::record(
        db,
        actor,
        Action::WebhookChanged,
        Some(object(&row)),
        Some(fields.into()),
    )
    .await?;
    Ok(row)
}

/// As it is now, not as the readers may still see it.
pub(super) async fn fresh(services: &Services, id: i64) -> Result<Webhook> {
    let db = services.database.writer();
    webhook(db, &services.vault, find(db, id).await?).await
}

/// A name that leads into one's own network is refused when it is typed, not only when it is called.
async fn check_name(services: &Services, draft: &WebhookDraft) -> Result<()> {
    services.webhooks.check_name(&draft.url).await.map_err(|refused| {
        let message = refused.to_string();
        Problem::unprocessable(message.clone())
            .with_field("url", message)
            .into()
    })
}

fn apply(row: &mut ActiveModel, draft: &WebhookDraft, vault: &Vault, present: &[CustomHeader]) -> Result<()> {
    row.url = Set(draft.url.to_string());
    row.description = Set(draft.description.clone());
    row.events = Set(text_of(&draft.events));
    row.bulk_policy = Set(draft.bulk.as_str().to_owned());
    row.rate = Set(draft.rate_per_second);
    row.concurrency = Set(draft.concurrency);
    row.timeout_seconds = Set(draft.timeout_seconds);
    row.is_ordered = Set(draft.ordered);
    row.updated_at = Set(now());
    if let Some(headers) = &draft.headers {
        let headers = merged(headers, present)?;
        row.headers = Set(Some(vault.seal(HEADERS, &serde_json::to_vec(&headers)?)));
    }
    Ok(())
}

/// Headers whose values were not typed again keep them.
fn merged(wanted: &[(String, Option<String>)], present: &[CustomHeader]) -> Result<Vec<CustomHeader>> {
    wanted
        .iter()
        .map(|(name, value)| {
            let kept = || present.iter().find(|header| header.name.eq_ignore_ascii_case(name));
            let value = value.clone().or_else(|| kept().map(|header| header.value.clone()));
            let message = format!("Enter a value for the header {name}.");
            let value = value.ok_or_else(|| Problem::unprocessable(message.clone()).with_field("headers", message))?;
            Ok(CustomHeader {
                name: name.clone(),
                value,
            })
        })
        .collect()
}

fn differences(before: &Webhook, after: &WebhookDraft) -> serde_json::Map<String, serde_json::Value> {
    use serde_json::json;
    let pairs = [
        ("url", json!(before.url), json!(after.url.as_str())),
        ("description", json!(before.description), json!(after.description)),
        ("events", json!(text_of(&before.events)), json!(text_of(&after.events))),
        ("bulk", json!(before.bulk), json!(after.bulk)),
        (
            "rate_per_second",
            json!(before.rate_per_second),
            json!(after.rate_per_second),
        ),
        ("concurrency", json!(before.concurrency), json!(after.concurrency)),
        (
            "timeout_seconds",
            json!(before.timeout_seconds),
            json!(after.timeout_seconds),
        ),
        ("ordered", json!(before.ordered), json!(after.ordered)),
    ];
    let changed = pairs.into_iter().filter(|(_, before, after)| before != after);
    changed
        .map(|(name, before, after)| (name.to_owned(), json!([before, after])))
        .collect()
}

/// Deletes a webhook with its log.
///
/// # Errors
/// 404.
pub async fn delete(services: &Services, id: i64, actor: &Actor) -> Result<()> {
    let transaction = services.database.begin().await?;
    let row = find(&transaction, id).await?;
    audit::record(&transaction, actor, Action::WebhookDeleted, Some(object(&row)), None).await?;
    Entity::delete_by_id(id).exec(&transaction).await?;
    Ok(transaction.commit().await?)
}

pub(super) fn object(row: &Model) -> Object {
    Object::new(ObjectKind::Webhook, row.id, row.url.clone())
}

async fn webhook(db: &impl ConnectionTrait, vault: &Vault, row: Model) -> Result<Webhook> {
    let moment = milliseconds(OffsetDateTime::now_utc());
    let old = secrets::old(db, row.id, moment).await?;
    let counted = figures::counts(db, row.id).await?;
    let status = match row.status.as_str() {
        "enabled" => WebhookStatus::Enabled,
        "disabled" => WebhookStatus::Disabled,
        _ => WebhookStatus::DisabledAutomatically,
    };
    Ok(Webhook {
        id: row.id,
        events: events_of(&row.events)?,
        bulk: bulk_of(&row.bulk_policy)?,
        header_names: headers_of(&row, vault)?.into_iter().map(|header| header.name).collect(),
        rate_per_second: row.rate,
        concurrency: row.concurrency,
        timeout_seconds: row.timeout_seconds,
        ordered: row.is_ordered,
        status,
        disabled_at: row.disabled_at.map(Timestamp::from),
        disabled_because: row.disabled_because.clone(),
        failing_since: row.failing_since.and_then(moment_of),
        last_attempt_at: row.last_attempt_at.and_then(moment_of),
        last_response: row.last_response.clone(),
        old_secret_until: old.iter().map(|old| old.expires_at).max().and_then(moment_of),
        health: figures::health(db, row.id, moment).await?,
        waiting: counted.waiting,
        held: counted.held,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
        description: row.description,
        url: row.url,
    })
}

/// From milliseconds since 1970.
pub(super) fn moment_of(milliseconds: i64) -> Option<Timestamp> {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()?;
    Some(moment.into())
}
