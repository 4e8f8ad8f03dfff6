//! What is sent: `{"type", "timestamp", "data"}`, the form that Standard Webhooks recommends. Written once; every attempt sends the same bytes.
//!
//! Addresses in `data` are paths on this server. A body that would be larger than 64 KiB names its product and says where the rest is.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::EventKind;
use crate::changes::{ChangeKind, FieldChanges, ImportChange};
use crate::imports::{Import, ImportStatus};
use crate::products::Product;
use crate::timestamp::Timestamp;

/// Bytes of the largest body.
pub(super) const BODY_MAX: usize = 64 * 1024;

/// The event that a change of a product is. Whoever comes back from the bin was gone for the receiver.
pub(super) fn kind_of(change: ChangeKind) -> EventKind {
    match change {
        ChangeKind::Create | ChangeKind::Restore => EventKind::ProductCreated,
        ChangeKind::Update => EventKind::ProductUpdated,
        ChangeKind::Delete => EventKind::ProductDeleted,
    }
}

fn whole(kind: EventKind, at: OffsetDateTime, data: &Value) -> String {
    json!({"type": kind.as_str(), "timestamp": Timestamp::from(at), "data": data}).to_string()
}

fn path_of(product: i64) -> String {
    format!("/api/v1/products/{product}")
}

/// One change of one product, with the product as it was right after it.
pub(super) fn product(change: ChangeKind, product: &Product, fields: &FieldChanges, at: OffsetDateTime) -> String {
    let kind = kind_of(change);
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact up to 2^53 hundredths, far above the highest price"
    )]
    let price = product.price_minor.map(|minor| minor as f64 / 100.0);
    let data = json!({
        "id": product.id, "sku": product.sku, "version": product.version, "name": product.name,
        "description": product.description, "price": price, "price_minor": product.price_minor, "active": product.active,
        "catalog_id": product.catalog_id, "catalog_name": product.catalog_name, "parent_id": product.parent_id,
        "options": product.options, "attributes": product.attributes, "pictures": product.pictures, "created_at": product.created_at, "updated_at": product.updated_at,
        "deleted_at": product.deleted_at, "restored": change == ChangeKind::Restore, "changes": fields,
        "path": path_of(product.id),
    });
    let body = whole(kind, at, &data);
    if body.len() <= BODY_MAX {
        return body;
    }
    thin(kind, (product.id, &product.sku, product.version), at)
}

/// A change whose product has changed again since, or is too large: which one it is, and where to find it.
pub(super) fn thin(kind: EventKind, (id, sku, version): (i64, &str, i64), at: OffsetDateTime) -> String {
    let data = json!({"id": id, "sku": sku, "version": version, "thin": true, "path": path_of(id)});
    whole(kind, at, &data)
}

/// Many changes of one job. Says how many of them fit.
pub(super) fn batch(import: i64, changes: &[&ImportChange], at: OffsetDateTime) -> (String, usize) {
    let mut items = Vec::new();
    let mut size = 200;
    for change in changes {
        let operation = match change.kind {
            ChangeKind::Create => "created",
            ChangeKind::Update => "updated",
            ChangeKind::Delete => "deleted",
            ChangeKind::Restore => "restored",
        };
        let item = json!({"id": change.product_id, "sku": change.sku, "version": change.version, "op": operation});
        size += item.to_string().len() + 1;
        if size > BODY_MAX && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    let count = items.len();
    let data = json!({"import_id": import, "items": items});
    (whole(EventKind::ProductBatch, at, &data), count)
}

/// How a job ended.
pub(super) fn job(kind: EventKind, import: &Import, at: OffsetDateTime) -> String {
    let progress = &import.progress;
    let data = json!({
        "import_id": import.job_id, "kind": import.kind, "file_name": import.file_name, "status": progress.status,
        "counts": {
            "total": progress.total, "created": progress.created, "updated": progress.updated,
            "unchanged": progress.unchanged, "failed": progress.failed,
        },
        "error": progress.error,
        "path": format!("/api/v1/imports/{}", import.job_id),
        "changes_path": format!("/api/v1/imports/{}/changes", import.job_id),
    });
    whole(kind, at, &data)
}

/// Of the address only the host: the rest of it may be a key.
pub(super) fn webhook_disabled(id: i64, host: &str, because: &str, at: OffsetDateTime) -> String {
    let data = json!({"webhook_id": id, "host": host, "because": because, "path": format!("/api/v1/webhooks/{id}")});
    whole(EventKind::WebhookDisabled, at, &data)
}

/// A body of that kind, as a test sends it and the documentation shows it.
#[must_use]
pub fn example(kind: EventKind) -> Value {
    let at = Timestamp::from_rfc3339("2026-11-20T18:03:11Z".to_owned());
    let mug = json!({
        "id": 7, "sku": "MUG-1", "version": 3, "name": "Blue mug", "description": "Holds 300 ml.", "price": 12.99,
        "price_minor": 1299, "active": true, "catalog_id": 2, "catalog_name": "Kitchen", "parent_id": null, "options": {},
        "attributes": {}, "pictures": [],
        "created_at": "2026-11-19T08:00:00Z", "updated_at": at, "deleted_at": null, "restored": false,
        "changes": {"price_minor": [1199, 1299]}, "path": path_of(7),
    });
    let with = |extra: Value| {
        let mut data = mug.clone();
        if let (Some(data), Value::Object(extra)) = (data.as_object_mut(), extra) {
            data.extend(extra);
        }
        data
    };
    let job = |kind: &str, status: ImportStatus, error: Option<&str>| {
        json!({
            "import_id": 42, "kind": kind, "file_name": "autumn.csv", "status": status,
            "counts": {"total": 500_000, "created": 75_000, "updated": 300_000, "unchanged": 100_000, "failed": 25_000},
            "error": error, "path": "/api/v1/imports/42", "changes_path": "/api/v1/imports/42/changes",
        })
    };
    let data = match kind {
        EventKind::ProductCreated => with(json!({"version": 1, "changes": {}})),
        EventKind::ProductUpdated => mug,
        EventKind::ProductDeleted => with(json!({"deleted_at": at, "changes": {"deleted_at": [null, at]}})),
        EventKind::ProductBatch => json!({"import_id": 42, "items": [
            {"id": 7, "sku": "MUG-1", "version": 3, "op": "updated"}, {"id": 8, "sku": "MUG-2", "version": 1, "op": "created"},
        ]}),
        EventKind::ImportCompleted => job("products", ImportStatus::Completed, None),
        EventKind::ImportFailed => job("products", ImportStatus::Failed, Some("The file cannot be read on.")),
        EventKind::BulkDeleteCompleted => job("bulk_delete", ImportStatus::Completed, None),
        EventKind::WebhookDisabled => json!({
            "webhook_id": 3, "host": "example.com", "because": "Nothing has arrived for five days.",
            "path": "/api/v1/webhooks/3",
        }),
        EventKind::Ping => json!({"message": "Your webhook works."}),
    };
    json!({"type": kind.as_str(), "timestamp": at, "data": data})
}

/// JSON with line breaks, for people; anything else as it is.
#[must_use]
pub fn readable(body: &str) -> String {
    let value: Option<Value> = serde_json::from_str(body).ok();
    value
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| body.to_owned())
}

/// A test: the example, marked as one.
pub(super) fn test(kind: EventKind, at: OffsetDateTime) -> String {
    let mut body = example(kind);
    if let Some(body) = body.as_object_mut() {
        body.insert("timestamp".to_owned(), json!(Timestamp::from(at)));
        body.insert("test".to_owned(), json!(true));
    }
    body.to_string()
}
