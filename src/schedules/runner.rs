//! Runs what is due: asks for runs, fetches their files, and follows their imports.
//!
//! Any number of processes may do this on one database. Nothing is kept here that the database does not have, so one may die at any time;
//! what it was fetching is fetched again when its lease has run out.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::RunStatus;
use super::client::{Asked, Found, Seen};
use super::failure::{Failure, Stopped};
use super::following::{Ending, end, follow};
use super::queue::{self, Claim};
use super::rows::{Secret, actor};
use super::source::Source;
use crate::entities::schedule_run;
use crate::error::{Error, Result};
use crate::imports::intake::{self, Intake, StopsAt, Stored};
use crate::imports::wish::Wish;
use crate::imports::{self, Import};
use crate::services::Services;
use crate::settings;

/// Files that a process fetches at the same time.
const AT_ONCE: usize = 3;
/// How long a run can lie unannounced.
const POLL: Duration = Duration::from_secs(1);
/// A third of the lease, so that one late renewal loses nothing.
const HEARTBEAT: Duration = Duration::from_secs(20);
const SWEEP: Duration = Duration::from_secs(3_600);
/// Attempts that may end with the process before a run is given up.
const CRASHES_MAX: i64 = 10;

/// Runs schedules on this machine.
#[derive(Clone, Debug)]
pub struct Runner {
    pub services: Services,
}

impl Runner {
    /// Runs what is due until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        let mut swept: Option<Instant> = None;
        while !stop.is_cancelled() {
            if swept.is_none_or(|swept| swept.elapsed() > SWEEP) {
                swept = Some(Instant::now());
                warn(self.sweep().await);
            }
            warn(follow(&self.services).await);
            warn(self.fill(&mut running, &stop).await);
            tokio::select! {
                Some(ended) = running.join_next() => note(ended),
                () = self.services.schedule_wake.woken() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
        // They have been told, too, and give back what they have not done.
        while let Some(ended) = running.join_next().await {
            note(ended);
        }
    }

    /// Begins what is due now, and ends when everything is fetched and every import that has come to a rest is gone on with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_due(&self) -> Result<()> {
        let stop = CancellationToken::new();
        let mut running = JoinSet::new();
        follow(&self.services).await?;
        self.fill(&mut running, &stop).await?;
        while let Some(ended) = running.join_next().await {
            note(ended);
            self.fill(&mut running, &stop).await?;
        }
        follow(&self.services).await
    }

