//! What the phases of one import share: its claim, its connection, its statements, its progress, and the reasons to stop.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::claims::{self, Claim};
use super::live::Live;
use super::progress::{eta_seconds, percent, percent_of_check};
use super::statements::Statements;
use super::tripwires::Tripwires;
use super::{ImportStep, Phase, Progress};
use crate::database::Database;
use crate::database::bulk::{Bulk, Cell};
use crate::error::Error;
use crate::monitoring::tally::Tally;
use crate::storage::Storage;
use crate::workbook::Workbooks;

/// Why an import is not finished.
#[derive(Debug)]
pub(super) enum Stop {
    /// A person asked for it.
    Cancelled,
    /// Another worker owns the import now.
    Lost,
    /// This process is going down; the import goes on elsewhere or later.
    ShuttingDown,
    /// The file cannot be imported, for this reason.
    Refused(String),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Why the work was interrupted from outside. The first reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Cancelled,
    Lost,
    ShuttingDown,
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Cancelled => Self::Cancelled,
            Reason::Lost => Self::Lost,
            Reason::ShuttingDown => Self::ShuttingDown,
        }
    }
}

/// A wish to stop that can be seen from every thread of the work.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    reason: Arc<OnceLock<Reason>>,
}

impl Wish {
    pub fn stop(&self, reason: Reason) {
        self.reason.get_or_init(|| reason);
    }

    pub fn check(&self) -> Result<(), Stop> {
        self.reason.get().map_or(Ok(()), |reason| Err((*reason).into()))
    }
}

/// One import while it is being worked on.
pub(super) struct Work {
    pub claim: Claim,
    pub database: Database,
    pub storage: Storage,
    pub workbooks: Workbooks,
    pub bulk: Bulk,
    pub statements: Statements,
    pub reporter: Reporter,
    pub wish: Wish,
    pub tally: Tally,
    pub tripwires: Tripwires,
    /// Rows of a file.
    pub row_limit: i64,
}

impl Work {
    /// Whether nothing of it is written yet but what somebody is to look at.
    pub fn is_check(&self) -> bool {
        self.claim.step == ImportStep::Check
    }

    /// Whether the claim still holds; if so, nobody can take it over until the transaction that the connection is in has ended.
    pub async fn is_ours(&mut self) -> crate::error::Result<bool> {
        const OURS: &str =
            "UPDATE imports SET crashes = crashes WHERE id = $1 AND lease_token = $2 AND status = 'processing'";
        let claim = [Cell::Int(self.claim.id), Cell::Int(self.claim.token)];
        Ok(self.bulk.execute(OURS, &claim).await? == 1)
    }

    /// Begins a transaction in which the claim holds.
    pub async fn begin_ours(&mut self) -> Result<(), Stop> {
        self.bulk.begin().await?;
        if self.is_ours().await? {
            return Ok(());
        }
        self.bulk.rollback().await?;
        Err(Stop::Lost)
    }

    /// Ends a transaction, if the claim still holds. Asked last: while rows are on their way nothing is held that another worker would wait for.
    pub async fn commit_ours(&mut self) -> Result<(), Stop> {
        if self.is_ours().await? {
            return Ok(self.bulk.commit().await?);
        }
        self.bulk.rollback().await?;
        Err(Stop::Lost)
    }
}

/// How often those hear news who pass it on, at their own pace.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// How often the import's row is written and other nodes are told: more often than transactions end, so that each of them is told.
const SAVE_EVERY: Duration = Duration::from_millis(350);

/// Counts, and tells others, but not too often.
pub(super) struct Reporter {
    pub progress: Progress,
    claim: Claim,
    database: Database,
    live: Live,
    began: Instant,
    began_at_percent: f64,
    phase_began: Instant,
    published: Option<Instant>,
    saved: Option<Instant>,
}

impl Reporter {
    pub fn new(claim: &Claim, database: &Database, live: &Live) -> Self {
        let now = Instant::now();
        Self {
            progress: claim.progress.clone(),
            claim: claim.clone(),
            database: database.clone(),
            live: live.clone(),
            began: now,
            began_at_percent: claim.progress.percent,
            phase_began: now,
            published: None,
            saved: None,
        }
    }

    /// Begins a phase and says so at once.
    pub async fn begin(&mut self, phase: Phase, message: &str) -> Result<(), Stop> {
        self.progress.phase = Some(phase);
        message.clone_into(&mut self.progress.message);
        self.progress.rows_per_second = None;
        self.phase_began = Instant::now();
        self.published = None;
        self.saved = None;
        self.report(0.0, 0).await
    }

    /// Takes note that `done` (0 to 1) of the phase is over, in which `rows` rows were handled.
    pub async fn report(&mut self, done: f64, rows: i64) -> Result<(), Stop> {
        let now = Instant::now();
        let due = |last: Option<Instant>, every: Duration| last.is_none_or(|last| now.duration_since(last) >= every);
        if !due(self.published, PUBLISH_EVERY) {
            return Ok(());
        }
        self.update(done, rows);
        self.live.publish(self.claim.id, self.progress.clone());
        self.published = Some(now);
        if due(self.saved, SAVE_EVERY) {
            self.saved = Some(now);
            self.live.tell_others(self.claim.id, &self.progress);
            let ours = claims::save_progress(self.database.writer(), &self.claim, &self.progress, rows).await?;
            return if ours { Ok(()) } else { Err(Stop::Lost) };
        }
        Ok(())
    }

    fn update(&mut self, done: f64, rows: i64) {
        let progress = &mut self.progress;
        progress.processed = progress.processed.max(progress.decided());
        if let Some(phase) = progress.phase {
            // An import that goes on after an interruption reads its file again; the bar waits until it is further than before.
            let percent = match self.claim.step {
                ImportStep::Check => percent_of_check(phase, done),
                _ => percent(phase, done),
            };
            progress.percent = progress.percent.max(percent);
        }
        let seconds = self.phase_began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = rows as f64 / seconds;
        progress.rows_per_second = (rows > 0 && seconds > 0.2).then(|| rate.round());
        let gained = progress.percent - self.began_at_percent;
        let share = gained * 100.0 / (100.0 - self.began_at_percent).max(1.0);
        progress.eta_seconds = eta_seconds(share, self.began.elapsed().as_secs_f64());
    }
}
