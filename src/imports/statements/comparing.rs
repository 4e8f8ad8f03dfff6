//! Staged rows of products against the products that there are: which of them change what.

use super::Rules;
use super::parts::{self, Part};
use crate::imports::options::Mode;
use crate::imports::review::CheckedField;

/// A field of which the file may say something else than the product has.
pub(super) struct Compared {
    field: CheckedField,
    /// Condition on `w` (the file's row), `p` (the product) and `q` (the parent that the row names).
    differs: String,
    before: String,
    /// The value that the row gives it.
    after: String,
}

pub(super) fn compared(
    field: CheckedField,
    differs: impl Into<String>,
    before: impl Into<String>,
    after: impl Into<String>,
) -> Compared {
    Compared {
        field,
        differs: differs.into(),
        before: before.into(),
        after: after.into(),
    }
}

/// The fields that any file may have.
fn usual() -> [Compared; 5] {
    [
        compared(CheckedField::Name, "w.name <> p.name", "p.name", "w.name"),
        compared(
            CheckedField::Description,
            "w.description <> p.description",
            "p.description",
            "w.description",
        ),
        compared(
            CheckedField::Price,
            "w.price_minor <> coalesce(p.price_minor, -1)",
            "p.price_minor",
            "nullif(w.price_minor, -1)",
        ),
        compared(CheckedField::Active, "w.active <> p.active", "p.active", "w.active"),
        compared(
            CheckedField::Catalog,
            "w.catalog_id <> coalesce(p.catalog_id, 0)",
            "p.catalog_id",
            "nullif(w.catalog_id, 0)",
        ),
    ]
}

fn all_compared(rules: &Rules, postgres: bool) -> Vec<Compared> {
    let parts = parts::of(rules.parts, postgres);
    usual()
        .into_iter()
        .chain(parts.into_iter().flat_map(|part| part.compared))
        .collect()
}

fn differs(rules: &Rules, postgres: bool) -> String {
    let all = all_compared(rules, postgres);
    all.into_iter()
        .map(|compared| compared.differs)
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// The parents that rows name, where they can.
fn parents_joined(rules: &Rules) -> &'static str {
    if rules.parts.variants {
        "LEFT JOIN products q ON q.sku_key = w.parent_key AND q.deleted_at IS NULL"
    } else {
        ""
    }
}

/// Something of each part, each after a comma.
fn of_parts(rules: &Rules, postgres: bool, pieces: impl Fn(&Part) -> Vec<String>) -> String {
    let parts = parts::of(rules.parts, postgres);
    parts
        .iter()
        .flat_map(pieces)
        .map(|piece| format!(", {piece}"))
        .collect()
}

fn staged_parts(rules: &Rules, postgres: bool) -> String {
    of_parts(rules, postgres, |part| {
        part.carried.iter().map(|name| format!("s.{name}")).collect()
    })
}

fn set_parts(rules: &Rules, postgres: bool) -> String {
    of_parts(rules, postgres, |part| {
        let named = part
            .set
            .iter()
            .map(|column| format!("{} AS {}", column.value, column.name));
        named.collect()
    })
}

/// `{"name": ["before", "after"], …}` with the fields that differ.
fn fields(rules: &Rules, postgres: bool) -> String {
    if rules.options.mode == Mode::Delete {
        let deleted = "'{\"deleted_at\":[null,\"{moment}\"]}'";
        return if postgres {
            format!("CAST({deleted} AS JSONB)")
        } else {
            deleted.to_owned()
        };
    }
    let (object, array, end) = if postgres {
        ("jsonb_strip_nulls(jsonb_build_object(", "jsonb_build_array", "))")
    } else {
        ("json_patch('{}', json_object(", "json_array", "))")
    };
    let pair = |field: &str, condition: &str, before: &str, after: &str| {
        let pair = format!("CASE WHEN {condition} THEN {array}({before}, {after}) END");
        // SQLite forgets that a value is JSON when it comes out of a CASE.
        if postgres {
            format!("'{field}', {pair}")
        } else {
            format!("'{field}', json({pair})")
        }
    };
    let changed = all_compared(rules, postgres).into_iter().map(|compared| {
        let Compared {
            field,
            differs,
            before,
            after,
        } = &compared;
        pair(field.column(), differs, before, after)
    });
    let restored = pair("deleted_at", "p.deleted_at IS NOT NULL", "p.deleted_at", "NULL");
    let pairs: Vec<String> = changed.chain([restored]).collect();
    format!("{object}{}{end}", pairs.join(", "))
}

