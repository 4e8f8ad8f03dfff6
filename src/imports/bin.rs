//! The bin is emptied of what has lain in it for long: by a job like the one that people begin, so that history, totals and webhooks are told
//! by the same hand.

use time::{Duration, OffsetDateTime};

use super::plan::{BulkAction, Selection};
use super::planning::{Confirmation, plan_bulk};
use crate::audit::Actor;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::products::{self, ProductQuery};
use crate::timestamp::Timestamp;

/// As lists and the audit log name whoever does this.
const BY: &str = "Stockroom";

/// Begins to delete for good what was put into the bin before a moment, once an hour however many processes want it.
pub(crate) async fn empty(database: &Database, before: OffsetDateTime, now: OffsetDateTime) -> Result<()> {
    // All who want it within an hour want the same.
    let since_full_hour = Duration::seconds(now.unix_timestamp().rem_euclid(3_600));
    let query = ProductQuery {
        deleted: true,
        // Nothing changes a product in the bin, so its last change is the one that put it there.
        updated_before: Some(Timestamp::from(before - since_full_hour)),
        ..ProductQuery::default()
    };
    if products::count(database.reader(), &query).await? == 0 {
        return Ok(());
    }
    let hour = now.unix_timestamp() / 3_600;
    let wish = Confirmation {
        by: Actor::from(BY),
        is_given: true,
        idempotency_key: Some(format!("{BY} empties the bin {hour}")),
    };
    let selection = Selection::Matching(Box::new(query));
    match plan_bulk(database, BulkAction::Purge, selection, None, wish).await {
        Ok(job) => {
            tracing::info!(
                job = job.job_id,
                "what has lain in the bin for long is deleted for good"
            );
            Ok(())
        }
        // Webhooks are still being told of some of it; an hour later they have been. Or a node of an earlier version, which counted from the
        // second, has begun with it.
        Err(Error::Refused(problem)) if matches!(problem.status, 409 | 422) => {
            tracing::info!(%problem, "the bin is emptied later");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
