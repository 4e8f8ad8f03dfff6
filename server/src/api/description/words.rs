//! Words to choose from, as the code that reads or writes them knows them.

use serde_json::{Value, json};
use stockroom::disk::DiskUse;
use stockroom::imports::options::{Choice as _, Duplicates, Missing, Mode, OnProblems, OtherColumns, UnknownCatalogs};
use stockroom::imports::problem::ProblemKind;
use stockroom::imports::review::CheckedField;
use stockroom::imports::{ImportKind, ImportStatus};
use stockroom::monitoring::{Breaker, Measure, Subject};
use stockroom::schedules::{AfterCheck, ScheduleStatus, Weekday};
use stockroom::webhooks::{BulkPolicy, DeliveryStatus, EventKind};

type Words = Vec<&'static str>;

const CHANGES: [&str; 4] = ["create", "update", "delete", "restore"];
const ERRORS: [&str; 7] = ["blocked", "dns", "connect", "tls", "timeout", "broken", "http"];
const RUNS: [&str; 9] = [
    "asked",
    "fetching",
    "checking",
    "applying",
    "waiting",
    "completed",
    "unchanged",
    "failed",
    "cancelled",
];
const SORTS: [&str; 10] = [
    "sku",
    "-sku",
    "name",
    "-name",
    "price",
    "-price",
    "updated_at",
    "-updated_at",
    "id",
    "-id",
];

/// Of a parameter, by the path of its operation.
pub fn of_parameter(path: &str, name: &str) -> Option<Words> {
    Some(match (path, name) {
        ("/imports", "kind") => kinds(),
        ("/imports", "status") => statuses(),
        ("/imports/{id}/changes", "kind") => CHANGES.to_vec(),
        ("/imports/{id}/changes", "field") => CheckedField::ALL.map(CheckedField::as_str).to_vec(),
        ("/webhooks/{id}/logs", "status") => deliveries(),
        ("/webhooks/{id}/logs", "event") => events(),
        ("/products/export", "format") => vec!["csv", "xlsx"],
        (_, "sort") => SORTS.to_vec(),
        (_, "Tus-Resumable") => vec!["1.0.0"],
        (_, "X-HTTP-Method-Override") => vec!["PATCH", "DELETE"],
        _ => return None,
    })
}

/// Of a property, by the name of its schema.
pub fn of_property(schema: &str, name: &str) -> Option<Words> {
    Some(match (schema, name) {
        ("ImportView" | "OpenImportView", "kind") => kinds(),
        ("ImportView" | "OpenImportView", "status") => statuses(),
        ("ImportView", "step") => vec!["match", "check", "apply"],
        ("ImportView" | "OpenImportView", "phase") => vec!["reading", "comparing", "applying", "undoing"],
        ("ImportChangeView" | "ChangeView", "kind") => CHANGES.to_vec(),
        ("ProblemView", "kind") => ProblemKind::ALL.map(ProblemKind::code).to_vec(),
        ("ProblemView", "severity") => vec!["problem", "warning"],
        ("PictureView", "state") => vec!["waiting", "stored", "failed"],
        ("WebhookView" | "WebhookFiguresView", "status") => vec!["enabled", "disabled", "disabled_automatically"],
        ("WebhookView" | "WebhookBody" | "WebhookChangesBody", "events") => choice(),
        ("WebhookView" | "WebhookBody" | "WebhookChangesBody", "bulk") => {
            BulkPolicy::ALL.map(BulkPolicy::as_str).to_vec()
        }
        ("DeliveryView" | "TestBody", "event") => events(),
        ("DeliveryView", "status") => deliveries(),
        ("DeliveryView" | "AttemptView", "error_kind") => ERRORS.to_vec(),
        ("AttemptView", "cause") => vec!["automatic", "replay", "test"],
        ("BulkBody", "action") => vec!["delete", "restore", "purge", "activate", "deactivate", "move"],
        ("UploadForm", name) => return of_upload(name),
        _ => return of_schedules(schema, name).or_else(|| of_monitoring(schema, name)),
    })
}