/// For whoever looks at the changes before they happen: which fields, which of them lose their value, and the price that was.
fn looked_at(rules: &Rules, postgres: bool) -> String {
    let touched: Vec<String> = all_compared(rules, postgres)
        .iter()
        .map(|compared| {
            format!(
                "CASE WHEN {} THEN {} ELSE 0 END",
                compared.differs,
                compared.field.bit()
            )
        })
        .collect();
    let usual = [
        (CheckedField::Description, "w.description = '' AND p.description <> ''"),
        (CheckedField::Price, "w.price_minor = -1 AND p.price_minor IS NOT NULL"),
        (CheckedField::Catalog, "w.catalog_id = 0 AND p.catalog_id IS NOT NULL"),
    ]
    .map(|(field, condition)| (field, condition.to_owned()));
    let of_parts = parts::of(rules.parts, postgres)
        .into_iter()
        .filter_map(|part| part.cleared);
    let cleared: Vec<String> = usual
        .into_iter()
        .chain(of_parts)
        .map(|(field, condition)| format!("CASE WHEN {condition} THEN {} ELSE 0 END", field.bit()))
        .collect();
    format!(
        ", CASE WHEN p.id IS NULL THEN 0 ELSE {} END AS touched, {} AS cleared, p.price_minor AS price_before",
        touched.join(" + "),
        cleared.join(" + ")
    )
}

/// The columns of the change set, from `w` and `p`.
fn columns(rules: &Rules, postgres: bool) -> String {
    let existing = if rules.options.mode == Mode::Delete {
        "'delete'"
    } else {
        "CASE WHEN p.deleted_at IS NOT NULL THEN 'restore' ELSE 'update' END"
    };
    let columns = format!(
        "w.row_key, w.row_no, p.id AS target_id, p.version,
        CASE WHEN p.id IS NULL THEN 'create' ELSE {existing} END AS kind,
        CASE WHEN p.id IS NOT NULL THEN {} END AS fields,
        w.sku, w.name, w.description, w.price_minor, w.active, w.catalog_id AS catalog_id{}{}",
        fields(rules, postgres),
        set_parts(rules, postgres),
        if rules.is_check {
            looked_at(rules, postgres)
        } else {
            String::new()
        }
    );
    with_chosen_catalog(rules, &columns)
}

/// Which rows change anything that they may change.
fn changes(rules: &Rules, postgres: bool) -> String {
    let differs = || with_chosen_catalog(rules, &differs(rules, postgres));
    match rules.options.mode {
        Mode::AddAndUpdate => format!("p.id IS NULL OR p.deleted_at IS NOT NULL OR {}", differs()),
        Mode::AddOnly => "p.id IS NULL OR p.deleted_at IS NOT NULL".to_owned(),
        Mode::UpdateOnly => format!("p.id IS NOT NULL AND p.deleted_at IS NULL AND ({})", differs()),
        Mode::Delete => "p.id IS NOT NULL AND p.deleted_at IS NULL".to_owned(),
    }
}

/// The catalogue that a row of the stage names.
fn catalog(rules: &Rules) -> &'static str {
    if rules.defers_catalogs() {
        "coalesce(s.catalog_id, k.id, n.id) AS catalog_id"
    } else {
        "coalesce(s.catalog_id, k.id) AS catalog_id"
    }
}

