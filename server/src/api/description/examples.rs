//! An example for each schema, made of one small shop: a mug, a catalogue, an import, a webhook and a schedule.

use serde_json::{Value, json};

use super::{each_operation, merge};

const MOMENT: &str = "2026-11-20T18:03:11Z";
const LATER: &str = "2026-11-20T18:03:14Z";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const CSV: &str = "sku,name,price\r\nMUG-1,Enamel mug,12.99\r\n";
/// The beginning of what there is to read.
pub const METRICS: &str = "# HELP stockroom_database_up Whether the database answers.\n# TYPE stockroom_database_up gauge\nstockroom_database_up 1\n";

pub fn complete(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (name, schema) in schemas {
        if let Some(example) = of_schema(name) {
            schema["example"] = example;
        }
    }
    each_operation(document, |_, _, operation| {
        for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            let content = response.get_mut("content").and_then(Value::as_object_mut);
            for (kind, content) in content.into_iter().flatten() {
                let example = of_content(kind).filter(|_| content.get("example").is_none());
                if let Some(example) = example {
                    content["example"] = json!(example);
                }
            }
        }
    });
}

/// Of what is no JSON.
fn of_content(kind: &str) -> Option<String> {
    match kind {
        "text/csv" => Some(CSV.to_owned()),
        "text/plain" => Some("ok".to_owned()),
        "text/event-stream" => Some(format!("event: progress\ndata: {}\n\n", import())),
        _ => None,
    }
}

fn of_schema(name: &str) -> Option<Value> {
    if let Some(item) = name.strip_prefix("PageView_") {
        return of_schema(item).map(page);
    }
    of_products(name)
        .or_else(|| of_imports(name))
        .or_else(|| of_webhooks(name))
        .or_else(|| of_schedules(name))
        .or_else(|| of_monitoring(name))
}

fn of_products(name: &str) -> Option<Value> {
    Some(match name {
        "ProductView" => product(),
        "ProductBody" => {
            json!({"sku": "MUG-1", "name": "Enamel mug", "description": "Blue", "price": 12.99, "active": true})
        }
        "ProductChangesBody" => json!({"price": "13.99", "active": true}),
        "ChangeView" => json!({
            "version": 2, "kind": "update", "fields": {"price_minor": [1299, 1399]}, "made_at": MOMENT, "made_by": "ana@example.com",
            "import_id": null, "row": null,
        }),
        "FieldView" => json!({
            "field": "price_minor", "version": 2, "made_at": MOMENT, "made_by": null, "import_id": 1, "file_name": "products.csv", "row": 2,
            "was_changed": true, "before": 1299,
        }),
        "PictureView" => json!({
            "reference": "https://example.com/mug.jpg", "state": "stored", "url": format!("/api/v1/pictures/{DIGEST}"), "media_type": "image/jpeg",
            "width": 800, "height": 600, "size": 48_213, "problem": null,
        }),
        "CatalogView" => {
            json!({"id": 1, "name": "Kitchen", "product_count": 1, "created_at": MOMENT, "updated_at": MOMENT})
        }
        "CatalogBody" => json!({"name": "Garden"}),
        "BulkBody" => json!({"action": "deactivate", "filter": {"sku": "MUG-"}}),
        "BulkDeleteBody" => json!({"confirm": true, "ids": [1, 2]}),
        "ProblemBody" => json!({
            "title": "The input cannot be used as it is", "status": 422, "detail": "Enter a SKU.", "errors": [field_error()],
        }),
        "FieldErrorBody" => field_error(),
        _ => return None,
    })
}

