//! Products: staged rows become created, updated and restored products, with the history of what was updated.
//!
//! A null in the stage keeps the current value: the cell was blank, or the file lacks the column. An empty description, a price of -1 and a
//! catalogue 0 take the value away.

use super::comparing::{compare_again, compare_postgres, compare_sqlite, link};
use super::parts::{self, ProductColumn};
use super::{Blamed, Deferred, FileStatements, Refusal, Rules, Statements, pictures, reviewed};
use crate::database::bulk::Table;
use crate::imports::options::Mode;

pub(super) fn statements(rules: &Rules, postgres: bool) -> Statements {
    let (keep_changed, compare_again) = match rules.reviewed {
        Some(_) => (Some(reviewed::keep_raced()), vec![reviewed::leave_raced()]),
        None => (None, compare_again(rules, postgres)),
    };
    Statements {
        file: Some(file(rules, postgres)),
        create: create(rules, postgres),
        link: if rules.parts.variants {
            link(postgres)
        } else {
            Vec::new()
        },
        order: rules.order(),
        update: vec![update(rules, postgres)],
        record: vec![record_with_rows()],
        follow: if rules.parts.pictures {
            pictures::ask(postgres)
        } else {
            Vec::new()
        },
        keep_changed,
        compare_again,
        finish: Vec::new(),
        recounts: true,
        count: Some(COUNT.to_owned()),
        scattered: &SCATTERED,
    }
}

fn file(rules: &Rules, postgres: bool) -> FileStatements {
    let parts = parts::of(rules.parts, postgres);
    let of_parts = parts.iter().flat_map(|part| part.stage.iter().copied());
    let columns: Vec<(&str, &str)> = STAGED.into_iter().chain(of_parts).collect();
    let repeated = if rules.refuses_repeated() {
        REFUSE_REPEATED
    } else {
        SUPERSEDED
    };
    FileStatements {
        stage: Table {
            name: "{scratch:stage}",
            columns: columns.iter().map(|(name, _)| *name).collect(),
        },
        create_stage: create_stage(rules, &columns),
        repeated: repeated.to_owned(),
        repeated_are_refused: rules.refuses_repeated(),
        drop_repeated: taken_out(rules, "'superseded', 'sku_repeated'"),
        refusals: refusals(rules),
        create_related: if rules.defers_catalogs() {
            Vec::new()
        } else {
            // Found first: SQLite lets nobody else write while they are looked for.
            vec![gather_new_catalogs(rules), MAKE_CATALOGS.to_owned()]
        },
        compare: compare(rules, postgres),
        rejects: None,
        keep_reviewed: rules
            .reviewed
            .map(|(newest, change)| reviewed::keep(newest, change))
            .unwrap_or_default(),
        deferred: (rules.defers_catalogs() && !rules.is_check).then(|| Deferred {
            choose: CHOOSE_CATALOGS.to_owned(),
            make: MAKE_CATALOGS.to_owned(),
            place: place_catalogs(postgres),
        }),
    }
}

/// The stage is completed, compared with the catalogue, and for a check the changes can be looked up by what they touch.
fn compare(rules: &Rules, postgres: bool) -> Vec<String> {
    let index = |name: &str, table: &str, columns: &str| {
        if postgres {
            format!("CREATE INDEX ON {{scratch:{table}}} ({columns})")
        } else {
            format!("CREATE INDEX scratch.{name} ON {table} ({columns})")
        }
    };
    let mut statements = Vec::new();
    if rules.deactivates_in().is_some() || rules.parts.variants {
        statements.push(index("stage_by_key", "stage", "row_key"));
    }
    if rules.parts.has_gathered_pictures() {
        statements.push(index("pictures_by_key", "pictures", "row_key"));
        statements.push(pictures::gather(postgres));
    }
    if rules.parts.variants {
        statements.extend(without_parent());
    }
    if rules.defers_catalogs() {
        statements.push(gather_new_catalogs(rules));
    }
    statements.extend(if postgres {
        compare_postgres(rules)
    } else {
        compare_sqlite(rules)
    });
    if rules.is_check {
        statements.push(index(
            "change_set_by_fields",
            "change_set",
            "kind, touched, cleared, seq",
        ));
    }
    statements
}

/// Columns of every file.
const STAGED: [(&str, &str); 11] = [
    ("row_no", "BIGINT NOT NULL"),
    ("sku", "{text} NOT NULL"),
    ("row_key", "{text} NOT NULL"),
    ("name", "{text}"),
    ("description", "{text}"),
    ("price_minor", "BIGINT"),
    ("active", "BOOLEAN"),
    ("catalog_name", "{text}"),
    ("catalog_key", "{text}"),
    ("catalog_id", "BIGINT"),
    ("origin", "BIGINT"),
];

