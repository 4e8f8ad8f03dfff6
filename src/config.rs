//! Settings, as the domain needs them. The binary reads them from the command line and the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::database::CONNECTIONS;
use crate::imports::tripwires::Tripwires;

/// Everything that an operator may decide and the domain must know.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite://path` or `postgres://…`.
    pub database_url: String,
    /// Connections of this process to PostgreSQL at a time, besides those of running imports.
    pub database_connections: u32,
    /// `file://path` or `s3://bucket/prefix`.
    pub storage_url: String,
    /// Where SQLite keeps the scratch of a running import; nothing there outlives the import.
    pub scratch_dir: PathBuf,
    /// Bytes of one uploaded file.
    pub upload_limit: u64,
    /// Columns of one file.
    pub column_limit: usize,
    /// Rows of one file.
    pub row_limit: i64,
    /// Bytes of its disks that uploads leave free.
    pub disk_reserve: u64,
    /// The program that reads Excel workbooks, and its first arguments: this one, if nothing else is said.
    pub workbook_reader: Vec<OsString>,
    /// Bytes of memory that it may take for one workbook.
    pub workbook_memory: u64,
    /// ISO 4217 code of the shop's one currency; it has two decimals.
    pub currency: String,
    /// Key that seals secrets, 32 bytes in Base64; without it, that of the key file.
    pub secret_key: Option<String>,
    pub secret_key_file: PathBuf,
    /// Which addresses webhooks may have.
    pub webhook_policy: crate::outbound::destination::Policy,
    /// Which addresses pictures may have. What is fetched is public, so http is usual.
    pub picture_policy: crate::outbound::destination::Policy,
    /// Which addresses scheduled imports may have.
    pub schedule_policy: crate::outbound::destination::Policy,
    /// Certificates, in PEM, of those besides the usual ones that webhooks' receivers and suppliers may be certified by.
    pub webhook_ca_file: Option<PathBuf>,
    /// When an import that was checked needs more than a button.
    pub tripwires: Tripwires,
    /// Days that deliveries and their events are kept.
    pub webhook_days: i64,
    /// Days that other things are kept.
    pub retention: crate::retention::Days,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/stockroom.db".to_owned(),
            database_connections: CONNECTIONS,
            storage_url: "file://data/files".to_owned(),
            scratch_dir: PathBuf::from("data/scratch"),
            upload_limit: 512 * 1024 * 1024,
            column_limit: 1_000,
            row_limit: 5_000_000,
            disk_reserve: 256 * 1024 * 1024,
            workbook_reader: own_reader(),
            workbook_memory: 512 * 1024 * 1024,
            currency: "EUR".to_owned(),
            secret_key: None,
            secret_key_file: PathBuf::from("data/secret.key"),
            webhook_policy: crate::outbound::destination::Policy::default(),
            picture_policy: crate::outbound::destination::Policy {
                allow_http: true,
                ..Default::default()
            },
            schedule_policy: crate::outbound::destination::Policy::default(),
            webhook_ca_file: None,
            tripwires: Tripwires::default(),
            webhook_days: 30,
            retention: crate::retention::Days::default(),
        }
    }
}

/// The word of the command line with which this program reads a workbook.
pub const READ_WORKBOOK: &str = "read-workbook";

fn own_reader() -> Vec<OsString> {
    // Where nobody knows what this program is called, the reading fails and says so.
    let program = std::env::current_exe().unwrap_or_default();
    vec![program.into(), READ_WORKBOOK.into()]
}
