//! Claims an import, drives its phases and records the outcome.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseBackend;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::apply::apply;
use super::claims::{self, Claim, Heartbeat, MAX_CRASHES};
use super::compare::{Planned, compare};
use super::live::Live;
use super::outcome::{Rest, clean_up, last_steps, record};
use super::queue;
use super::review::{Alarm, Review};
use super::reviewing::review;
use super::selection::select;
use super::staging::{checker, read};
use super::statements::{FileStatements, REWRITTEN, SCRATCH, statements};
use super::store;
use super::work::{Reason, Reporter, Stop, Wish, Work};
use super::{ImportStatus, Progress, indexes};
use crate::config::Config;
use crate::database::Database;
use crate::database::bulk::{Bulk, Cell, Interrupt, scratch};
use crate::database::clock::now;
use crate::error::{Error, Result};
use crate::jobs::{Outcome, Task, Wake};
use crate::monitoring::{Measure, tally::Tally};
use crate::storage::Storage;
use crate::timestamp::Timestamp;
use crate::workbook::Workbooks;

/// A third of the lease, so that one late renewal loses nothing; also how soon a wish to cancel is seen.
const HEARTBEAT: Duration = Duration::from_millis(1_000);

/// Runs imports, one at a time.
#[derive(Clone, Debug)]
pub struct Runner {
    pub database: Database,
    pub storage: Storage,
    pub workbooks: Workbooks,
    pub live: Live,
    pub webhook_wake: Wake,
    pub tally: Tally,
    pub config: Arc<Config>,
}

impl Task for Runner {
    async fn run_next(&self, stop: &CancellationToken) -> Result<Outcome> {
        let Some(claim) = claims::claim(self.database.writer()).await? else {
            return Ok(Outcome::Idle);
        };
        // Whatever is logged about it says which import it is, and whose attempt.
        let span = tracing::info_span!("import", id = claim.id, token = claim.token);
        span.in_scope(|| tracing::info!(checkpoint = claim.checkpoint, "import claimed"));
        let ran = self.run(claim, stop).instrument(span.clone()).await;
        // Why is logged by whoever runs all kinds of work, and does not know whose it was.
        ran.inspect_err(|_| span.in_scope(|| tracing::warn!("this attempt has failed")))?;
        self.sweep().await?;
        Ok(Outcome::Worked)
    }
}

impl Runner {
    /// Makes good what a process that was killed just after the end of an import has left undone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy(&self) -> Result<()> {
        let db = self.database.writer();
        self.sweep().await?;
        if !store::is_any_running(db).await? {
            for (name, definition) in REWRITTEN {
                sea_orm::ConnectionTrait::execute_unprepared(db, &indexes::create(name, definition)).await?;
            }
        }
        Ok(())
    }

    /// Drops what nobody has confirmed in time, and removes the scratch of it and of workers that were killed.
    ///
    /// # Errors
    /// When the database or the folder of the scratch fails.
    pub async fn sweep(&self) -> Result<()> {
        let db = self.database.writer();
        queue::drop_old_plans(db).await?;
        let wanted = || store::scratches(db);
        scratch::sweep(&self.database, &self.config.scratch_dir, "import_", &SCRATCH, wanted).await
    }

    async fn run(&self, claim: Claim, stop: &CancellationToken) -> Result<()> {
        if claim.crashes >= MAX_CRASHES {
            return self.give_up(&claim).await;
        }
        let wish = Wish::default();
        let bulk = Bulk::open(
            &self.database,
            &self.config.scratch_dir,
            &store::scratch_of(claim.id, claim.token),
        )
        .await?;
        let interrupt = Arc::new(Mutex::new(Some(bulk.interrupt())));
        let watch = self.watch_over(&claim, &wish, interrupt.clone(), stop.clone());
        let mut work = self.work(claim, bulk, wish.clone());
        let done = phases(&mut work).await;
        // What tidies up afterwards must not be interrupted; this waits for an interruption that is under way.
        interrupt.lock().await.take();
        if done.is_err() {
            work.bulk.abandon().await;
        }
        // A statement that was interrupted fails; what counts is who interrupted it.
        let done = done
            .and_then(|done| wish.check().map(|()| done))
            .map_err(|failure| wish.check().err().unwrap_or(failure));
        if let Err(Stop::Failed(error)) = &done
            && error.is_disk_full()
        {
            tracing::error!(
                import = work.claim.id,
                error = error as &dyn std::error::Error,
                "an import has stopped because a disk is full"
            );
            let ended = self.end_without_room(work).await;
            watch.abort();
            return ended;
        }
        let rest = match &done {
            Err(Stop::Lost | Stop::ShuttingDown | Stop::Failed(_)) => Rest::GoesOn,
            Ok(Done::Checked(_)) => Rest::Checked,
            _ => Rest::Over,
        };
        let recorded = record(&mut work, done, &self.live).await;
        self.live.leave(work.claim.id);
        self.webhook_wake.wake();
        watch.abort();
        let cleaned = clean_up(work, rest).await;
        recorded.and(cleaned)
    }

    fn work(&self, claim: Claim, bulk: Bulk, wish: Wish) -> Work {
        let statements = statements(&claim, bulk.is_postgres(), Timestamp::from(now()).as_str());
        let reporter = Reporter::new(&claim, &self.database, &self.live);
        Work {
            claim,
            database: self.database.clone(),
            storage: self.storage.clone(),
            workbooks: self.workbooks.clone(),
            bulk,
            statements,
            reporter,
            wish,
            tally: self.tally.clone(),
            tripwires: self.config.tripwires,
            row_limit: self.config.row_limit,
        }
    }

    /// Renews the lease and brings wishes to stop to the work until it is over.
    fn watch_over(
        &self,
        claim: &Claim,
        wish: &Wish,
        interrupt: Arc<Mutex<Option<Interrupt>>>,
        stop: CancellationToken,
    ) -> JoinHandle<()> {
        let (database, claim, wish) = (self.database.clone(), claim.clone(), wish.clone());
        let watch = async move {
            let reason = tokio::select! {
                reason = end_of_lease(&database, &claim) => reason,
                () = stop.cancelled() => Reason::ShuttingDown,
            };
            wish.stop(reason);
            let mut again = tokio::time::interval(Duration::from_millis(100));
            loop {
                again.tick().await;
                // Between two statements there is nothing to interrupt, so this goes on until the work has noticed.
                if let Some(interrupt) = &*interrupt.lock().await {
                    interrupt.stop().await;
                }
                if reason == Reason::Cancelled {
                    drop(claims::renew(database.writer(), &claim).await);
                }
            }
        };
        tokio::spawn(watch.in_current_span())
    }

    /// Another attempt would fill the disk again. The scratch goes first, so that there is room for the record.
    async fn end_without_room(&self, work: Work) -> Result<()> {
        let Work {
            claim, reporter, bulk, ..
        } = work;
        if let Err(error) = bulk.close(&SCRATCH).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "scratch could not be removed");
        }
        let mut progress = reporter.progress;
        progress.error = Some(if progress.created + progress.updated == 0 {
            "The disk is full. Nothing was changed. Make room, or tell your administrator; then import it again."
                .to_owned()
        } else {
            "The disk is full. What was applied before stays. Make room, or tell your administrator; then import it again."
                .to_owned()
        });
        self.fail(&claim, progress).await?;
        self.tidy().await
    }

    async fn give_up(&self, claim: &Claim) -> Result<()> {
        let place = claim
            .checkpoint
            .as_deref()
            .map_or("before its first row was applied".to_owned(), |key| {
                format!("after {key}")
            });
        let mut progress = claim.progress.clone();
        progress.error = Some(format!(
            "The import was stopped {MAX_CRASHES} times at the same place, {place}. What was applied before stays. \
             Tell your administrator, and import the file again once the cause is found."
        ));
        self.fail(claim, progress).await
    }

    /// Records that it failed, for the reason that `progress` says.
    async fn fail(&self, claim: &Claim, mut progress: Progress) -> Result<()> {
        progress.status = ImportStatus::Failed;
        progress.phase = None;
        progress.eta_seconds = None;
        progress.message = "The import stopped".to_owned();
        let postgres = self.database.backend() == DatabaseBackend::Postgres;
        let statements = statements(claim, postgres, Timestamp::from(now()).as_str());
        let transaction = last_steps(&self.database, &statements).await?;
        let ours = claims::finish(&transaction, claim, &progress).await?;
        transaction.commit().await?;
        if !ours {
            tracing::warn!("another worker has taken the import over");
            self.live.leave(claim.id);
            return Ok(());
        }
        self.tally.add(Measure::ImportsFailed, 1);
        self.live.close(claim.id, progress);
        self.webhook_wake.wake();
        Ok(())
    }
}