fn of_schedules(schema: &str, name: &str) -> Option<Words> {
    Some(match (schema, name) {
        ("ScheduleView" | "ScheduleBody" | "ScheduleChangesBody", "kind") => return of_upload("kind"),
        ("ScheduleView" | "ScheduleBody" | "ScheduleChangesBody", "after_check") => {
            AfterCheck::ALL.map(AfterCheck::as_str).to_vec()
        }
        ("ScheduleView", "status") => ScheduleStatus::ALL.map(ScheduleStatus::as_str).to_vec(),
        ("WhenView" | "WhenBody", "days") => Weekday::ALL.map(Weekday::as_str).to_vec(),
        ("RunView", "cause") => vec!["planned", "by_hand"],
        ("RunView", "status") => RUNS.to_vec(),
        _ => return None,
    })
}

fn of_monitoring(schema: &str, name: &str) -> Option<Words> {
    Some(match (schema, name) {
        ("AlertView", "severity") => vec!["danger", "warning"],
        ("AlertView", "subject") => Subject::ALL.map(Subject::as_str).to_vec(),
        ("WebhookFiguresView", "breaker") => Breaker::ALL.map(Breaker::as_str).to_vec(),
        ("DatabaseView", "engine") => vec!["SQLite", "PostgreSQL"],
        ("DiskView", "used_for") => DiskUse::ALL.map(DiskUse::as_str).to_vec(),
        ("SeriesView", "measure") => Measure::ALL.map(Measure::as_str).to_vec(),
        _ => return None,
    })
}

/// Of a field of an upload.
pub fn of_upload(name: &str) -> Option<Words> {
    Some(match name {
        "kind" => vec!["products", "catalogs"],
        "mode" => Mode::ALL.iter().map(|choice| choice.as_str()).collect(),
        "on_problems" => OnProblems::ALL.iter().map(|choice| choice.as_str()).collect(),
        "duplicates" => Duplicates::ALL.iter().map(|choice| choice.as_str()).collect(),
        "unknown_catalogs" => UnknownCatalogs::ALL.iter().map(|choice| choice.as_str()).collect(),
        "missing" => Missing::ALL.iter().map(|choice| choice.as_str()).collect(),
        "other_columns" => OtherColumns::ALL.iter().map(|choice| choice.as_str()).collect(),
        name if name.starts_with("blank_") => vec!["keep", "clear"],
        _ => return None,
    })
}

/// Lets a schema of texts, or of a list of them, have these only.
pub fn set(schema: &mut Value, words: &[&str]) {
    let of_type = schema["type"].clone();
    let may_be = |name: &str| of_type == name || of_type.as_array().is_some_and(|types| types.contains(&json!(name)));
    if may_be("array") {
        schema["items"]["enum"] = json!(words);
        return;
    }
    let mut words: Vec<Value> = words.iter().map(|word| json!(word)).collect();
    if may_be("null") {
        words.push(Value::Null);
    }
    schema["enum"] = Value::Array(words);
}

fn kinds() -> Words {
    ImportKind::ALL.map(ImportKind::as_str).to_vec()
}

fn statuses() -> Words {
    ImportStatus::ALL.map(ImportStatus::as_str).to_vec()
}

fn deliveries() -> Words {
    DeliveryStatus::ALL.map(DeliveryStatus::as_str).to_vec()
}

/// Those that a webhook chooses from …
fn choice() -> Words {
    EventKind::CHOICE.map(EventKind::as_str).to_vec()
}

/// … and those that are sent besides.
fn events() -> Words {
    let others = [EventKind::ProductBatch, EventKind::Ping];
    EventKind::CHOICE
        .into_iter()
        .chain(others)
        .map(EventKind::as_str)
        .collect()
}