    /// Forgets runs that nobody looks at any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<()> {
        queue::sweep(&self.services.database).await
    }

    /// Begins runs while there is room.
    async fn fill(&self, running: &mut JoinSet<()>, stop: &CancellationToken) -> Result<()> {
        let services = &self.services;
        let zone = settings::load(services.reader(), &services.config).await?.time_zone;
        queue::plan(&services.database, &zone).await?;
        while running.len() < AT_ONCE {
            let Some(claim) = queue::claim(services.database.writer()).await? else {
                break;
            };
            let (runner, stop) = (self.clone(), stop.clone());
            running.spawn(async move { warn(runner.work(claim, stop).await) });
        }
        Ok(())
    }

    /// One attempt, for as long as the run is this process's.
    async fn work(&self, claim: Claim, stop: CancellationToken) -> Result<()> {
        tokio::select! {
            outcome = self.attempt(&claim, &stop) => outcome,
            lost = self.lost(&claim.run) => {
                tracing::warn!(run = claim.run.id, "another process has taken a scheduled run over");
                lost
            }
        }
    }

    /// Renews the lease, and ends when it is lost.
    async fn lost(&self, run: &schedule_run::Model) -> Result<()> {
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            beat.tick().await;
            match queue::renew(self.services.database.writer(), run).await {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => tracing::warn!(%error, run = run.id, "the lease could not be renewed"),
            }
        }
    }

    async fn attempt(&self, claim: &Claim, stop: &CancellationToken) -> Result<()> {
        let services = &self.services;
        if claim.run.attempts > CRASHES_MAX {
            let words = format!("Stockroom itself stopped {CRASHES_MAX} times while it fetched this file.");
            return self.fail(claim, words).await;
        }
        // A process that was killed may have come as far as that.
        if let Some(import) = Wish::File(None).known(&services.database, Some(&key(claim))).await? {
            return self.attach(claim, &import, None).await;
        }
        let fetched = tokio::select! {
            fetched = self.fetch(claim) => fetched,
            () = stop.cancelled() => return queue::release(services.database.writer(), &claim.run).await.map(drop),
        };
        match fetched {
            Ok(None) => {
                let ending = Ending {
                    status: RunStatus::Unchanged,
                    detail: None,
                };
                end(services, &claim.run, &ending).await.map(drop)
            }
            Ok(Some((stored, seen))) => self.take_in(claim, stored, seen).await,
            Err(Stopped::Theirs(Failure::Final(problem))) => self.fail(claim, problem).await,
            Err(Stopped::Theirs(Failure::Passing { problem, retry_after })) => {
                match queue::pause(&claim.run.cause, claim.run.attempts, retry_after) {
                    Some(pause) => {
                        queue::put_off(services.database.writer(), &claim.run, &problem, pause).await?;
                        Ok(())
                    }
                    None => self.fail(claim, problem).await,
                }
            }
            Err(Stopped::Ours(error)) => Err(error),
        }
    }

    /// The file, unless it is that of last time.
    async fn fetch(&self, claim: &Claim) -> std::result::Result<Option<(Stored, Seen)>, Stopped> {
        let Services {
            vault,
            sources,
            storage,
            config,
            ..
        } = &self.services;
        let secret = Secret::of(&claim.schedule, vault)?;
        let source = Source::parse(&secret.address, sources.policy())
            .map_err(|refused| Failure::Final(format!("The address may not be fetched. {refused}")))?;
        let seen: Option<Seen> = claim
            .schedule
            .seen
            .as_deref()
            .and_then(|seen| serde_json::from_str(seen).ok());
        let header = secret.header(&claim.schedule);
        let asked = Asked {
            source: &source,
            header: header.as_ref(),
            seen: seen.as_ref(),
        };
        match sources.fetch(storage, config.upload_limit, asked).await? {
            Found::Unchanged => Ok(None),
            Found::File(stored, now) if seen.as_ref().is_some_and(|seen| seen.sha256 == now.sha256) => {
                intake::discard(storage, stored).await?;
                Ok(None)
            }
            Found::File(stored, seen) => Ok(Some((stored, seen))),
        }
    }

    /// A new file becomes an import; one that waits already is not taken in twice.
    async fn take_in(&self, claim: &Claim, stored: Stored, seen: Seen) -> Result<()> {
        let services = &self.services;
        if stored.is_empty() {
            intake::discard(&services.storage, stored).await?;
            return self.fail(claim, "The file is empty.".to_owned()).await;
        }
        let waiting = queue::waiting(services.database.writer(), claim.schedule.id).await?;
        let is_same = |run: &&schedule_run::Model| {
            let before: Option<Seen> = run.seen.as_deref().and_then(|seen| serde_json::from_str(seen).ok());
            run.edition == claim.schedule.edition && before.is_some_and(|before| before.sha256 == seen.sha256)
        };
        if let Some(run) = waiting.iter().find(is_same) {
            intake::discard(&services.storage, stored).await?;
            let import = run.import_id.map(|id| format!(" #{id}")).unwrap_or_default();
            let ending = Ending {
                status: RunStatus::Unchanged,
                detail: Some(format!(
                    "The file is that of import{import}, which still waits for somebody."
                )),
            };
            return end(services, &claim.run, &ending).await.map(drop);
        }
        match intake::begin(services, self.intake(claim)?, stored).await {
            Ok(import) if import.created_by != actor(&claim.schedule).name => {
                let words = format!(
                    "The same file is being imported by {} at this moment, as import #{}.",
                    import.created_by, import.job_id
                );
                self.fail(claim, words).await
            }
            Ok(import) => self.attach(claim, &import, Some(&seen)).await,
            Err(Error::Refused(problem)) => self.fail(claim, problem.detail).await,
            Err(error) => Err(error),
        }
    }

    fn intake(&self, claim: &Claim) -> Result<Intake> {
        let Claim { schedule: row, .. } = claim;
        let secret = Secret::of(row, &self.services.vault)?;
        let source = Source::parse(&secret.address, self.services.sources.policy());
        let file_name = source.ok().and_then(|source| source.file_name());
        Ok(Intake {
            kind: serde_json::from_value(row.kind.as_str().into())?,
            file_name: file_name.unwrap_or_else(|| row.name.clone()),
            created_by: actor(row),
            idempotency_key: Some(key(claim)),
            options: serde_json::from_str(&row.options)?,
            stops: StopsAt::Match,
            sheet: row.sheet.clone(),
        })
    }

    /// The run is its import from now on. What is older and still waits is out of date: nobody must apply it after this one.
    async fn attach(&self, claim: &Claim, import: &Import, seen: Option<&Seen>) -> Result<()> {
        let services = &self.services;
        let known = Seen {
            sha256: import.sha256.clone().unwrap_or_default(),
            ..Seen::default()
        };
        for run in queue::waiting(services.database.writer(), claim.schedule.id).await? {
            if let Some(old) = run.import_id.filter(|old| *old != import.job_id) {
                imports::supersede(services, old, import.job_id, &actor(&claim.schedule)).await?;
            }
        }
        let seen = Some(seen.unwrap_or(&known));
        queue::attach(services.database.writer(), claim, import.job_id, seen).await?;
        services.import_wake.wake();
        Ok(())
    }

    async fn fail(&self, claim: &Claim, problem: String) -> Result<()> {
        let ending = Ending {
            status: RunStatus::Failed,
            detail: Some(problem),
        };
        end(&self.services, &claim.run, &ending).await.map(drop)
    }
}

/// Names the import of a run, so that there is one whatever happens to whoever makes it.
fn key(claim: &Claim) -> String {
    format!("schedule run {}", claim.run.id)
}

fn warn(outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "scheduled imports could not be looked after"
        );
    }
}

fn note(ended: std::result::Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a scheduled run ended badly");
    }
}
