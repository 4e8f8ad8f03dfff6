//! From a wish to a job: plans are made, reviewed and confirmed here.
//!
//! A plan counts what it is about when it is made. Nothing happens before it is confirmed; confirming it twice starts it once.

use sea_orm::{ConnectionTrait, Statement};

use super::options::OnProblems;
use super::plan::{BulkAction, BulkPlan, ClosedCatalog, Plan, Proof, Selection, UndoPlan};
use super::queue::{self, Added, NewPlan};
use super::selection::matching;
use super::statements::{changed_by_others, touched_by};
use super::store;
use super::wish::Wish;
use super::{Import, ImportKind, ImportStatus, ImportStep};
use crate::audit::{self, Action, Actor};
use crate::catalogs;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::products;
use crate::webhooks::outbox;

/// Products that may be named one by one.
const IDS_MAX: usize = 10_000;

/// Who wants something, and whether they have confirmed it already.
#[derive(Clone, Debug)]
pub struct Confirmation {
    pub by: Actor,
    pub is_given: bool,
    /// Names this wish, so that expressing it twice makes one job.
    pub idempotency_key: Option<String>,
}

/// What somebody says who confirms.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'a> {
    /// That the tripwires are known.
    pub is_meant: bool,
    /// Which review was seen: [`super::review::Review::scratch`].
    pub review: Option<&'a str>,
}

/// Plans one action on many products.
///
/// # Errors
/// 422 when nothing is selected or the action cannot be done; 409 when the search cannot say exactly which products it finds.
pub async fn plan_bulk(
    database: &Database,
    action: BulkAction,
    selection: Selection,
    closes_catalog: Option<i64>,
    confirmation: Confirmation,
) -> Result<Import> {
    let selection = checked(action, selection)?;
    let wish = Wish::Bulk(action, &selection);
    if let Some(import) = wish.known(database, confirmation.idempotency_key.as_deref()).await? {
        return Ok(import);
    }
    if action == BulkAction::Purge {
        outbox::refuse_while_telling(database.reader()).await?;
    }
    if let BulkAction::Move {
        catalog_id: Some(catalog),
    } = action
    {
        check_catalog(database, catalog, closes_catalog).await?;
    }
    let closed = match closes_catalog {
        Some(id) => {
            let catalog = catalogs::get(database.reader(), id).await?;
            Some(ClosedCatalog {
                id,
                name: catalog.name,
                created_at: catalog.created_at,
            })
        }
        None => None,
    };
    let (newest, newest_change) = products::newest(database).await?;
    let mut plan = BulkPlan {
        action,
        selection,
        newest,
        newest_change,
        reviewed: None,
        closes_catalog,
        closed,
    };
    // Whoever has confirmed already waits for no count, but is told if the search cannot find exactly what is meant.
    let found = matching(database, &plan).await?;
    if !confirmation.is_given {
        let count = found.count(database.reader(), action.is_about_the_bin()).await?;
        if count == 0 && closes_catalog.is_none() {
            return Err(nothing_selected("No product matches. Nothing was changed."));
        }
        plan.reviewed = Some(count);
    }
    let new = NewPlan {
        kind: action.kind(),
        title: title(&plan),
        undoes: None,
        plan: Plan::Bulk(plan),
    };
    add(database, new, confirmation).await
}

/// Plans to take back what a job has done.
///
/// # Errors
/// 409 when it has done nothing that can be taken back, 404.
pub async fn plan_undo(database: &Database, id: i64, confirmation: Confirmation) -> Result<Import> {
    let db = database.writer();
    let import = super::get(db, id).await?;
    let key = confirmation.idempotency_key.as_deref();
    if let Some(known) = Wish::Undo(id).known(database, key).await? {
        return Ok(known);
    }
    if let Some(begun) = queue::undo_of(db, id).await? {
        // Whoever confirms beforehand confirms what somebody else has only looked at.
        return if confirmation.is_given {
            apply(database, begun, &confirmation.by, Answer::default()).await
        } else {
            super::get(db, begun).await
        };
    }
    if !import.can_be_undone() {
        return Err(Problem::conflict(why_not(&import)).into());
    }
    let (reversible, changed_since) = undo_counts(database, id).await?;
    let reopens = match &import.plan {
        Some(Plan::Bulk(plan)) => plan.closed.clone(),
        _ => None,
    };
    let new = NewPlan {
        kind: ImportKind::Undo,
        title: format!("Undo of #{id}: {}", import.file_name),
        undoes: Some(id),
        plan: Plan::Undo(UndoPlan {
            import: id,
            reversible,
            changed_since,
            reopens,
        }),
    };
    add(database, new, confirmation).await
}

