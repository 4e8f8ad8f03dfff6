//! The SQL of an import: what is staged, how it is compared and how it is applied, for each kind of file.
//!
//! Two scratch tables carry every kind. `stage` has the file's good rows. `change_set` has one row for each key that would change,
//! in the order of the keys: `seq`, `row_key`, `row_no`, `target_id` (none when it will be created), `kind`
//! (`create`, `update`, `restore`, `delete`, `purge`, or `same` for those that stay) and the new values. Batches are ranges of `seq`; the checkpoint is a `row_key`.

mod catalogs;
mod plans;
mod products;

pub(super) use plans::{bulk_change_set, changed_by_others, keep_changed_since, touched_by, undo_change_set};
pub(super) use products::REWRITTEN;

use super::ImportKind;
use super::claims::Claim;
use super::plan::Plan;
use crate::database::bulk::Table;

/// The statements of one kind of import. `{import}` and `{now}` are filled in by [`statements`].
pub(super) struct Statements {
    /// How its file becomes a change set, if it has one.
    pub file: Option<FileStatements>,
    /// `$1` and `$2` bound `seq` (from, to], here and below.
    pub create: Option<String>,
    /// Each changes rows that no other of them changes.
    pub update: Vec<String>,
    /// History of the rows that `update` changes, and whatever else goes with them.
    pub record: Vec<String>,
    /// Products that somebody else was faster to change become problems, where that is the rule.
    pub keep_changed: Option<String>,
    /// What was found out about a range is forgotten and found out again: run when somebody else was faster.
    pub compare_again: Vec<String>,
    /// After the last batch, in the transaction that ends the import.
    pub finish: Vec<String>,
    /// Keeps a total that pages show. `$3`: rows created.
    pub count: Option<String>,
    /// Indexes, by name and definition, that are cheaper to make anew than to write to with each batch when nearly all rows of the table
    /// are written.
    pub scattered: &'static [(&'static str, &'static str)],
}

/// From the rows of a file to the change set.
pub(super) struct FileStatements {
    pub stage: Table,
    pub create_stage: String,
    /// Rows that a later row of the same key replaces become warnings. `$1`: header of the key's column.
    pub superseded: String,
    /// Takes the rows that lost out of the stage, where the comparison does not sort them out by itself.
    pub drop_superseded: Option<String>,
    /// Other rows that the file names and that are still missing. Run before comparing.
    pub create_related: Option<String>,
    /// Makes `change_set` from the stage and the catalogue, with an index on `seq`.
    pub compare: Vec<String>,
    /// Rows that turn out to be unusable only now become problems (`$1`: header) …
    pub reject: String,
    /// … and leave the change set.
    pub drop_rejected: String,
}

/// Scratch tables, for cleaning up.
pub(super) const SCRATCH: [&str; 2] = ["{scratch:stage}", "{scratch:change_set}"];

/// Rows of a range that will change, and the last key in it.
pub(super) const COUNT_BATCH: &str =
    "SELECT count(*) FROM {scratch:change_set} WHERE seq > $1 AND seq <= $2 AND kind <> 'same'";
pub(super) const LAST_KEY: &str =
    "SELECT row_key FROM {scratch:change_set} WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1";
/// What is planned: creates, updates, and the highest `seq`.
pub(super) const PLANNED: &str =
    "SELECT count(*) FILTER (WHERE kind = 'create'), count(*) FILTER (WHERE kind NOT IN ('create', 'same')), max(seq)
    FROM {scratch:change_set}";
/// `$1`: the key after which an interrupted import goes on.
pub(super) const SKIP_APPLIED: &str = "DELETE FROM {scratch:change_set} WHERE row_key <= $1";

/// The statements for one import. `now` is RFC 3339 text of ours, safe to stand in a statement.
pub(super) fn statements(claim: &Claim, postgres: bool, now: &str) -> Statements {
    let template = match (claim.kind, &claim.plan) {
        (_, Some(Plan::Bulk(plan))) => plans::bulk(plan, postgres),
        (_, Some(Plan::Undo(_))) => plans::undo(postgres),
        (ImportKind::Catalogs, None) => catalogs::statements(postgres),
        (_, None) => products::statements(postgres),
    };
    let fill = |text: String| {
        text.replace("{import}", &claim.id.to_string())
            .replace("{now}", &format!("'{now}'"))
            .replace("{moment}", now)
    };
    let fill_all = |texts: Vec<String>| texts.into_iter().map(fill).collect();
    Statements {
        file: template.file.map(|file| FileStatements {
            stage: file.stage,
            create_stage: fill(file.create_stage),
            superseded: fill(file.superseded),
            drop_superseded: file.drop_superseded.map(fill),
            create_related: file.create_related.map(fill),
            compare: fill_all(file.compare),
            reject: fill(file.reject),
            drop_rejected: fill(file.drop_rejected),
        }),
        create: template.create.map(fill),
        update: fill_all(template.update),
        record: fill_all(template.record),
        keep_changed: template.keep_changed.map(fill),
        compare_again: fill_all(template.compare_again),
        finish: fill_all(template.finish),
        count: template.count.map(fill),
        scattered: template.scattered,
    }
}
