//! Bulk actions and undo: products that are there already, changed together.
//!
//! A product that somebody has changed since the change set was made is left as it is and becomes a problem. `fields` holds what changes,
//! before and after, as the history keeps it; an undo reads its new values from there.

use super::Statements;
use super::products::{COUNT, RECORD_CHANGES, REWRITTEN};
use super::reviewed::LEAVE;
use crate::database::sql::Sql;
use crate::imports::plan::{BulkAction, BulkPlan};
use crate::products::Matching;

/// Rows of a batch whose products are as they were when they were compared.
const SAME_VERSION: &str = "FROM {scratch:change_set} c
    WHERE c.seq > $1 AND c.seq <= $2 AND c.kind <> 'same' AND products.id = c.target_id AND products.version = c.version";

/// One that is gone for good has changed, too; of its name only the folded form is left.
const KEEP_CHANGED: &str = "INSERT INTO import_problems (import_id, row_no, kind, column_name, value)
    SELECT {import}, 0, 'changed_since', 'sku', coalesce(p.sku, c.row_key)
    FROM {scratch:change_set} c LEFT JOIN products p ON p.id = c.target_id
    WHERE c.seq > $1 AND c.seq <= $2 AND c.kind <> 'same' AND (p.id IS NULL OR p.version <> c.version)";

const LEAVE_CHANGED: &str = "UPDATE {scratch:change_set} SET kind = 'same'
    WHERE seq > $1 AND seq <= $2
        AND NOT EXISTS (SELECT 1 FROM products p WHERE p.id = target_id AND p.version = {scratch:change_set}.version)";

pub(super) fn bulk(plan: &BulkPlan, postgres: bool) -> Statements {
    let update = |set: String| {
        format!("UPDATE products SET {set}, version = products.version + 1, updated_at = {{now}} {SAME_VERSION}")
    };
    let change = match plan.action {
        BulkAction::Delete => update("deleted_at = {now}".to_owned()),
        BulkAction::Restore => update("deleted_at = NULL".to_owned()),
        BulkAction::Activate => update("active = TRUE".to_owned()),
        BulkAction::Deactivate => update("active = FALSE".to_owned()),
        BulkAction::Move { catalog_id } => update(format!("catalog_id = {}", literal(catalog_id))),
        // The condition is on the row itself: PostgreSQL looks again at that alone when somebody else was about to change it.
        BulkAction::Purge if postgres => format!("DELETE FROM products USING {}", &SAME_VERSION["FROM ".len()..]),
        BulkAction::Purge => "DELETE FROM products WHERE id IN (
            SELECT p.id FROM {scratch:change_set} c JOIN products p ON p.id = c.target_id AND p.version = c.version
            WHERE c.seq > $1 AND c.seq <= $2 AND c.kind <> 'same')"
            .to_owned(),
    };
    let fields = constant_fields(plan.action, "{moment}").map(|fields| json(&fields, postgres));
    let (update, record) = match plan.action {
        BulkAction::Purge => (vec![change], forgotten(postgres)),
        _ => with_history(vec![change], fields.as_deref(), postgres),
    };
    Statements {
        update,
        record,
        ..common(postgres)
    }
}

pub(super) fn undo(postgres: bool) -> Statements {
    let (update, record) = with_history(set_back(postgres), None, postgres);
    Statements {
        update,
        record,
        ..common(postgres)
    }
}

/// The updates with the history that they make: on PostgreSQL in one statement each, on SQLite in one after them all. `fields` stands for
/// those of the change set where they are the same for all rows.
fn with_history(updates: Vec<String>, fields: Option<&str>, postgres: bool) -> (Vec<String>, Vec<String>) {
    if !postgres {
        let record = match fields {
            Some(fields) => RECORD_CHANGES.replace("fields, {now}", &format!("{fields}, {{now}}")),
            None => RECORD_CHANGES.to_owned(),
        };
        return (updates, vec![record]);
    }
    let fields = fields.unwrap_or("fields");
    let both = |update: String| {
        format!(
            "WITH done AS ({update} RETURNING products.id, products.version, c.kind, c.fields)
            INSERT INTO changes (product_id, version, kind, import_id, fields, made_at)
            SELECT id, version, kind, {{import}}, {fields}, {{now}} FROM done"
        )
    };
    (updates.into_iter().map(both).collect(), Vec::new())
}

