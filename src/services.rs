//! Everything that the domain needs to work, wired once. Cloning is shallow.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio_util::sync::CancellationToken;

use crate::accounts::Passwords;
use crate::config::Config;
use crate::database::Database;
use crate::database::bus::{Bus, Heard};
use crate::database::clock::now;
use crate::disk::Disks;
use crate::error::Result;
use crate::imports::live::Live;
use crate::imports::runner::Runner;
use crate::imports::watch::Watches;
use crate::jobs::{self, Wake};
use crate::monitoring::sampler::{EVERY, Sampler};
use crate::monitoring::tally::Tally;
use crate::outbound::Names;
use crate::pictures::client::Client as PictureClient;
use crate::pictures::fetcher::Fetcher;
use crate::products::export::Exports;
use crate::products::search::Indexer;
use crate::retention::Retention;
use crate::schedules::client::Client as SourceClient;
use crate::schedules::runner::Runner as Schedules;
use crate::storage::Storage;
use crate::uploads::Sweeper;
use crate::webhooks::client::Client;
use crate::webhooks::clock::Clock;
use crate::webhooks::dispatcher::Dispatcher;
use crate::webhooks::vault::Vault;
use crate::workbook::Workbooks;

/// What nobody waits for is looked after that often.
const HOURLY: Duration = Duration::from_secs(3_600);

#[derive(Clone, Debug)]
pub struct Services {
    pub config: Arc<Config>,
    pub database: Database,
    pub storage: Storage,
    /// Of whose room uploads leave some.
    pub disks: Disks,
    /// Reads Excel workbooks.
    pub workbooks: Workbooks,
    pub passwords: Passwords,
    /// What other processes of this database are told, and heard of.
    pub bus: Bus,
    /// News of running imports.
    pub live: Live,
    /// Whoever waits for imports in this process.
    pub watches: Watches,
    /// How far exports are that somebody watches.
    pub exports: Exports,
    /// Tells the importer that a file has come in.
    pub import_wake: Wake,
    /// Seals what nobody must read in the database.
    pub vault: Vault,
    /// Calls webhooks.
    pub webhooks: Client,
    /// Tells the dispatcher that something has happened.
    pub webhook_wake: Wake,
    /// Fetches pictures.
    pub pictures: PictureClient,
    /// Tells the fetcher that pictures are wanted.
    pub picture_wake: Wake,
    /// Fetches the files of schedules.
    pub sources: SourceClient,
    /// Tells whoever runs schedules that a run is wished.
    pub schedule_wake: Wake,
    /// What this process has done so far.
    pub tally: Tally,
}

impl Services {
    /// Connects to the database and the file store.
    ///
    /// # Errors
    /// When either cannot be reached.
    pub async fn connect(config: Config) -> Result<Self> {
        Self::connect_with(config, Names::System).await
    }