/// A condition or value of `w`, where a product that is in no catalogue, and is given none, goes to the one that was chosen.
fn with_chosen_catalog(rules: &Rules, sql: &str) -> String {
    match rules.options.catalog_id {
        Some(chosen) if rules.options.mode != Mode::Delete => {
            let given = format!(
                "coalesce(w.catalog_id, CASE WHEN p.catalog_id IS NULL THEN (SELECT id FROM catalogs WHERE id = {chosen}) END)"
            );
            sql.replace("w.catalog_id", &given)
        }
        _ => sql.to_owned(),
    }
}

fn catalogs_joined(rules: &Rules) -> &'static str {
    if rules.defers_catalogs() {
        "LEFT JOIN catalogs k ON k.name_key = s.catalog_key LEFT JOIN {scratch:new_catalogs} n ON n.name_key = s.catalog_key"
    } else {
        "LEFT JOIN catalogs k ON k.name_key = s.catalog_key"
    }
}

/// Products of a catalogue that the file does not list, to be added to the rows of the file.
fn missing(rules: &Rules, postgres: bool) -> String {
    let Some(catalog) = rules.deactivates_in() else {
        return String::new();
    };
    let fields = if postgres {
        r#"CAST('{"active":[true,false]}' AS JSONB)"#
    } else {
        r#"'{"active":[true,false]}'"#
    };
    let number = if postgres { "CAST(NULL AS BIGINT)" } else { "NULL" };
    let looked_at = if rules.is_check {
        format!(", {}, 0, p.price_minor", CheckedField::Active.bit())
    } else {
        String::new()
    };
    let parts = of_parts(rules, postgres, |part| {
        part.set.iter().map(|column| column.unlisted.to_owned()).collect()
    });
    format!(
        " UNION ALL SELECT p.sku_key, {number}, p.id, p.version, 'update', {fields}, p.sku, NULL, NULL, {number}, FALSE, {number}{parts}{looked_at}
        FROM products p WHERE p.catalog_id = {catalog} AND p.active AND p.deleted_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM {{scratch:stage}} s WHERE s.row_key = p.sku_key)
            AND p.sku_key NOT IN (SELECT row_key FROM {{scratch:seen}})"
    )
}

/// Rows that lost to others of their key have left the stage before.
pub(super) fn compare_postgres(rules: &Rules) -> Vec<String> {
    let compare = format!(
        "CREATE UNLOGGED TABLE {{scratch:change_set}} AS
        SELECT row_number() OVER (ORDER BY changed.{order}) AS seq, changed.* FROM (
            SELECT {columns}
            FROM (
                SELECT s.row_key, s.row_no, s.sku, s.name, s.description, s.price_minor, s.active, {catalog}{parts}
                FROM {{scratch:stage}} s {catalogs}
            ) w
            LEFT JOIN products p ON p.sku_key = w.row_key {parents}
            WHERE {changes}{missing}
        ) changed",
        order = rules.order(),
        parts = staged_parts(rules, true),
        parents = parents_joined(rules),
        columns = columns(rules, true),
        catalog = catalog(rules),
        catalogs = catalogs_joined(rules),
        changes = changes(rules, true),
        missing = missing(rules, true),
    );
    vec![compare, "CREATE UNIQUE INDEX ON {scratch:change_set} (seq)".to_owned()]
}