fn of_imports(name: &str) -> Option<Value> {
    Some(match name {
        "ImportView" => import(),
        "IngestView" => with(
            import(),
            json!({"products": {"created": 1, "updated": 0}, "problems": [problem()]}),
        ),
        "IngestedProducts" => json!({"created": 1, "updated": 0}),
        "ImportChangeView" => json!({
            "product_id": 1, "sku": "MUG-1", "version": 2, "row": null, "kind": "update", "fields": {"price_minor": [1299, 1399]},
        }),
        "ProblemView" => problem(),
        "CheckView" => json!({
            "created": 1, "updated": 0, "deleted": 0, "restored": 0, "unchanged": 0, "failed": 0, "missing": 0, "cleared": 0, "fields": {},
            "new_catalogs": 0, "alarms": [], "needs_confirmation": false,
        }),
        "AlarmView" => json!({
            "kind": "price_moved", "count": 21, "column": "price", "examples": [{"row": 2, "value": "1299"}],
            "message": "Prices change by more than half. Look whether the column has another unit.", "must_be_answered": true,
        }),
        "FormatView" => format_of_file(),
        "ColumnView" => json!({"header": "sku", "field": "sku"}),
        "CorrectionBody" => correction(),
        "CorrectionsBody" => json!({"rows": [correction()]}),
        "UploadForm" => json!({"file": CSV, "mode": "add_and_update"}),
        _ => return None,
    })
}

fn of_webhooks(name: &str) -> Option<Value> {
    Some(match name {
        "WebhookView" => webhook(),
        "NewWebhookView" => with(webhook(), json!({"secret": SECRET})),
        "WebhookBody" => {
            json!({"url": "https://example.com/hooks", "events": ["product.updated", "import.completed"], "bulk": "summary"})
        }
        "WebhookChangesBody" => json!({"rate_per_second": 10, "description": "Stock of the other shop"}),
        "SecretView" => json!({"secret": SECRET, "old_secret_until": LATER}),
        "RotateBody" => json!({"overlap_hours": 24}),
        "TestBody" => json!({"event": "product.updated"}),
        "TestView" => json!({
            "delivered": true, "status": 200, "milliseconds": 42, "error": null, "response_body": "ok", "delivery_id": 1, "message_id": MESSAGE,
        }),
        "DayView" => json!({"delivered": 99, "failed": 1, "success": 99.0}),
        "DeliveryView" => delivery(),
        "DeliveryDetailView" => with(
            delivery(),
            json!({"body": "{\"type\":\"product.updated\"}", "history": [attempt()]}),
        ),
        "AttemptView" => attempt(),
        "LogView" => with(page(delivery()), json!({"statistics": statistics()})),
        "StatisticsView" => statistics(),
        "ReplayBody" => json!({"since": "2026-11-20T08:00:00Z"}),
        "ReplayView" => json!({"id": 1, "since": MOMENT, "total": 3, "delivered": 1, "failed": 0, "waiting": 2}),
        _ => return None,
    })
}

fn of_schedules(name: &str) -> Option<Value> {
    Some(match name {
        "ScheduleView" => schedule(),
        "ScheduleBody" => json!({
            "name": "Supplier A, prices", "address": "https://supplier.example.com/prices.csv",
            "header": {"name": "Authorization", "value": "Bearer abc"}, "options": {"mode": "update_only"}, "when": when(), "after_check": "apply",
        }),
        "ScheduleChangesBody" => json!({"when": {"every": 60}, "problem_percent": 5}),
        "HeaderBody" => json!({"name": "Authorization", "value": "Bearer abc"}),
        "HeaderView" => header(),
        "WhenBody" => when(),
        "WhenView" => with(when(), json!({"every": null})),
        "RunView" => run(),
        _ => return None,
    })
}

fn of_monitoring(name: &str) -> Option<Value> {
    Some(match name {
        "MonitoringView" => json!({
            "moment": MOMENT, "alerts": [alert()], "process": process(), "imports": imports(), "webhooks": webhooks(), "pictures_waiting": 0,
            "pictures_failed": 0, "search_behind": 0, "nodes": [], "database": database(), "disks": [disk()], "history": history(),
        }),
        "AlertView" => alert(),
        "ProcessView" => process(),
        "NodeView" => json!({
            "id": "01KAHN4PQ3X1Z8D9S0V5T6R7W8", "role": "worker", "host": "stockroom-2", "version": "1.0.0", "started_at": MOMENT,
            "disks": [disk()],
        }),
        "ImportsView" => imports(),
        "OpenImportView" => open_import(),
        "WebhooksView" => webhooks(),
        "WebhookFiguresView" => webhook_figures(),
        "DatabaseView" => database(),
        "PoolView" => pool(),
        "DiskView" => disk(),
        "HistoryView" => history(),
        "SeriesView" => series(),
        _ => return None,
    })
}

