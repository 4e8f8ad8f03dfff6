//! Products: staged rows become created, updated and restored products, with the history of what was updated.
//!
//! A null in the stage keeps the current value: the cell was blank, or the file lacks the column.

use super::{FileStatements, Statements};
use crate::database::bulk::Table;

pub(super) fn statements(postgres: bool) -> Statements {
    let file = FileStatements {
        stage: Table {
            name: "{scratch:stage}",
            columns: &[
                "row_no", "sku", "row_key", "name", "description", "price_minor", "active", "catalog_name", "catalog_key",
                "catalog_id",
            ],
        },
        create_stage: "CREATE {unlogged} TABLE {scratch:stage} (
            row_no BIGINT NOT NULL, sku {text} NOT NULL, row_key {text} NOT NULL, name {text}, description {text},
            price_minor BIGINT, active BOOLEAN, catalog_name {text}, catalog_key {text}, catalog_id BIGINT)".to_owned(),
        superseded: "INSERT INTO import_problems (import_id, row_no, kind, column_name, value)
            SELECT {import}, lost.row_no, 'superseded', $1, lost.sku
            FROM {scratch:stage} lost
            JOIN (SELECT row_key, max(row_no) AS last FROM {scratch:stage} GROUP BY row_key HAVING count(*) > 1) won
                ON won.row_key = lost.row_key AND lost.row_no < won.last".to_owned(),
        drop_superseded: postgres.then(|| DROP_SUPERSEDED.to_owned()),
        create_related: Some(CREATE_CATALOGS.to_owned()),
        compare: if postgres { compare_postgres() } else { compare_sqlite() },
        reject: "INSERT INTO import_problems (import_id, row_no, kind, column_name, value)
            SELECT {import}, row_no, 'name_missing', $1, NULL FROM {scratch:change_set} WHERE kind = 'create' AND name IS NULL".to_owned(),
        drop_rejected: "DELETE FROM {scratch:change_set} WHERE kind = 'create' AND name IS NULL".to_owned(),
    };
    Statements {
        file: Some(file),
        create: Some(CREATE.to_owned()),
        update: vec![UPDATE.to_owned()],
        record: vec![RECORD_CHANGES.to_owned()],
        keep_changed: None,
        compare_again: compare_again(postgres),
        finish: recounted(),
        count: Some(COUNT.to_owned()),
        scattered: &SCATTERED,
    }
}

/// As the migrations make them. New rows come in no order of theirs.
pub(in crate::imports) const SCATTERED: [(&str, &str); 2] = [
    ("products_by_name", "products (lower(name), id)"),
    ("products_by_price", "products (coalesce(price_minor, -1), id)"),
];

/// PostgreSQL writes a row that changes as a new one, and so to every index of the table.
pub(in crate::imports) const REWRITTEN: [(&str, &str); 6] = [
    ("products_in_bin", "products (deleted_at) WHERE deleted_at IS NOT NULL"),
    ("products_by_name", "products (lower(name), id)"),
    ("products_by_price", "products (coalesce(price_minor, -1), id)"),
    ("products_by_update", "products (updated_at, id)"),
    ("products_by_creation", "products (created_at, id)"),
    (
        "products_of_import",
        "products (created_import_id) WHERE created_import_id IS NOT NULL",
    ),
];

/// Keeps the number of products. `$3`: rows created.
pub(super) const COUNT: &str = "UPDATE counters SET value = value + $3
        + (SELECT coalesce(sum(CASE kind WHEN 'restore' THEN 1 WHEN 'delete' THEN -1 ELSE 0 END), 0)
            FROM {scratch:change_set} WHERE seq > $1 AND seq <= $2)
    WHERE name = 'products'";

