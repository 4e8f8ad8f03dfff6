//! Settings, as the domain needs them. The binary reads them from the command line and the environment.

use std::path::PathBuf;

/// Everything that an operator may decide and the domain must know.
#[derive(Clone, Debug)]
pub struct Config {
    /// `sqlite://path` or `postgres://…`.
    pub database_url: String,
    /// `file://path`.
    pub storage_url: String,
    /// Where SQLite keeps the scratch of a running import; nothing there outlives the import.
    pub scratch_dir: PathBuf,
    /// Bytes of one uploaded file.
    pub upload_limit: u64,
    /// Columns of one file.
    pub column_limit: usize,
    /// ISO 4217 code of the shop's one currency; it has two decimals.
    pub currency: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/stockroom.db".to_owned(),
            storage_url: "file://data/files".to_owned(),
            scratch_dir: PathBuf::from("data/scratch"),
            upload_limit: 512 * 1024 * 1024,
            column_limit: 1_000,
            currency: "EUR".to_owned(),
        }
    }
}
