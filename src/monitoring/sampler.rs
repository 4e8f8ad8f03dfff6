//! Writes down every few minutes what was counted and measured. Any number of processes may do this on one database.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::tally::Tally;
use super::{Figures, Measure, System, samples, store, system};
use crate::config::Config;
use crate::database::Database;
use crate::disk::Disks;
use crate::error::Result;

/// What is counted is at most that old when a process is killed.
pub const EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct Sampler {
    pub database: Database,
    pub config: Arc<Config>,
    pub disks: Disks,
    pub tally: Tally,
}

impl Sampler {
    /// Writes down what this process has counted since the last time, and what is measured, if nobody else has done so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sample(&self, moment: OffsetDateTime) -> Result<()> {
        self.count(moment).await?;
        let slot = samples::slot(moment);
        if samples::is_measured(self.database.reader(), slot).await? {
            return Ok(());
        }
        let figures = store::figures(&self.database).await?;
        let system = system(&self.config, &self.disks, &self.tally).await;
        let transaction = self.database.begin().await?;
        samples::put(&transaction, slot, &measured(&figures, &system)).await?;
        samples::forget_old(&transaction, slot).await?;
        Ok(transaction.commit().await?)
    }

    /// Only what was counted: for whoever is about to end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, moment: OffsetDateTime) -> Result<()> {
        let counts = self.tally.unwritten();
        let transaction = self.database.begin().await?;
        samples::add(&transaction, samples::slot(moment), &counts).await?;
        transaction.commit().await?;
        self.tally.written(&counts);
        Ok(())
    }
}

fn measured(figures: &Figures, system: &System) -> Vec<(Measure, i64)> {
    let mut values = vec![
        (Measure::DatabaseBytes, figures.database.bytes),
        (Measure::WaitingImports, figures.imports.waiting()),
        (Measure::OldestDueSeconds, figures.oldest_due_seconds().unwrap_or(0)),
        (Measure::SearchBehind, figures.search_behind),
    ];
    let free = figures.disks(system).into_iter().map(|(_, disk)| disk.free_bytes).min();
    values.extend(free.map(|free| (Measure::FreeBytes, free)));
    values
}