fn common(postgres: bool) -> Statements {
    Statements {
        file: None,
        create: Vec::new(),
        link: Vec::new(),
        order: "row_key",
        update: Vec::new(),
        record: Vec::new(),
        follow: Vec::new(),
        keep_changed: Some(KEEP_CHANGED.to_owned()),
        compare_again: vec![LEAVE_CHANGED.to_owned()],
        finish: Vec::new(),
        recounts: true,
        count: Some(COUNT.to_owned()),
        scattered: if postgres { &REWRITTEN } else { &[] },
    }
}

/// With a product that is gone for good go its words in the index and its history.
fn forgotten(postgres: bool) -> Vec<String> {
    let id = if postgres { "product_id" } else { "rowid" };
    let of = |column: &str| {
        format!(
            "{column} IN (SELECT target_id FROM {{scratch:change_set}}
                WHERE seq > $1 AND seq <= $2 AND kind <> 'same')"
        )
    };
    vec![
        format!("DELETE FROM product_words WHERE {}", of(id)),
        format!("DELETE FROM changes WHERE {}", of("product_id")),
    ]
}

fn literal(number: Option<i64>) -> String {
    number.map_or_else(|| "NULL".to_owned(), |number| number.to_string())
}

const CREATE_CHANGE_SET: &str = "CREATE {unlogged} TABLE {scratch:change_set} (
    seq {serial}, row_key {text} NOT NULL, target_id BIGINT NOT NULL, version BIGINT NOT NULL, kind {text} NOT NULL, fields {json},
    bin_only BOOLEAN NOT NULL DEFAULT FALSE)";

/// An empty change set, whose rows are numbered as they come.
fn create_change_set(postgres: bool) -> String {
    let (serial, json) = if postgres {
        ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "JSONB")
    } else {
        ("INTEGER PRIMARY KEY", "TEXT")
    };
    CREATE_CHANGE_SET.replace("{serial}", serial).replace("{json}", json)
}

/// The statements that make the change set of a bulk action.
pub(in crate::imports) fn bulk_change_set(action: BulkAction, matching: &Matching) -> Vec<Sql> {
    let mut create = matching.sql();
    let postgres = create.is_postgres();
    create.push(&create_change_set(postgres));
    let (kind, changes, fields) = what_changes(action, postgres);
    let mut fill = matching.sql();
    fill.push("INSERT INTO {scratch:change_set} (row_key, target_id, version, kind, fields) ");
    fill.push(&format!(
        "SELECT products.sku_key, products.id, products.version,
            CASE WHEN {changes} THEN '{kind}' ELSE 'same' END, {fields} FROM products WHERE "
    ));
    matching.push(&mut fill, action.is_about_the_bin());
    fill.push(" ORDER BY products.sku_key");
    vec![create, fill]
}