const MESSAGE: &str = "msg_01JD5Z8J7M3QK4T6V9XBWRYHCE";

fn with(mut value: Value, others: Value) -> Value {
    merge(&mut value, others);
    value
}

fn page(item: Value) -> Value {
    json!({"items": [item], "page": 1, "size": 50, "total": 1, "total_is_exact": true, "next": null, "prev": null})
}

fn product() -> Value {
    json!({
        "id": 1, "sku": "MUG-1", "name": "Enamel mug", "description": "Blue", "price": 12.99, "price_minor": 1299, "active": true, "catalog_id": 1,
        "catalog_name": "Kitchen", "parent_id": null, "options": {"Colour": "blue"}, "attributes": {"Material": "enamel"},
        "pictures": ["https://example.com/mug.jpg"], "version": 1, "created_at": MOMENT, "updated_at": MOMENT,
    })
}

fn field_error() -> Value {
    json!({"field": "sku", "message": "Enter a SKU."})
}

fn format_of_file() -> Value {
    json!({
        "encoding": "UTF-8", "delimiter": ",", "sheet": null, "sheets": [], "header_row": 1, "columns": [{"header": "sku", "field": "sku"}],
    })
}

fn import() -> Value {
    let job = json!({
        "job_id": 1, "kind": "products", "file_name": "products.csv", "file_size": 48, "sha256": DIGEST, "file_removed_at": null,
        "problems_removed_at": null, "format": format_of_file(), "step": "apply",
        "options": {"mode": "add_and_update"}, "check": null, "corrects": null, "plan": null, "undoes": null, "undone_by": null,
        "created_by": "API key demo", "created_at": MOMENT, "started_at": MOMENT, "finished_at": LATER,
    });
    let progress = json!({
        "status": "completed", "phase": null, "total": 1, "processed": 1, "read": 1, "created": 1, "updated": 0, "unchanged": 0, "failed": 0,
        "superseded": 0, "percent": 100.0, "rows_per_second": null, "eta_seconds": null, "message": "Finished", "error": null,
    });
    with(job, progress)
}

fn problem() -> Value {
    json!({
        "row": 17, "kind": "price_not_a_number", "severity": "problem", "column": "price", "value": "12,5O",
        "message": "Enter the price as a number, such as 12.50.",
    })
}

fn correction() -> Value {
    json!({"row": 3, "cells": {"price": "12.50"}})
}

fn webhook() -> Value {
    json!({
        "id": 1, "url": "https://example.com/hooks", "description": "", "events": ["product.updated", "import.completed"], "bulk": "summary",
        "headers": {"Authorization": null}, "rate_per_second": 25, "concurrency": 4, "timeout_seconds": 15, "ordered": false, "enabled": true,
        "status": "enabled", "disabled_at": null, "disabled_because": null, "failing_since": null, "last_attempt_at": MOMENT,
        "last_response": "200", "old_secret_until": null, "last_24_hours": {"delivered": 99, "failed": 1, "success": 99.0}, "waiting": 0, "held": 0,
        "created_at": MOMENT, "updated_at": MOMENT,
    })
}

fn delivery() -> Value {
    json!({
        "id": 1, "webhook_id": 1, "message_id": MESSAGE, "event": "product.updated", "product_id": 1, "import_id": null, "object": "MUG-1",
        "status": "delivered", "attempts": 1, "response_status": 200, "duration_ms": 42, "error_kind": null, "next_attempt_at": null,
        "created_at": MOMENT, "finished_at": LATER,
    })
}