/// Waits until the import is cancelled or taken over. A database that is away for a moment is no reason to stop.
async fn end_of_lease(database: &Database, claim: &Claim) -> Reason {
    let mut beat = tokio::time::interval(HEARTBEAT);
    loop {
        beat.tick().await;
        match claims::renew(database.writer(), claim).await {
            Ok(Heartbeat::GoOn) => {}
            Ok(Heartbeat::Cancel) => return Reason::Cancelled,
            Ok(Heartbeat::Lost) => return Reason::Lost,
            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
        }
    }
}

/// What an attempt has come to.
pub(super) enum Done {
    Applied,
    /// Somebody must look at this and confirm.
    Checked(Box<Review>),
}

async fn phases(work: &mut Work) -> std::result::Result<Done, Stop> {
    let planned = match (work.claim.plan.clone(), work.statements.file.take()) {
        (Some(plan), _) => select(work, &plan).await?,
        (None, Some(file)) => {
            let newest = crate::products::newest(&work.database).await?;
            let (planned, alarms) = from_file(work, &file).await?;
            if work.is_check() {
                return Ok(Done::Checked(Box::new(review(work, newest, alarms).await?)));
            }
            planned
        }
        (None, None) => return Err(Error::Stored("an import has neither a file nor a plan".into()).into()),
    };
    apply(work, &planned).await?;
    resolve(work).await?;
    Ok(Done::Applied)
}

async fn from_file(work: &mut Work, statements: &FileStatements) -> std::result::Result<(Planned, Vec<Alarm>), Stop> {
    let checker = checker(work).await?;
    let headers = checker.headers();
    let (staged, alarms) = read(work, statements, checker).await?;
    let planned = compare(work, statements, &headers, staged).await?;
    Ok((planned, alarms))
}

/// Rows of an earlier import that this one has brought back corrected are problems no more.
async fn resolve(work: &mut Work) -> std::result::Result<(), Stop> {
    const RESOLVE: &str = "UPDATE import_problems SET resolved_by = $1 WHERE import_id = $2 AND resolved_by IS NULL
        AND row_no IN (SELECT origin FROM {scratch:stage} WHERE origin IS NOT NULL AND row_no NOT IN
            (SELECT k.row_no FROM import_problems k WHERE k.import_id = $1 AND k.kind = 'changed_since'))";
    let Some(parent) = work.claim.corrects else {
        return Ok(());
    };
    work.begin_ours().await?;
    work.bulk
        .execute(RESOLVE, &[Cell::Int(work.claim.id), Cell::Int(parent)])
        .await?;
    Ok(work.bulk.commit().await?)
}