/// Confirms a plan, or a file that was checked: it is carried out as soon as its turn comes. What was confirmed before stays as it is.
///
/// # Errors
/// 409 when it was cancelled, has failed, cannot begin yet or is not what was reviewed; 422 when a tripwire needs an answer; 404.
pub async fn apply(database: &Database, id: i64, actor: &Actor, answer: Answer<'_>) -> Result<Import> {
    let transaction = database.begin().await?;
    let waiting = super::get(&transaction, id).await?;
    if waiting.progress.status == ImportStatus::AwaitingConfirmation {
        check_ready(&waiting, answer)?;
    }
    if queue::confirm(&transaction, id).await? {
        let import = super::get(&transaction, id).await?;
        record_confirmed(&transaction, actor, &import).await?;
    }
    transaction.commit().await?;
    let import = super::get(database.writer(), id).await?;
    match import.progress.status {
        ImportStatus::Cancelled | ImportStatus::Failed => Err(Problem::conflict(
            "This was cancelled or has failed. Nothing more will happen to it. Begin anew.",
        )
        .into()),
        _ if import.kind.has_file() && import.step != ImportStep::Apply => Err(Problem::conflict(
            "The file is being checked. Confirm it when that is over and you have seen what it would do.",
        )
        .into()),
        _ => Ok(import),
    }
}

/// Whether a file that waits may be applied.
fn check_ready(import: &Import, answer: Answer<'_>) -> Result<()> {
    if import.step == ImportStep::Match {
        let detail = "Its columns are not matched yet. Match them first; then the file is checked.";
        return Err(Problem::conflict(detail).into());
    }
    let Some(review) = &import.review else { return Ok(()) };
    if answer.review.is_some_and(|seen| seen != review.scratch) {
        let detail = "The file was checked again meanwhile. Look at what it would do now, and confirm that.";
        return Err(Problem::conflict(detail).into());
    }
    if import.options.on_problems == OnProblems::Stop && review.failed > 0 {
        let detail = format!(
            "{} rows have problems, and all rows are to be good. Correct them and upload the file again, or let the good rows go in.",
            review.failed
        );
        return Err(Problem::conflict(detail).into());
    }
    if answer.is_meant || review.proof() == Proof::Nothing {
        return Ok(());
    }
    let reasons: Vec<String> = review
        .tripped()
        .map(|alarm| format!("{}.", alarm.kind.title()))
        .collect();
    let detail = format!(
        "Confirm that this is meant: {} products would change. {}",
        review.changes(),
        reasons.join(" ")
    );
    Err(Problem::unprocessable(detail)
        .with_field("confirm", "Confirm that this is meant.")
        .into())
}

async fn record_confirmed(db: &impl ConnectionTrait, by: &Actor, import: &Import) -> Result<()> {
    audit::record(db, by, Action::JobConfirmed, Some(store::object(import)), None).await
}

async fn add(database: &Database, new: NewPlan, confirmation: Confirmation) -> Result<Import> {
    let (by, is_given) = (confirmation.by.clone(), confirmation.is_given);
    let plan = new.plan.clone();
    let transaction = database.begin().await?;
    let import = match queue::add_plan(&transaction, new, confirmation).await? {
        Added::New(id) => {
            let import = super::get(&transaction, id).await?;
            if is_given {
                record_confirmed(&transaction, &by, &import).await?;
            }
            transaction.commit().await?;
            import
        }
        Added::Known(id) => {
            // On SQLite this is the one connection that writes.
            transaction.rollback().await?;
            Wish::of(&plan).checked(super::get(database.writer(), id).await?)?
        }
    };
    Ok(import)
}

