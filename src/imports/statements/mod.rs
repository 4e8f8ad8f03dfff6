//! The SQL of an import: what is staged, how it is compared and how it is applied, for each kind of file.
//!
//! Two scratch tables carry every kind. `stage` has the file's good rows. `change_set` has one row for each key that would change,
//! in the order of the keys: `seq`, `row_key`, `row_no`, `target_id` (none when it will be created), `kind`
//! (`create`, `update`, `restore`, `delete`, `purge`, or `same` for those that stay) and the new values. Batches are ranges of `seq`; the checkpoint is a `row_key`.

mod catalogs;
mod comparing;
mod parts;
mod pictures;
mod plans;
mod products;
mod reviewed;
mod rules;

pub(super) use plans::{bulk_change_set, changed_by_others, keep_changed_since, touched_by, undo_change_set};
pub(super) use products::REWRITTEN;
pub(super) use rules::Rules;

use super::ImportKind;
use super::claims::Claim;
use super::plan::Plan;
use crate::database::bulk::Table;

/// The statements of one kind of import. `{import}` and `{now}` are filled in by [`statements`].
pub(super) struct Statements {
    /// How its file becomes a change set, if it has one.
    pub file: Option<FileStatements>,
    /// `$1` and `$2` bound `seq` (from, to], here and below.
    pub create: Vec<String>,
    /// Run after the first of those, so that the rows of the others and of `update` find what it made.
    pub link: Vec<String>,
    /// The column of the change set whose order `seq` follows; the checkpoint is the last of its values.
    pub order: &'static str,
    /// Each changes rows that no other of them changes.
    pub update: Vec<String>,
    /// History of the rows that `update` changes, and whatever else goes with them.
    pub record: Vec<String>,
    /// After all of these, in the same transaction.
    pub follow: Vec<String>,
    /// Products that somebody else was faster to change become problems, where that is the rule.
    pub keep_changed: Option<String>,
    /// What was found out about a range is forgotten and found out again: run when somebody else was faster.
    pub compare_again: Vec<String>,
    /// After the last batch, in the transaction that ends the import.
    pub finish: Vec<String>,
    /// Whether totals of products have to be put right at the end.
    pub recounts: bool,
    /// Keeps a total that pages show. `$3`: rows created.
    pub count: Option<String>,
    /// Indexes, by name and definition, that are cheaper to make anew than to write to with each batch when nearly all rows of the table
    /// are written.
    pub scattered: &'static [(&'static str, &'static str)],
}

/// From the rows of a file to the change set, in the order in which they are run. Problems go into `found`.
pub(super) struct FileStatements {
    pub stage: Table,
    pub create_stage: Vec<String>,
    /// Rows of a key that stands in several become warnings, all but the last, or problems, all of them. `$1`: header of the key's column.
    pub repeated: String,
    pub repeated_are_refused: bool,
    /// Takes those out of the stage.
    pub drop_repeated: Vec<String>,
    /// Rows that turn out to be unusable.
    pub refusals: Vec<Refusal>,
    /// Other rows that the file names and that are still missing.
    pub create_related: Vec<String>,
    /// Makes `change_set` from the stage and the catalogue, with an index on `seq`.
    pub compare: Vec<String>,
    /// What only the comparison shows to be unusable.
    pub rejects: Option<Refusal>,
    /// What others have changed since somebody reviewed the import becomes a problem, and stays as it is.
    pub keep_reviewed: Vec<String>,
    /// What `create_related` would have made, once it is clear that anything will be changed: for an import that somebody has reviewed.
    pub deferred: Option<Deferred>,
}

/// New rows of another table that the change set needs.
pub(super) struct Deferred {
    pub choose: String,
    /// Everybody sees what it writes.
    pub make: String,
    /// The change set takes them up.
    pub place: String,
}

/// Rows that become problems (`$1`: header of the column that is to blame) and go no further.
pub(super) struct Refusal {
    pub column: Blamed,
    pub report: String,
    pub remove: Vec<String>,
}

/// The column that is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blamed {
    Name,
    Catalog,
}

impl Refusal {
    fn map(self, fill: impl Fn(String) -> String) -> Self {
        Self {
            column: self.column,
            report: fill(self.report),
            remove: self.remove.into_iter().map(fill).collect(),
        }
    }
}

/// Scratch tables, for cleaning up.
pub(super) const SCRATCH: [&str; 6] = [
    "{scratch:stage}",
    "{scratch:seen}",
    "{scratch:pictures}",
    "{scratch:found}",
    "{scratch:new_catalogs}",
    "{scratch:change_set}",
];
/// Of these, what is of no more use once there is a change set.
pub(super) const STAGED: [&str; 4] = [
    "{scratch:stage}",
    "{scratch:seen}",
    "{scratch:pictures}",
    "{scratch:found}",
];

/// Rows of a range that will change, and the last key in it.
pub(super) const COUNT_BATCH: &str =
    "SELECT count(*) FROM {scratch:change_set} WHERE seq > $1 AND seq <= $2 AND kind <> 'same'";
pub(super) fn last_key(order: &str) -> String {
    format!("SELECT {order} FROM {{scratch:change_set}} WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1")
}
/// What is planned: creates, updates, and the highest `seq`.
pub(super) const PLANNED: &str =
    "SELECT count(*) FILTER (WHERE kind = 'create'), count(*) FILTER (WHERE kind NOT IN ('create', 'same')), max(seq)
    FROM {scratch:change_set}";
/// `$1`: the key after which an interrupted import goes on.
pub(super) fn skip_applied(order: &str) -> String {
    format!("DELETE FROM {{scratch:change_set}} WHERE {order} <= $1")
}

/// The statements for one import. `now` is RFC 3339 text of ours, safe to stand in a statement.
pub(super) fn statements(claim: &Claim, postgres: bool, now: &str) -> Statements {
    let template = match (claim.kind, &claim.plan) {
        (_, Some(Plan::Bulk(plan))) => plans::bulk(plan, postgres),
        (_, Some(Plan::Undo(_))) => plans::undo(postgres),
        (ImportKind::Catalogs, None) => catalogs::statements(postgres),
        (_, None) => products::statements(&Rules::of(claim), postgres),
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
            create_stage: fill_all(file.create_stage),
            repeated: fill(file.repeated),
            repeated_are_refused: file.repeated_are_refused,
            drop_repeated: fill_all(file.drop_repeated),
            refusals: file.refusals.into_iter().map(|refusal| refusal.map(fill)).collect(),
            create_related: fill_all(file.create_related),
            compare: fill_all(file.compare),
            rejects: file.rejects.map(|refusal| refusal.map(fill)),
            keep_reviewed: fill_all(file.keep_reviewed),
            deferred: file.deferred.map(|deferred| Deferred {
                choose: fill(deferred.choose),
                make: fill(deferred.make),
                place: fill(deferred.place),
            }),
        }),
        create: fill_all(template.create),
        link: fill_all(template.link),
        order: template.order,
        update: fill_all(template.update),
        record: fill_all(template.record),
        follow: fill_all(template.follow),
        keep_changed: template.keep_changed.map(fill),
        compare_again: fill_all(template.compare_again),
        finish: fill_all(template.finish),
        recounts: template.recounts,
        count: template.count.map(fill),
        scattered: template.scattered,
    }
}