/// Totals that are counted again at the end, each by an index of its own rows.
pub(super) fn recounted() -> Vec<String> {
    [
        "UPDATE catalogs SET product_count =
            (SELECT count(*) FROM products WHERE products.catalog_id = catalogs.id AND products.deleted_at IS NULL)",
        "UPDATE counters SET value = (SELECT count(*) FROM products WHERE NOT active AND deleted_at IS NULL)
            WHERE name = 'inactive_products'",
    ]
    .map(str::to_owned)
    .to_vec()
}

const DROP_SUPERSEDED: &str = "DELETE FROM {scratch:stage} s USING import_problems lost
    WHERE lost.import_id = {import} AND lost.kind = 'superseded' AND s.row_no = lost.row_no";

const CREATE_CATALOGS: &str = "INSERT INTO catalogs (name, name_key, created_at, updated_at)
    SELECT min(catalog_name), catalog_key, {now}, {now} FROM {scratch:stage}
    WHERE catalog_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalogs WHERE catalogs.name_key = catalog_key)
    GROUP BY catalog_key
    ON CONFLICT (name_key) DO NOTHING";

const CREATE: &str = "INSERT INTO products
        (sku, sku_key, name, description, price_minor, active, catalog_id, version, created_import_id, created_at, updated_at)
    SELECT sku, row_key, name, coalesce(description, ''), price_minor, coalesce(active, TRUE), catalog_id, 1, {import}, {now}, {now}
    FROM {scratch:change_set}
    WHERE seq > $1 AND seq <= $2 AND kind = 'create'
    ORDER BY seq
    ON CONFLICT (sku_key) DO NOTHING";

const UPDATE: &str = "UPDATE products SET
        name = coalesce(c.name, products.name),
        description = coalesce(c.description, products.description),
        price_minor = coalesce(c.price_minor, products.price_minor),
        active = coalesce(c.active, products.active),
        catalog_id = coalesce(c.catalog_id, products.catalog_id),
        version = products.version + 1,
        updated_at = {now},
        deleted_at = NULL
    FROM {scratch:change_set} c
    WHERE c.seq > $1 AND c.seq <= $2 AND c.kind IN ('update', 'restore')
        AND products.id = c.target_id AND products.version = c.version";

pub(super) const RECORD_CHANGES: &str = "INSERT INTO changes (product_id, version, kind, import_id, fields, made_at)
    SELECT target_id, version + 1, kind, {import}, fields, {now}
    FROM {scratch:change_set}
    WHERE seq > $1 AND seq <= $2 AND kind IN ('update', 'restore', 'delete')
    ORDER BY seq";

/// The fields that differ, as conditions on `w` (the file's row) and `p` (the product).
const FIELDS: [(&str, &str); 5] = [
    ("name", "w.name <> p.name"),
    ("description", "w.description <> p.description"),
    (
        "price_minor",
        "(w.price_minor <> p.price_minor OR (w.price_minor IS NOT NULL AND p.price_minor IS NULL))",
    ),
    ("active", "w.active <> p.active"),
    (
        "catalog_id",
        "(w.catalog_id <> p.catalog_id OR (w.catalog_id IS NOT NULL AND p.catalog_id IS NULL))",
    ),
];

fn differs() -> String {
    FIELDS.map(|(_, condition)| condition).join(" OR ")
}

/// `{"name": ["before", "after"], …}` with the fields that differ.
fn fields(postgres: bool) -> String {
    let (object, array, end) = if postgres {
        ("jsonb_strip_nulls(jsonb_build_object(", "jsonb_build_array", "))")
    } else {
        ("json_patch('{}', json_object(", "json_array", "))")
    };
    let restored = ("deleted_at", "p.deleted_at IS NOT NULL");
    let pairs = FIELDS.iter().chain([&restored]).map(|(field, condition)| {
        let after = if *field == "deleted_at" {
            "NULL".to_owned()
        } else {
            format!("w.{field}")
        };
        let pair = format!("CASE WHEN {condition} THEN {array}(p.{field}, {after}) END");
        // SQLite forgets that a value is JSON when it comes out of a CASE.
        if postgres {
            format!("'{field}', {pair}")
        } else {
            format!("'{field}', json({pair})")
        }
    });
    format!("{object}{}{end}", pairs.collect::<Vec<_>>().join(", "))
}

