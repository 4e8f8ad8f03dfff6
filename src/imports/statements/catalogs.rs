//! Catalogues: a staged name that the shop does not have yet becomes a catalogue.

use super::{Blamed, FileStatements, Refusal, Statements};
use crate::catalogs::PAST_OWN_IDS;
use crate::database::bulk::Table;

pub(super) fn statements(postgres: bool) -> Statements {
    Statements {
        file: Some(file(postgres)),
        create: vec![create(postgres)],
        link: Vec::new(),
        order: "row_key",
        update: Vec::new(),
        record: Vec::new(),
        follow: Vec::new(),
        keep_changed: None,
        compare_again: vec![
            "UPDATE {scratch:change_set} SET kind = 'same' WHERE seq > $1 AND seq <= $2
                AND EXISTS (SELECT 1 FROM catalogs k WHERE k.name_key = row_key)"
                .to_owned(),
        ],
        finish: postgres.then(|| PAST_OWN_IDS.to_owned()).into_iter().collect(),
        recounts: false,
        count: None,
        scattered: &[],
    }
}

fn file(postgres: bool) -> FileStatements {
    FileStatements {
        stage: Table {
            name: "{scratch:stage}",
            columns: vec!["row_no", "name", "row_key", "catalog_id"].into(),
        },
        create_stage: vec![
            "CREATE {unlogged} TABLE {scratch:stage} (
                row_no BIGINT NOT NULL, name {text} NOT NULL, row_key {text} NOT NULL, catalog_id BIGINT)"
                .to_owned(),
            "CREATE {unlogged} TABLE {scratch:seen} (row_key {text} NOT NULL)".to_owned(),
        ],
        repeated: "INSERT INTO {scratch:found} (row_no, kind, column_name, value)
            SELECT lost.row_no, 'superseded', $1, lost.name
            FROM {scratch:stage} lost
            JOIN (SELECT row_key, max(row_no) AS last FROM {scratch:stage} GROUP BY row_key HAVING count(*) > 1) won
                ON won.row_key = lost.row_key AND lost.row_no < won.last"
            .to_owned(),
        repeated_are_refused: false,
        drop_repeated: vec![
            "DELETE FROM {scratch:stage} WHERE row_no IN
                (SELECT row_no FROM {scratch:found} WHERE kind = 'superseded')"
                .to_owned(),
        ],
        refusals: Vec::new(),
        create_related: Vec::new(),
        compare: compare(postgres),
        rejects: Some(Refusal {
            column: Blamed::Name,
            report: "INSERT INTO {scratch:found} (row_no, kind, column_name, value)
                SELECT row_no, 'catalog_id_taken', $1, name FROM {scratch:change_set} WHERE kind = 'taken'"
                .to_owned(),
            remove: vec!["DELETE FROM {scratch:change_set} WHERE kind = 'taken'".to_owned()],
        }),
        keep_reviewed: Vec::new(),
        deferred: None,
    }
}

/// A name that is new is created, under the id that the file gives when it gives one; an id that belongs to another name, in the
/// catalogue or in the file, is refused.
fn compare(postgres: bool) -> Vec<String> {
    let nothing = if postgres { "CAST(NULL AS JSONB)" } else { "NULL" };
    let mut statements = vec![COMPARE.replace("{nothing}", nothing), NO_NEW_CATALOGS.to_owned()];
    statements.push(
        if postgres {
            "CREATE UNIQUE INDEX ON {scratch:change_set} (seq)"
        } else {
            "CREATE UNIQUE INDEX scratch.change_set_by_seq ON change_set (seq)"
        }
        .to_owned(),
    );
    statements
}

/// For whoever looks at the change set before it is applied: what only products have is there, and empty.
const NO_NEW_CATALOGS: &str =
    "CREATE {unlogged} TABLE {scratch:new_catalogs} (id BIGINT, name {text}, name_key {text})";

const COMPARE: &str = "CREATE {unlogged} TABLE {scratch:change_set} AS
    SELECT row_number() OVER (ORDER BY row_key) AS seq, row_key, row_no, catalog_id AS target_id, name,
        CASE WHEN catalog_id IS NOT NULL
                AND (first_of_id <> row_key OR EXISTS (SELECT 1 FROM catalogs k WHERE k.id = catalog_id))
            THEN 'taken' ELSE 'create' END AS kind,
        CAST(NULL AS BIGINT) AS version, {nothing} AS fields, name AS sku, CAST(NULL AS TEXT) AS description,
        CAST(NULL AS BIGINT) AS price_minor, CAST(NULL AS BIGINT) AS price_before, CAST(NULL AS BOOLEAN) AS active,
        CAST(NULL AS BIGINT) AS catalog_id, 0 AS touched, 0 AS cleared
    FROM (
        SELECT stage.*, max(row_no) OVER (PARTITION BY row_key) AS last_of_key,
            min(row_key) OVER (PARTITION BY catalog_id) AS first_of_id
        FROM {scratch:stage} stage
    ) s
    WHERE row_no = last_of_key AND NOT EXISTS (SELECT 1 FROM catalogs k WHERE k.name_key = s.row_key)";

fn create(postgres: bool) -> String {
    let id = if postgres {
        "coalesce(target_id, nextval(pg_get_serial_sequence('catalogs', 'id')))"
    } else {
        "target_id"
    };
    format!(
        "INSERT INTO catalogs (id, name, name_key, created_at, updated_at)
        SELECT {id}, name, row_key, {{now}}, {{now}}
        FROM {{scratch:change_set}}
        WHERE seq > $1 AND seq <= $2 AND kind = 'create'
        ORDER BY seq
        ON CONFLICT (name_key) DO NOTHING"
    )
}