/// What stands in the history of every product alike. `moment` is when.
fn constant_fields(action: BulkAction, moment: &str) -> Option<String> {
    match action {
        BulkAction::Delete => Some(format!(r#"{{"deleted_at":[null,"{moment}"]}}"#)),
        BulkAction::Activate => Some(r#"{"active":[false,true]}"#.to_owned()),
        BulkAction::Deactivate => Some(r#"{"active":[true,false]}"#.to_owned()),
        BulkAction::Purge => Some("{}".to_owned()),
        BulkAction::Restore | BulkAction::Move { .. } => None,
    }
}

fn json(text: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST('{text}' AS JSONB)")
    } else {
        format!("'{text}'")
    }
}

/// The kind of change, which products it changes at all, and its line in their history, where it is not the same for all.
fn what_changes(action: BulkAction, postgres: bool) -> (&'static str, String, String) {
    let is_not = if postgres { "IS DISTINCT FROM" } else { "IS NOT" };
    let pair = |name: &str, before: &str, after: &str| {
        if postgres {
            format!("jsonb_build_object('{name}', jsonb_build_array({before}, {after}))")
        } else {
            format!("json_object('{name}', json_array({before}, {after}))")
        }
    };
    let (always, none) = (|| "TRUE".to_owned(), || "NULL".to_owned());
    match action {
        BulkAction::Delete => ("delete", always(), none()),
        BulkAction::Restore => ("restore", always(), pair("deleted_at", "products.deleted_at", "NULL")),
        BulkAction::Purge => ("purge", always(), none()),
        BulkAction::Activate => ("update", "NOT products.active".to_owned(), none()),
        BulkAction::Deactivate => ("update", "products.active".to_owned(), none()),
        BulkAction::Move { catalog_id } => {
            let after = literal(catalog_id);
            let typed = if postgres {
                format!("CAST({after} AS BIGINT)")
            } else {
                after.clone()
            };
            (
                "update",
                format!("products.catalog_id {is_not} {after}"),
                pair("catalog_id", "products.catalog_id", &typed),
            )
        }
    }
}

/// What keeps products as they are that somebody has changed since a plan was reviewed: their names become problems, once, and their
/// rows `same`.
pub(in crate::imports) fn keep_changed_since(own: i64, newest_change: i64) -> [String; 3] {
    let changed = format!(
        "SELECT l.product_id FROM changes l
        WHERE l.id > {newest_change} AND (l.import_id IS NULL OR l.import_id <> {own})"
    );
    [
        format!("UPDATE {{scratch:change_set}} SET kind = 'kept' WHERE kind <> 'same' AND target_id IN ({changed})"),
        format!(
            "INSERT INTO {{scratch:found}} (row_no, kind, column_name, value)
            SELECT 0, 'changed_since', 'sku', p.sku
            FROM {{scratch:change_set}} s JOIN products p ON p.id = s.target_id
            WHERE s.kind = 'kept'
                AND NOT EXISTS (SELECT 1 FROM import_problems q WHERE q.import_id = {own} AND q.value = p.sku)"
        ),
        LEAVE.to_owned(),
    ]
}

/// The change set of an undo: each change of the job the other way round. A creation is taken back by a deletion. Rows that have
/// changed since are there as `same`. What comes back from the bin and was left without a catalogue comes into catalogue `reopened`; it
/// keeps that when it goes into the bin again.
pub(in crate::imports) fn undo_change_set(
    import: i64,
    postgres: bool,
    now: &str,
    reopened: Option<i64>,
) -> Vec<String> {
    let created = format!(r#"{{"deleted_at":["{now}",null]}}"#);
    let (created, reversed, bin_only, ends_deleted, ends_restored, without_reopened) = if postgres {
        (
            format!("CAST('{created}' AS JSONB)"),
            "(SELECT jsonb_object_agg(pair.key, jsonb_build_array(pair.value -> 1, pair.value -> 0))
                FROM jsonb_each(t.fields) AS pair)",
            "t.fields - 'deleted_at' = '{}'",
            "t.fields -> 'deleted_at' ->> 0 IS NOT NULL",
            "t.fields -> 'deleted_at' ->> 1 IS NOT NULL",
            "CASE WHEN fields -> 'deleted_at' ->> 0 IS NOT NULL AND fields -> 'catalog_id' ->> 0 IS NULL
                THEN fields - 'catalog_id' ELSE fields END",
        )
    } else {
        (
            format!("'{created}'"),
            "(SELECT json_group_object(pair.key, json_array(
                    json_extract(pair.value, '$[1]'), json_extract(pair.value, '$[0]')))
                FROM json_each(t.fields) AS pair)",
            "json_remove(t.fields, '$.deleted_at') = '{}'",
            "json_extract(t.fields, '$.deleted_at[0]') IS NOT NULL",
            "json_extract(t.fields, '$.deleted_at[1]') IS NOT NULL",
            "CASE WHEN json_extract(fields, '$.deleted_at[0]') IS NOT NULL AND json_extract(fields, '$.catalog_id[0]') IS NULL
                THEN json_remove(fields, '$.catalog_id') ELSE fields END",
        )
    };
    let comes_into = reopened.map(|id| (id, format!("p.catalog_id IS NULL AND {ends_restored}")));
    let (bin_only, reversed) = match comes_into {
        None => (bin_only.to_owned(), reversed.to_owned()),
        Some((id, which)) => {
            let with_catalog = if postgres {
                format!("{reversed} || CAST('{{\"catalog_id\":[null,{id}]}}' AS JSONB)")
            } else {
                format!("json_set({reversed}, '$.catalog_id', json_array(NULL, {id}))")
            };
            (
                format!("{bin_only} AND NOT ({which})"),
                format!("CASE WHEN {which} THEN {with_catalog} ELSE {reversed} END"),
            )
        }
    };
    let fill = format!(
        "INSERT INTO {{scratch:change_set}} (row_key, target_id, version, kind, bin_only, fields)
        SELECT p.sku_key, p.id, p.version,
            CASE WHEN p.version <> t.version THEN 'same' WHEN {ends_deleted} THEN 'delete'
                WHEN {ends_restored} THEN 'restore' ELSE 'update' END,
            {bin_only}, {reversed}
        FROM (SELECT product_id, version, {without_reopened} AS fields FROM ({}) d) t JOIN products p ON p.id = t.product_id
        ORDER BY p.sku_key",
        touched_by(import, &created)
    );
    let kept = format!(
        "INSERT INTO {{scratch:found}} (row_no, kind, column_name, value)
        SELECT 0, 'changed_since', 'sku', p.sku
        FROM {{scratch:change_set}} s JOIN products p ON p.id = s.target_id
        WHERE s.kind = 'same' AND {}",
        changed_by_others("p", import)
    );
    vec![create_change_set(postgres), fill, kept]
}

