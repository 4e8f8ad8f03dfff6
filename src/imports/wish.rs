//! A wish to which a program has given a key of its own is fulfilled once, however often it is sent.
//!
//! Source: "The Idempotency-Key HTTP Header Field" (IETF draft), which wants a key that is sent with another request to be refused.

use super::intake::known;
use super::plan::{BulkAction, Plan, Selection};
use super::{Import, ImportKind};
use crate::database::Database;
use crate::error::Result;
use crate::problem::Problem;

/// What is asked for, as far as the job tells that was made for it.
#[derive(Clone, Copy, Debug)]
pub enum Wish<'a> {
    /// A file, of this kind if the request says it before its body.
    File(Option<ImportKind>),
    /// The file of this import once more.
    Repetition(&'a Import),
    /// Corrected rows of the import with this id.
    Corrections(i64),
    Bulk(BulkAction, &'a Selection),
    /// Of the job with this id.
    Undo(i64),
}

impl<'a> Wish<'a> {
    #[must_use]
    pub fn of(plan: &'a Plan) -> Self {
        match plan {
            Plan::Bulk(plan) => Self::Bulk(plan.action, &plan.selection),
            Plan::Undo(plan) => Self::Undo(plan.import),
        }
    }

    /// The job that was made for it before, under the same key.
    ///
    /// # Errors
    /// 422 when the key stands for something else; when the database fails.
    pub async fn known(self, database: &Database, key: Option<&str>) -> Result<Option<Import>> {
        let Some(key) = key else { return Ok(None) };
        match known(database, key).await? {
            Some(import) => self.checked(import).map(Some),
            None => Ok(None),
        }
    }

    /// The job that its key stands for.
    ///
    /// # Errors
    /// 422 when that is something else.
    pub fn checked(self, import: Import) -> Result<Import> {
        if self.made(&import) {
            return Ok(import);
        }
        Err(refusal(import.job_id).into())
    }

    fn made(self, import: &Import) -> bool {
        match self {
            Self::File(kind) => import.kind.has_file() && kind.is_none_or(|kind| import.kind == kind),
            Self::Repetition(of) => import.kind == of.kind && import.sha256 == of.sha256,
            Self::Corrections(of) => import.corrects == Some(of),
            Self::Bulk(action, selection) => {
                matches!(&import.plan, Some(Plan::Bulk(plan)) if plan.action == action && plan.selection == *selection)
            }
            Self::Undo(of) => import.undoes == Some(of),
        }
    }
}

/// For a key that stands for this job, which was made for something else.
pub(super) fn refusal(job: i64) -> Problem {
    Problem::unprocessable(format!(
        "This Idempotency-Key was sent before, with another request: it stands for job {job}. Nothing was done. Send another key."
    ))
}