/// The rows are numbered by being written in their order: a window function would write them all down once more.
pub(super) fn compare_sqlite(rules: &Rules) -> Vec<String> {
    let looked_at = if rules.is_check {
        ", touched, cleared, price_before"
    } else {
        ""
    };
    let parts = of_parts(rules, false, |part| {
        part.set.iter().map(|column| column.name.to_owned()).collect()
    });
    let names = format!(
        "row_key, row_no, target_id, version, kind, fields, sku, name, description, price_minor, active, catalog_id{parts}{looked_at}"
    );
    let create = format!("CREATE TABLE {{scratch:change_set}} (seq INTEGER PRIMARY KEY, {names})");
    // With max() SQLite takes the other columns of a group from the row that has the maximum.
    let fill = format!(
        "INSERT INTO {{scratch:change_set}} ({names})
        SELECT {columns}
        FROM (
            SELECT s.row_key, max(s.row_no) AS row_no, s.sku, s.name, s.description, s.price_minor, s.active, {catalog}{parts}
            FROM {{scratch:stage}} s {catalogs}
            GROUP BY s.row_key
        ) w
        LEFT JOIN products p ON p.sku_key = w.row_key {parents}
        WHERE {changes}{missing}
        ORDER BY {order}",
        columns = columns(rules, false),
        catalog = catalog(rules),
        catalogs = catalogs_joined(rules),
        changes = changes(rules, false),
        missing = missing(rules, false),
        parts = staged_parts(rules, false),
        parents = parents_joined(rules),
        order = match (rules.deactivates_in(), rules.parts.variants) {
            (Some(_), false) => "1",
            (None, false) => "w.row_key",
            // Its place among the columns.
            (_, true) => "17",
        },
    );
    vec![create, fill]
}

/// Before the variants of a range are written: each finds its parent, which may have been made just before.
pub(super) fn link(postgres: bool) -> Vec<String> {
    let fields = if postgres {
        "jsonb_set(fields, '{parent_id,1}', to_jsonb(parent_id)) WHERE jsonb_exists(fields, 'parent_id') AND"
    } else {
        "json_set(fields, '$.parent_id[1]', parent_id) WHERE json_type(fields, '$.parent_id') IS NOT NULL AND"
    };
    vec![
        "UPDATE {scratch:change_set} SET parent_id = (SELECT p.id FROM products p
            WHERE p.sku_key = {scratch:change_set}.parent_key AND p.deleted_at IS NULL)
        WHERE seq > $1 AND seq <= $2 AND parent_key IS NOT NULL"
            .to_owned(),
        format!("UPDATE {{scratch:change_set}} SET fields = {fields} seq > $1 AND seq <= $2 AND parent_id IS NOT NULL"),
    ]
}

pub(super) fn compare_again(rules: &Rules, postgres: bool) -> Vec<String> {
    let range = "c.seq > $1 AND c.seq <= $2";
    let (gone, live, binned) = match rules.options.mode {
        Mode::AddAndUpdate => (
            "create",
            format!("WHEN {} THEN 'update'", differs(rules, postgres)),
            "restore",
        ),
        Mode::AddOnly => ("create", String::new(), "restore"),
        Mode::UpdateOnly => (
            "same",
            format!("WHEN {} THEN 'update'", differs(rules, postgres)),
            "same",
        ),
        Mode::Delete => ("same", "WHEN TRUE THEN 'delete'".to_owned(), "same"),
    };
    let forget = format!(
        "UPDATE {{scratch:change_set}} SET target_id = NULL, version = NULL, fields = NULL, kind = '{gone}'
        WHERE seq > $1 AND seq <= $2 AND row_no IS NOT NULL"
    );
    let find = format!(
        "UPDATE {{scratch:change_set}} AS c SET target_id = p.id, version = p.version, fields = {fields},
            kind = CASE WHEN p.deleted_at IS NOT NULL THEN '{binned}' {live} ELSE 'same' END
        FROM products p, {{scratch:change_set}} w {parents}
        WHERE {range} AND w.seq = c.seq AND p.sku_key = c.row_key AND c.row_no IS NOT NULL",
        fields = fields(rules, postgres),
        parents = parents_joined(rules),
    );
    let unlisted = format!(
        "UPDATE {{scratch:change_set}} AS c SET version = p.version,
            kind = CASE WHEN p.active AND p.deleted_at IS NULL THEN 'update' ELSE 'same' END
        FROM products p WHERE {range} AND c.row_no IS NULL AND p.id = c.target_id"
    );
    vec![forget, find, unlisted]
}