    /// The same, with another way to look names of webhooks and pictures up.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_with(config: Config, names: Names) -> Result<Self> {
        let database = Database::connect_with(&config.database_url, config.database_connections).await?;
        let bus = Bus::default();
        let live = Live::among(&bus);
        let disks = Disks::of(&config);
        Ok(Self {
            vault: Vault::open(&config)?,
            pictures: PictureClient::new(config.picture_policy.clone(), names.clone())?,
            sources: SourceClient::new(
                config.schedule_policy.clone(),
                names.clone(),
                config.webhook_ca_file.as_deref(),
            )?,
            webhooks: Client::new(config.webhook_policy.clone(), names, config.webhook_ca_file.as_deref())?,
            storage: Storage::connect(&config.storage_url).await?.watching(disks.clone()),
            disks,
            workbooks: Workbooks::new(&config),
            config: Arc::new(config),
            passwords: Passwords::default(),
            watches: Watches::new(database.reader().clone(), live.clone()),
            live,
            database,
            exports: Exports::new(bus.clone()),
            import_wake: Wake::among(&bus, "imports"),
            webhook_wake: Wake::among(&bus, "webhooks"),
            picture_wake: Wake::among(&bus, "pictures"),
            schedule_wake: Wake::among(&bus, "schedules"),
            bus,
            tally: Tally::default(),
        })
    }

    /// For queries that change nothing.
    #[must_use]
    pub fn reader(&self) -> &DatabaseConnection {
        self.database.reader()
    }

    /// Whoever runs imports on this machine.
    #[must_use]
    pub fn importer(&self) -> Runner {
        Runner {
            database: self.database.clone(),
            storage: self.storage.clone(),
            workbooks: self.workbooks.clone(),
            live: self.live.clone(),
            webhook_wake: self.webhook_wake.clone(),
            tally: self.tally.clone(),
            config: self.config.clone(),
        }
    }

    /// Whoever keeps the index of words up to date.
    #[must_use]
    pub fn indexer(&self) -> Indexer {
        Indexer {
            database: self.database.clone(),
        }
    }

    /// Whoever sends to webhooks on this machine.
    #[must_use]
    pub fn dispatcher(&self) -> Dispatcher {
        Dispatcher {
            database: self.database.clone(),
            client: self.webhooks.clone(),
            vault: self.vault.clone(),
            clock: Clock::default(),
            tally: self.tally.clone(),
            days: self.config.webhook_days,
        }
    }

    /// Whoever fetches pictures on this machine.
    #[must_use]
    pub fn fetcher(&self) -> Fetcher {
        Fetcher {
            database: self.database.clone(),
            storage: self.storage.clone(),
            client: self.pictures.clone(),
        }
    }

    /// Whoever runs schedules on this machine.
    #[must_use]
    pub fn schedules(&self) -> Schedules {
        Schedules { services: self.clone() }
    }

    /// Whoever removes uploads whose time is over.
    #[must_use]
    pub fn upload_sweeper(&self) -> Sweeper {
        Sweeper {
            database: self.database.clone(),
            storage: self.storage.clone(),
        }
    }

    /// Tells other processes of this database what they wait for, and hears them, until `stop` is cancelled.
    pub async fn run_bus(self, stop: CancellationToken) {
        self.bus.run(&self.database, |heard| self.hear(heard), &stop).await;
    }

    fn hear(&self, heard: Heard) {
        let wakes = [
            &self.import_wake,
            &self.webhook_wake,
            &self.picture_wake,
            &self.schedule_wake,
        ];
        match heard {
            Heard::Gap => wakes.iter().for_each(|wake| wake.wake_here()),
            Heard::News { subject, body } => {
                if !self.live.hear(&subject, &body) && !self.exports.hear(&subject, &body) {
                    let meant = wakes.iter().filter(|wake| wake.subject() == Some(&subject));
                    meant.for_each(|wake| wake.wake_here());
                }
            }
        }
    }

    /// Whoever removes what is older than it is kept.
    #[must_use]
    pub fn retention(&self) -> Retention {
        Retention {
            database: self.database.clone(),
            storage: self.storage.clone(),
            import_wake: self.import_wake.clone(),
            days: self.config.retention,
        }
    }

    /// Whoever writes down every few minutes how it goes.
    #[must_use]
    pub fn sampler(&self) -> Sampler {
        Sampler {
            database: self.database.clone(),
            config: self.config.clone(),
            disks: self.disks.clone(),
            tally: self.tally.clone(),
        }
    }

    /// Writes down how it goes until `stop` is cancelled, and what is left then.
    pub async fn run_sampler(self, stop: CancellationToken) {
        let sampler = self.sampler();
        jobs::every(EVERY, stop, || sampler.sample(now())).await;
        if let Err(error) = sampler.count(now()).await {
            tracing::warn!(%error, "what was counted last is not written down");
        }
    }

    /// Sends to webhooks until `stop` is cancelled.
    pub async fn run_dispatcher(self, stop: CancellationToken) {
        self.dispatcher().run(self.webhook_wake.clone(), stop).await;
    }

    /// Fetches pictures until `stop` is cancelled.
    pub async fn run_fetcher(self, stop: CancellationToken) {
        self.fetcher().run(self.picture_wake.clone(), stop).await;
    }

    /// Runs schedules until `stop` is cancelled.
    pub async fn run_schedules(self, stop: CancellationToken) {
        self.schedules().run(stop).await;
    }

    /// Keeps the index of words up to date until `stop` is cancelled.
    pub async fn run_indexer(self, stop: CancellationToken) {
        jobs::work(self.indexer(), Wake::default(), stop).await;
    }

    /// Removes uploads that nobody has gone on with, and what is left of others, until `stop` is cancelled.
    pub async fn run_upload_sweeper(self, stop: CancellationToken) {
        let sweeper = self.upload_sweeper();
        let orphans = jobs::every(HOURLY, stop.clone(), || sweeper.sweep_orphans(now()));
        let expired = jobs::work(self.upload_sweeper(), Wake::default(), stop);
        tokio::join!(orphans, expired);
    }

    /// Removes what is older than it is kept, until `stop` is cancelled.
    pub async fn run_retention(self, stop: CancellationToken) {
        let retention = self.retention();
        jobs::every(HOURLY, stop, || retention.sweep(now())).await;
    }

    /// Runs imports until `stop` is cancelled, and drops now and then what nobody has confirmed.
    pub async fn run_imports(self, stop: CancellationToken) {
        let importer = self.importer();
        if let Err(error) = importer.tidy().await {
            tracing::warn!(%error, "what earlier imports left could not be tidied");
        }
        let sweeping = jobs::every(HOURLY, stop.clone(), || importer.sweep());
        let working = jobs::work(self.importer(), self.import_wake.clone(), stop);
        tokio::join!(sweeping, working);
    }
}