/// The columns of the change set, from `w` and `p`.
fn columns(postgres: bool) -> String {
    format!(
        "w.row_key, w.row_no, p.id AS target_id, p.version,
        CASE WHEN p.id IS NULL THEN 'create' WHEN p.deleted_at IS NOT NULL THEN 'restore' ELSE 'update' END AS kind,
        CASE WHEN p.id IS NOT NULL THEN {} END AS fields,
        w.sku, w.name, w.description, w.price_minor, w.active, w.catalog_id",
        fields(postgres)
    )
}

/// Rows that lost to others of their key have left the stage before.
fn compare_postgres() -> Vec<String> {
    let compare = format!(
        "CREATE UNLOGGED TABLE {{scratch:change_set}} AS
        SELECT row_number() OVER (ORDER BY changed.row_key) AS seq, changed.* FROM (
            SELECT {columns}
            FROM (
                SELECT s.row_key, s.row_no, s.sku, s.name, s.description, s.price_minor, s.active,
                    coalesce(s.catalog_id, k.id) AS catalog_id
                FROM {{scratch:stage}} s LEFT JOIN catalogs k ON k.name_key = s.catalog_key
            ) w
            LEFT JOIN products p ON p.sku_key = w.row_key
            WHERE p.id IS NULL OR p.deleted_at IS NOT NULL OR {differs}
        ) changed",
        columns = columns(true),
        differs = differs(),
    );
    vec![compare, "CREATE UNIQUE INDEX ON {scratch:change_set} (seq)".to_owned()]
}

/// The rows are numbered by being written in their order: a window function would write them all down once more.
fn compare_sqlite() -> Vec<String> {
    let create = "CREATE TABLE {scratch:change_set} (
        seq INTEGER PRIMARY KEY, row_key, row_no, target_id, version, kind, fields, sku, name, description, price_minor, active,
        catalog_id)";
    // With max() SQLite takes the other columns of a group from the row that has the maximum.
    let fill = format!(
        "INSERT INTO {{scratch:change_set}}
            (row_key, row_no, target_id, version, kind, fields, sku, name, description, price_minor, active, catalog_id)
        SELECT {columns}
        FROM (
            SELECT s.row_key, max(s.row_no) AS row_no, s.sku, s.name, s.description, s.price_minor, s.active,
                coalesce(s.catalog_id, k.id) AS catalog_id
            FROM {{scratch:stage}} s LEFT JOIN catalogs k ON k.name_key = s.catalog_key
            GROUP BY s.row_key
        ) w
        LEFT JOIN products p ON p.sku_key = w.row_key
        WHERE p.id IS NULL OR p.deleted_at IS NOT NULL OR {differs}
        ORDER BY w.row_key",
        columns = columns(false),
        differs = differs(),
    );
    vec![create.to_owned(), fill]
}

fn compare_again(postgres: bool) -> Vec<String> {
    let range = "c.seq > $1 AND c.seq <= $2";
    let forget = "UPDATE {scratch:change_set} SET target_id = NULL, version = NULL, fields = NULL, kind = 'create'
        WHERE seq > $1 AND seq <= $2";
    let find = format!(
        "UPDATE {{scratch:change_set}} AS c SET target_id = p.id, version = p.version, fields = {fields},
            kind = CASE WHEN p.deleted_at IS NOT NULL THEN 'restore' WHEN {differs} THEN 'update' ELSE 'same' END
        FROM products p, {{scratch:change_set}} w
        WHERE {range} AND w.seq = c.seq AND p.sku_key = c.row_key",
        fields = fields(postgres),
        differs = differs(),
    );
    vec![forget.to_owned(), find]
}