fn create_stage(rules: &Rules, columns: &[(&str, &str)]) -> Vec<String> {
    let columns: Vec<String> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let stage = format!("CREATE {{unlogged}} TABLE {{scratch:stage}} ({})", columns.join(", "));
    let seen = "CREATE {unlogged} TABLE {scratch:seen} (row_key {text} NOT NULL)".to_owned();
    let gathered = rules.parts.has_gathered_pictures().then(|| pictures::CREATE.to_owned());
    [stage, seen].into_iter().chain(gathered).collect()
}

/// A parent must be there or come with the file, and be no variant; and what has variants is none. Otherwise the row does without, and a
/// warning says so. Whether a row was to be a variant stays, because the order of the change set follows it.
fn without_parent() -> [String; 2] {
    let unusable = "s.parent_key IS NOT NULL AND (s.parent_key = s.row_key
        OR EXISTS (SELECT 1 FROM {scratch:stage} o WHERE o.row_key = s.parent_key AND o.parent_key IS NOT NULL)
        OR NOT EXISTS (SELECT 1 FROM {scratch:stage} o WHERE o.row_key = s.parent_key)
            AND NOT EXISTS (SELECT 1 FROM products p WHERE p.sku_key = s.parent_key AND p.deleted_at IS NULL AND p.parent_id IS NULL)
        OR EXISTS (SELECT 1 FROM products p JOIN products child ON child.parent_id = p.id AND child.deleted_at IS NULL
            WHERE p.sku_key = s.row_key))";
    [
        format!(
            "INSERT INTO {{scratch:found}} (row_no, kind, column_name, value)
            SELECT s.row_no, 'parent_unusable', NULL, s.parent_sku FROM {{scratch:stage}} s WHERE {unusable}"
        ),
        "UPDATE {scratch:stage} SET parent_key = NULL
            WHERE row_no IN (SELECT row_no FROM {scratch:found} WHERE kind = 'parent_unusable')"
            .to_owned(),
    ]
}

/// Rows with such a problem leave the stage; that the file lists their products is remembered.
fn taken_out(rules: &Rules, kinds: &str) -> Vec<String> {
    let rows = format!("row_no IN (SELECT row_no FROM {{scratch:found}} WHERE kind IN ({kinds}))");
    let seen = format!("INSERT INTO {{scratch:seen}} (row_key) SELECT row_key FROM {{scratch:stage}} WHERE {rows}");
    let seen = rules.deactivates_in().map(|_| seen);
    seen.into_iter()
        .chain([format!("DELETE FROM {{scratch:stage}} WHERE {rows}")])
        .collect()
}

/// Known by the rows of the stage alone, so that nothing has been written yet.
fn refusals(rules: &Rules) -> Vec<Refusal> {
    let refusal = |column, kind: &str, value: &str, condition: &str| Refusal {
        column,
        report: format!(
            "INSERT INTO {{scratch:found}} (row_no, kind, column_name, value)
            SELECT row_no, '{kind}', $1, {value} FROM {{scratch:stage}} s WHERE {condition}"
        ),
        remove: taken_out(rules, &format!("'{kind}'")),
    };
    let mut refusals = Vec::new();
    if rules.refuses_unknown_catalogs() {
        let unknown =
            "catalog_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalogs k WHERE k.name_key = s.catalog_key)";
        refusals.push(refusal(Blamed::Catalog, "catalog_unknown", "catalog_name", unknown));
    }
    if rules.creates() {
        let unnamed = "name IS NULL AND NOT EXISTS (SELECT 1 FROM products p WHERE p.sku_key = s.row_key)";
        refusals.push(refusal(Blamed::Name, "name_missing", "NULL", unnamed));
    }
    refusals
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

const SUPERSEDED: &str = "INSERT INTO {scratch:found} (row_no, kind, column_name, value)
    SELECT lost.row_no, 'superseded', $1, lost.sku
    FROM {scratch:stage} lost
    JOIN (SELECT row_key, max(row_no) AS last FROM {scratch:stage} GROUP BY row_key HAVING count(*) > 1) won
        ON won.row_key = lost.row_key AND lost.row_no < won.last";

const REFUSE_REPEATED: &str = "INSERT INTO {scratch:found} (row_no, kind, column_name, value)
    SELECT one.row_no, 'sku_repeated', $1, one.sku
    FROM {scratch:stage} one
    JOIN (SELECT row_key FROM {scratch:stage} GROUP BY row_key HAVING count(*) > 1) other ON other.row_key = one.row_key";

/// Catalogues that the file names for products that it may touch, and that the shop does not have.
fn gather_new_catalogs(rules: &Rules) -> String {
    let there = "EXISTS (SELECT 1 FROM products p WHERE p.sku_key = row_key AND p.deleted_at IS NULL)";
    let touched = match rules.options.mode {
        Mode::AddAndUpdate | Mode::Delete => String::new(),
        Mode::AddOnly => format!("AND NOT {there}"),
        Mode::UpdateOnly => format!("AND {there}"),
    };
    format!(
        "CREATE {{unlogged}} TABLE {{scratch:new_catalogs}} AS
        SELECT -row_number() OVER (ORDER BY catalog_key) AS id, min(catalog_name) AS name, catalog_key AS name_key
        FROM {{scratch:stage}}
        WHERE catalog_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalogs k WHERE k.name_key = catalog_key) {touched}
        GROUP BY catalog_key"
    )
}