fn checked(action: BulkAction, selection: Selection) -> Result<Selection> {
    match selection {
        Selection::Ids(ids) if ids.is_empty() => Err(nothing_selected("Select products first. Nothing was changed.")),
        Selection::Ids(ids) if ids.len() > IDS_MAX => Err(nothing_selected(
            "Select at most 10,000 products one by one, or all that match a filter. Nothing was changed.",
        )),
        Selection::Matching(query) if query.deleted && !action.is_about_the_bin() => Err(nothing_selected(
            "These products are in the bin. Restore them first. Nothing was changed.",
        )),
        Selection::Matching(mut query) => {
            query.deleted = action.is_about_the_bin();
            Ok(Selection::Matching(query))
        }
        ids @ Selection::Ids(_) => Ok(ids),
    }
}

fn nothing_selected(detail: &str) -> Error {
    Problem::unprocessable(detail).into()
}

async fn check_catalog(database: &Database, catalog: i64, closes: Option<i64>) -> Result<()> {
    let message = if closes == Some(catalog) {
        "Choose another catalogue than the one that is deleted."
    } else if catalogs::exists(database.reader(), catalog).await? {
        return Ok(());
    } else {
        "There is no such catalogue any more. Choose another."
    };
    Err(Problem::unprocessable(message).with_field("catalog_id", message).into())
}

fn title(plan: &BulkPlan) -> String {
    let count = match (&plan.selection, plan.reviewed) {
        (_, Some(count)) => usize::try_from(count).ok(),
        (Selection::Ids(ids), None) => Some(ids.len()),
        (Selection::Matching(_), None) => None,
    };
    let products = match count {
        Some(1) => "1 product".to_owned(),
        Some(count) => format!("{count} products"),
        None => "products".to_owned(),
    };
    plan.action.in_words(&products)
}

fn why_not(import: &Import) -> String {
    let written = import.progress.created + import.progress.updated > 0;
    match (import.undone_by, import.progress.status) {
        (Some(by), _) => format!("This was undone by job {by}. To have it back, undo that one."),
        _ if !import.progress.status.is_over() => "This is not finished. Cancel it first, then undo it.".to_owned(),
        _ if !written => "This has changed no product, so there is nothing to undo.".to_owned(),
        _ if import.kind == ImportKind::Catalogs => {
            "An import of catalogues cannot be undone. Delete the catalogues that are not wanted.".to_owned()
        }
        _ => "Products that were deleted for good cannot be had back.".to_owned(),
    }
}

/// Products that an undo would set back, and those that others have changed since.
async fn undo_counts(database: &Database, id: i64) -> Result<(i64, i64)> {
    let db = database.reader();
    let sql = format!(
        "SELECT count(CASE WHEN p.version = t.version THEN 1 END) AS reversible,
            count(CASE WHEN p.version <> t.version AND {} THEN 1 END) AS changed_since
        FROM ({}) t JOIN products p ON p.id = t.product_id",
        changed_by_others("p", id),
        touched_by(id, "NULL")
    );
    let row = db
        .query_one_raw(Statement::from_string(database.backend(), sql))
        .await?
        .ok_or_else(|| Error::Stored("a count has no row".into()))?;
    Ok((row.try_get("", "reversible")?, row.try_get("", "changed_since")?))
}

/// Some of the SKUs that a plan is about, for whoever reviews it.
///
/// # Errors
/// When the database fails.
pub async fn sample(database: &Database, plan: &BulkPlan) -> Result<Vec<String>> {
    const SHOWN: u64 = 5;
    let found = matching(database, plan).await?;
    found
        .sample(database.reader(), plan.action.is_about_the_bin(), SHOWN)
        .await
}