fn attempt() -> Value {
    json!({
        "made_at": MOMENT, "cause": "automatic", "url": "https://example.com/hooks", "duration_ms": 42,
        "request_headers": [["content-type", "application/json"]], "response_status": 200, "response_headers": [["content-length", "2"]],
        "response_body": "ok", "response_is_cut": false, "error_kind": null, "error": null,
    })
}

fn statistics() -> Value {
    json!({"total": 100, "delivered": 99, "failed": 1, "waiting": 0, "held": 0, "success_24h": 99.0})
}

fn schedule() -> Value {
    let options = json!({
        "mode": "update_only", "on_problems": "skip", "duplicates": "last_wins", "unknown_catalogs": "create", "missing": "ignore",
        "other_columns": "ignore", "catalog_id": null, "clear": [],
    });
    json!({
        "id": 1, "name": "Supplier A, prices", "address": "https://supplier.example.com/prices.csv", "header": header(), "kind": "products",
        "options": options, "sheet": null, "when": with(when(), json!({"every": null})), "after_check": "apply", "problem_percent": 1,
        "enabled": true, "status": "enabled", "paused_at": null, "paused_because": null, "next_run_at": "2026-11-23T03:00:00Z", "last_run": run(),
        "failures": 0, "created_by": "ana@example.com", "updated_by": "ana@example.com", "created_at": MOMENT, "updated_at": MOMENT,
    })
}

fn header() -> Value {
    json!({"name": "Authorization", "value": null})
}

fn when() -> Value {
    json!({"at": "03:00", "days": ["mon", "thu"]})
}

fn run() -> Value {
    json!({
        "id": 1, "schedule_id": 1, "cause": "by_hand", "started_by": "API key demo", "status": "completed", "import_id": 1, "detail": null,
        "attempts": 1, "created_at": MOMENT, "finished_at": LATER,
    })
}

fn alert() -> Value {
    json!({
        "severity": "warning", "subject": "disk", "id": null, "title": "The disk of files is nearly full",
        "happened": "9 GB of 100 GB are free, that is 9 %.", "advice": "Free some space, or move to a larger disk.",
    })
}

fn process() -> Value {
    json!({"version": "1.0.0", "started_at": MOMENT, "uptime_seconds": 86_400, "memory_bytes": 104_857_600, "open_files": 48})
}

fn imports() -> Value {
    json!({"open": [open_import()], "waiting": 0, "oldest_waiting_seconds": null, "to_be_confirmed": 1})
}

fn open_import() -> Value {
    json!({
        "job_id": 2, "kind": "products", "file_name": "products.csv", "status": "processing", "phase": "applying", "percent": 62.5,
        "rows_per_second": 25_000.0, "waiting_seconds": null,
    })
}

fn webhooks() -> Value {
    json!({"waiting": 3, "oldest_due_seconds": 12, "items": [webhook_figures()]})
}

fn webhook_figures() -> Value {
    json!({"id": 1, "status": "enabled", "failing_since": null, "breaker": "closed", "waiting": 3, "oldest_due_seconds": 12})
}

fn database() -> Value {
    json!({"engine": "SQLite", "bytes": 52_428_800, "wal_bytes": 4_194_304, "pools": [pool()]})
}

fn pool() -> Value {
    json!({"name": "read", "open": 4, "idle": 3})
}

fn disk() -> Value {
    json!({
        "used_for": "files", "free_bytes": 9_663_676_416_i64, "total_bytes": 107_374_182_400_i64, "reserve_bytes": 1_073_741_824,
    })
}

/// Two half hours of the 48.
fn history() -> Value {
    json!({"starts": ["2026-11-20T17:30:00Z", "2026-11-20T18:00:00Z"], "series": [series()]})
}

fn series() -> Value {
    json!({"measure": "rows_applied", "label": "Rows applied", "values": [null, 1]})
}