/// SQLite takes `ON CONFLICT` for part of a join where there is no `WHERE`.
const MAKE_CATALOGS: &str = "INSERT INTO catalogs (name, name_key, created_at, updated_at)
    SELECT name, name_key, {now}, {now} FROM {scratch:new_catalogs} WHERE TRUE ON CONFLICT (name_key) DO NOTHING";
/// Leaves only those that the change set needs.
const CHOOSE_CATALOGS: &str = "DELETE FROM {scratch:new_catalogs} WHERE id NOT IN
    (SELECT catalog_id FROM {scratch:change_set} WHERE kind <> 'same' AND catalog_id < 0)";

/// Puts the ids of new catalogues in the place of those below zero.
fn place_catalogs(postgres: bool) -> String {
    let fields = if postgres {
        "CASE WHEN jsonb_exists(c.fields, 'catalog_id') THEN jsonb_set(c.fields, '{catalog_id,1}', to_jsonb(k.id)) ELSE c.fields END"
    } else {
        "CASE WHEN json_type(c.fields, '$.catalog_id') IS NULL THEN c.fields ELSE json_set(c.fields, '$.catalog_id[1]', k.id) END"
    };
    format!(
        "UPDATE {{scratch:change_set}} AS c SET catalog_id = k.id, fields = {fields}
        FROM {{scratch:new_catalogs}} n JOIN catalogs k ON k.name_key = n.name_key
        WHERE c.catalog_id < 0 AND c.catalog_id = n.id"
    )
}

/// Variants come second.
fn create(rules: &Rules, postgres: bool) -> Vec<String> {
    let more: Vec<ProductColumn> = parts::of(rules.parts, postgres)
        .into_iter()
        .flat_map(|part| part.products)
        .collect();
    let names: String = more.iter().map(|column| format!(", {}", column.name)).collect();
    let values: String = more.iter().map(|column| format!(", {}", column.created)).collect();
    let create = |condition: &str| {
        format!(
            "INSERT INTO products
                (sku, sku_key, name, description, price_minor, active, catalog_id, version, created_import_id, created_row, created_at, updated_at{names})
            SELECT sku, row_key, name, coalesce(description, ''), nullif(price_minor, -1), coalesce(active, TRUE), nullif(catalog_id, 0), 1,
                {{import}}, row_no, {{now}}, {{now}}{values}
            FROM {{scratch:change_set}} c
            WHERE seq > $1 AND seq <= $2 AND kind = 'create'{condition}
            ORDER BY seq
            ON CONFLICT (sku_key) DO NOTHING"
        )
    };
    match (rules.creates(), rules.parts.variants) {
        (false, _) => Vec::new(),
        (true, false) => vec![create("")],
        (true, true) => vec![create(" AND NOT is_variant"), create(" AND is_variant")],
    }
}

fn update(rules: &Rules, postgres: bool) -> String {
    if rules.options.mode == Mode::Delete {
        return "UPDATE products SET version = products.version + 1, updated_at = {now}, deleted_at = {now}
            FROM {scratch:change_set} c
            WHERE c.seq > $1 AND c.seq <= $2 AND c.kind = 'delete'
                AND products.id = c.target_id AND products.version = c.version"
            .to_owned();
    }
    let parts: String = parts::of(rules.parts, postgres)
        .iter()
        .flat_map(|part| &part.products)
        .map(|column| format!("{} = {}, ", column.name, column.updated))
        .collect();
    format!(
        "UPDATE products SET {parts}
            name = coalesce(c.name, products.name),
            description = coalesce(c.description, products.description),
            price_minor = nullif(coalesce(c.price_minor, products.price_minor), -1),
            active = coalesce(c.active, products.active),
            catalog_id = nullif(coalesce(c.catalog_id, products.catalog_id), 0),
            version = products.version + 1,
            updated_at = {{now}},
            deleted_at = NULL
        FROM {{scratch:change_set}} c
        WHERE c.seq > $1 AND c.seq <= $2 AND c.kind IN ('update', 'restore')
            AND products.id = c.target_id AND products.version = c.version"
    )
}

/// The same with the rows of the file.
fn record_with_rows() -> String {
    RECORD_CHANGES
        .replace("fields, made_at)", "fields, row_no, made_at)")
        .replace("fields, {now}", "fields, row_no, {now}")
}

pub(super) const RECORD_CHANGES: &str = "INSERT INTO changes (product_id, version, kind, import_id, fields, made_at)
    SELECT target_id, version + 1, kind, {import}, fields, {now}
    FROM {scratch:change_set}
    WHERE seq > $1 AND seq <= $2 AND kind IN ('update', 'restore', 'delete')
    ORDER BY seq";