/// What a job has done to which products: `product_id`, the `version` that it left, and the changed `fields`, which are `created` for
/// those that it added.
pub(in crate::imports) fn touched_by(import: i64, created: &str) -> String {
    format!(
        "SELECT product_id, version, fields FROM changes WHERE import_id = {import}
        UNION ALL SELECT id, 1, {created} FROM products WHERE created_import_id = {import}"
    )
}

/// Whether the product's present state comes from anything but the undo itself.
pub(in crate::imports) fn changed_by_others(product: &str, import: i64) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM changes l JOIN imports i ON i.id = l.import_id
            WHERE l.product_id = {product}.id AND l.version = {product}.version AND i.undoes = {import})"
    )
}

/// Each field gets the value that `fields` names second; fields that are not named keep theirs. Where the bin is all there is, no other
/// column is written, and no index of one.
fn set_back(postgres: bool) -> Vec<String> {
    let field = |name: &str, value: &str| {
        if postgres {
            let text = format!("(c.fields -> '{name}' ->> 1)");
            format!(
                "{name} = CASE WHEN c.fields -> '{name}' IS NULL THEN products.{name} ELSE {} END",
                value.replace("{}", &text)
            )
        } else {
            let found = format!("json_extract(c.fields, '$.{name}[1]')");
            format!(
                "{name} = CASE WHEN json_type(c.fields, '$.{name}') IS NULL THEN products.{name} ELSE {} END",
                value.replace("{}", &found)
            )
        }
    };
    let as_type = |kind: &str| {
        if postgres {
            format!("CAST({{}} AS {kind})")
        } else {
            "{}".to_owned()
        }
    };
    // A parent that is gone meanwhile does not come back.
    let parent = field(
        "parent_id",
        &format!("(SELECT q.id FROM products q WHERE q.id = {})", as_type("BIGINT")),
    );
    let bin = field("deleted_at", &as_type("TIMESTAMPTZ"));
    let all = [
        field("name", "{}"),
        field("description", "{}"),
        field("price_minor", &as_type("BIGINT")),
        field("active", &as_type("BOOLEAN")),
        // A catalogue that has been deleted meanwhile does not come back.
        field(
            "catalog_id",
            &format!("(SELECT k.id FROM catalogs k WHERE k.id = {})", as_type("BIGINT")),
        ),
        parent,
        field("options", &as_type("JSONB")),
        field("attributes", &as_type("JSONB")),
        field("pictures", &as_type("JSONB")),
        bin.clone(),
    ]
    .join(", ");
    let update = |set: &str, which: &str| {
        format!(
            "UPDATE products SET {set}, version = products.version + 1, updated_at = {{now}} {SAME_VERSION} AND {which}"
        )
    };
    vec![update(&bin, "c.bin_only"), update(&all, "NOT c.bin_only")]
}
