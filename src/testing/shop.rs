//! A shop of its own for one test: database, file store and services.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use migration::{Migrate as _, Migrator};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::cluster;
use crate::config::Config;
use crate::database::bulk::scratch;
use crate::error::{Error, Result};
use crate::imports::intake::{Intake, begin, receive};
use crate::imports::{Import, ImportKind};
use crate::jobs::{Outcome, Task as _};
use crate::outbound::Names;
use crate::outbound::destination::Policy;
use crate::problem::Problem;
use crate::products::{self, Product, ProductQuery};
use crate::services::Services;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A program of this package's that does nothing else. Tests stand in a folder beside it.
fn workbook_reader() -> std::path::PathBuf {
    let test = std::env::current_exe().expect("a test has a file");
    test.with_file_name("..").join("read-workbook")
}

fn this_machine() -> Policy {
    Policy {
        allow_http: true,
        allowed_networks: vec!["127.0.0.1/32".parse().expect("a network")],
    }
}

pub struct Shop {
    pub services: Services,
    folder: Arc<TempDir>,
}

impl Shop {
    pub async fn open(kind: Kind) -> Self {
        Self::open_with(kind, |_| ()).await
    }

    /// Opens a shop whose settings differ from the usual ones.
    pub async fn open_with(kind: Kind, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the shop");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut config = Config {
            database_url: match kind {
                Kind::Sqlite => format!("sqlite://{}", at("stockroom.db")),
                Kind::Postgres => cluster::fresh_database().await,
            },
            storage_url: format!("file://{}", at("files")),
            scratch_dir: folder.path().join("scratch"),
            secret_key_file: folder.path().join("secret.key"),
            // The receivers of tests are on this machine.
            webhook_policy: this_machine(),
            picture_policy: this_machine(),
            schedule_policy: this_machine(),
            workbook_reader: vec![workbook_reader().into()],
            ..Config::default()
        };
        change(&mut config);
        let services = Services::connect(config).await.expect("the shop opens");
        Migrator::up(services.database.writer(), None)
            .await
            .expect("the schema is made");
        Self {
            services,
            folder: Arc::new(folder),
        }
    }

    /// The same shop in another process, as it were: nothing is shared but the database and the files.
    pub async fn beside(&self) -> Self {
        let config = Config::clone(&self.services.config);
        Self {
            services: Services::connect(config).await.expect("a neighbour"),
            folder: self.folder.clone(),
        }
    }

    /// Where the shop's files are.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Uploads a file; nothing works on it yet.
    ///
    /// # Errors
    /// What the person who uploads is told.
    pub async fn upload(&self, kind: ImportKind, bytes: impl Into<Vec<u8>>) -> std::result::Result<Import, Problem> {
        let intake = Intake::at_once(kind, "test.csv", "test".into());
        self.take_in(intake, bytes).await.map_err(Problem::from)
    }

    /// # Errors
    /// When the upload is refused.
    pub async fn take_in(&self, intake: Intake, bytes: impl Into<Vec<u8>>) -> Result<Import> {
        let pieces: Vec<std::result::Result<Bytes, Error>> = bytes
            .into()
            .chunks(64 * 1024)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let services = &self.services;
        let stored = receive(&services.storage, services.config.upload_limit, stream::iter(pieces)).await?;
        begin(services, intake, stored).await
    }

    /// Works until nothing is left to do.
    pub async fn work(&self) {
        let importer = self.services.importer();
        while importer
            .run_next(&CancellationToken::new())
            .await
            .expect("the import runs")
            == Outcome::Worked
        {}
    }

    /// Brings the index of words up to date.
    pub async fn index(&self) {
        let indexer = self.services.indexer();
        while indexer
            .run_next(&CancellationToken::new())
            .await
            .expect("the index follows")
            == Outcome::Worked
        {}
    }

    /// Uploads a file of products and works it off.
    pub async fn import(&self, bytes: impl Into<Vec<u8>>) -> Import {
        let import = self
            .upload(ImportKind::Products, bytes)
            .await
            .expect("the file is taken in");
        self.work().await;
        self.see(import.job_id).await
    }

    /// Uploads a file of catalogues and works it off.
    pub async fn import_catalogs(&self, bytes: impl Into<Vec<u8>>) -> Import {
        let import = self
            .upload(ImportKind::Catalogs, bytes)
            .await
            .expect("the file is taken in");
        self.work().await;
        self.see(import.job_id).await
    }

    /// Names of all scratch that there is.
    pub async fn scratch(&self) -> Vec<String> {
        let services = &self.services;
        scratch::names(&services.database, &services.config.scratch_dir, "import_")
            .await
            .expect("scratch is listed")
    }

    /// Takes back what a job did, and works that off.
    pub async fn undo(&self, id: i64) -> Import {
        let wish = crate::imports::Confirmation {
            is_given: true,
            by: "test".into(),
            idempotency_key: None,
        };
        let job = crate::imports::plan_undo(&self.services.database, id, wish)
            .await
            .expect("an undo");
        self.work().await;
        self.see(job.job_id).await
    }

    /// The import as it is now.
    pub async fn see(&self, id: i64) -> Import {
        crate::imports::get(self.services.database.writer(), id)
            .await
            .expect("the import exists")
    }

    /// The product with this SKU.
    pub async fn product(&self, sku: &str) -> Option<Product> {
        let query = ProductQuery {
            sku: Some(sku.to_owned()),
            ..Default::default()
        };
        let found = products::list(self.services.reader(), &query, &Default::default())
            .await
            .expect("products are listed");
        found
            .items
            .into_iter()
            .find(|product| crate::fold::fold(&product.sku) == crate::fold::fold(sku))
    }

    /// All products as an export writes them: two shops with the same text hold the same products.
    pub async fn export(&self) -> String {
        self.export_of(ProductQuery::default()).await
    }

    /// Those that match, in the order of the query.
    pub async fn export_of(&self, query: ProductQuery) -> String {
        let layout = products::export::Layout::of(self.services.reader(), None)
            .await
            .expect("a layout");
        let mut pieces = products::export::csv(&self.services.database, query, layout, None);
        let mut text = Vec::new();
        while let Some(piece) = pieces.recv().await {
            text.extend_from_slice(&piece.expect("products are exported"));
        }
        String::from_utf8(text).expect("an export is UTF-8")
    }

    /// Another process on the same shop: its own connections, nothing shared in memory.
    pub async fn neighbour(&self) -> Services {
        self.neighbour_with(Names::System).await
    }

    /// The same, with names of its own.
    pub async fn neighbour_with(&self, names: Names) -> Services {
        Services::connect_with(Arc::unwrap_or_clone(self.services.config.clone()), names)
            .await
            .expect("the shop opens again")
    }
}
