//! The command line and the settings. Every setting is also an environment variable; `.env.example` shows them all.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use stockroom::accounts::Role;
use stockroom::config::Config;
use stockroom::imports::tripwires::Tripwires;
use stockroom::outbound::destination::Policy;

use crate::commands::import::ImportArgs;
use crate::telemetry::LogFormat;

/// Import, look after and publish a shop's catalogue.
#[derive(Debug, Parser)]
#[command(name = "stockroom", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub settings: Settings,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API (the default).
    Serve,
    /// Change the schema of the database.
    Migrate {
        #[command(subcommand)]
        action: MigrateAction,
    },
    /// Look after the people who may sign in.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Look after the keys with which programs call the API.
    ApiKey {
        #[command(subcommand)]
        action: ApiKeyAction,
    },
    /// Import one file, here and now, and print what came of it.
    Import(Box<ImportArgs>),
}

#[derive(Debug, Subcommand)]
pub enum MigrateAction {
    /// Bring the schema up to date.
    Up,
    /// Take the last change back.
    Down,
    /// Show which changes have been made.
    Status,
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Add a person. The password is read from standard input; from a terminal, one is made up and printed.
    Add {
        email: String,
        #[arg(long, default_value = "admin")]
        role: Role,
    },
}

#[derive(Debug, Subcommand)]
pub enum ApiKeyAction {
    /// Make a key and print it, this once.
    Create {
        name: String,
        #[arg(long, default_value = "editor")]
        role: Role,
    },
}

#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// `sqlite://path` or `postgres://user:password@host/database`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://data/stockroom.db",
        global = true,
        hide_env_values = true
    )]
    pub database_url: String,
    /// Where uploaded files are kept: `file://path`, or `s3://bucket/prefix` with the usual variables (`AWS_ENDPOINT_URL`, `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`) for any service that speaks S3.
    #[arg(long, env = "STORAGE_URL", default_value = "file://data/files", global = true)]
    pub storage_url: String,
    /// Address and port to listen on.
    #[arg(long, env = "LEPTOS_SITE_ADDR", default_value = "127.0.0.1:3000", global = true)]
    pub site_addr: SocketAddr,
    /// Folder of the page's scripts and styles. Without it they are looked for beside the program.
    #[arg(long, env = "LEPTOS_SITE_ROOT", global = true)]
    pub site_root: Option<PathBuf>,
    /// The address that people use, if it is another one. With https, cookies are sent over https only.
    #[arg(long, env = "STOCKROOM_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Where SQLite keeps the scratch tables of a running import.
    #[arg(long, env = "STOCKROOM_SCRATCH_DIR", default_value = "data/scratch", global = true)]
    pub scratch_dir: PathBuf,
    /// Megabytes of the largest file that may be uploaded.
    #[arg(long, env = "STOCKROOM_UPLOAD_LIMIT_MB", default_value_t = 512, global = true)]
    pub upload_limit_mb: u64,
    /// Columns of the widest file that may be imported.
    #[arg(long, env = "STOCKROOM_COLUMN_LIMIT", default_value_t = 1_000, global = true)]
    pub column_limit: usize,
    /// Megabytes of memory for reading one Excel workbook, in a process of its own.
    #[arg(long, env = "STOCKROOM_WORKBOOK_MEMORY_MB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(64..=65_536), global = true)]
    pub workbook_memory_mb: u64,
    /// The shop's one currency, as its ISO 4217 code. It must have two decimals.
    #[arg(long, env = "STOCKROOM_CURRENCY", default_value = "EUR", global = true)]
    pub currency: String,
    /// Connections that are served at the same time.
    #[arg(long, env = "STOCKROOM_CONNECTION_LIMIT", default_value_t = 10_000, global = true)]
    pub connection_limit: usize,
    /// Streams of events that one person or key may have open at the same time.
    #[arg(long, env = "STOCKROOM_STREAM_LIMIT", default_value_t = 500, global = true)]
    pub stream_limit: usize,
    /// Minutes without a request after which somebody is signed out.
    #[arg(long, env = "STOCKROOM_SESSION_IDLE_MINUTES", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=525_600), global = true)]
    pub session_idle_minutes: i64,
    /// Hours after which somebody must sign in again in any case.
    #[arg(long, env = "STOCKROOM_SESSION_HOURS", default_value_t = 12, value_parser = clap::value_parser!(i64).range(1..=8_760), global = true)]
    pub session_hours: i64,
    /// Addresses of proxies whose `X-Forwarded-For` is believed, with commas between them.
    #[arg(long, env = "STOCKROOM_TRUSTED_PROXIES", value_delimiter = ',', global = true)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Key that seals the secrets of webhooks, 32 bytes in Base64. Without it, a key is made and kept in the key file.
    #[arg(long, env = "STOCKROOM_SECRET_KEY", global = true, hide_env_values = true)]
    pub secret_key: Option<String>,
    /// File of that key.
    #[arg(
        long,
        env = "STOCKROOM_SECRET_KEY_FILE",
        default_value = "data/secret.key",
        global = true
    )]
    pub secret_key_file: PathBuf,
    /// Whether webhooks may have addresses that begin with http://.
    #[arg(long, env = "STOCKROOM_WEBHOOK_ALLOW_HTTP", default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub webhook_allow_http: bool,
    /// Networks of one's own that webhooks may call, such as 10.1.0.0/16, with commas between them.
    #[arg(long, env = "STOCKROOM_WEBHOOK_ALLOW_NETS", value_delimiter = ',', global = true)]
    pub webhook_allow_nets: Vec<IpNet>,
    /// Whether pictures of products may have addresses that begin with http://.
    #[arg(long, env = "STOCKROOM_PICTURE_ALLOW_HTTP", default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub picture_allow_http: bool,
    /// Networks of one's own that pictures may be fetched from, such as 10.1.0.0/16, with commas between them.
    #[arg(long, env = "STOCKROOM_PICTURE_ALLOW_NETS", value_delimiter = ',', global = true)]
    pub picture_allow_nets: Vec<IpNet>,
    /// File of certificates, in PEM, by which receivers of webhooks are trusted besides the system's: those of one's own authority.
    #[arg(long, env = "STOCKROOM_WEBHOOK_CA_FILE", global = true)]
    pub webhook_ca_file: Option<PathBuf>,
    /// Percent by which a price may move before an import that was checked must be confirmed by typing …
    #[arg(long, env = "STOCKROOM_TRIPWIRE_PRICE_PERCENT", default_value_t = Tripwires::default().price_percent, value_parser = clap::value_parser!(i64).range(1..=100_000), global = true)]
    pub tripwire_price_percent: i64,
    /// … if more products than this are concerned.
    #[arg(long, env = "STOCKROOM_TRIPWIRE_PRICE_ROWS", default_value_t = Tripwires::default().price_rows, value_parser = clap::value_parser!(i64).range(0..), global = true)]
    pub tripwire_price_rows: i64,
    /// Percent of the active products that an import may deactivate before it must be confirmed by typing.
    #[arg(long, env = "STOCKROOM_TRIPWIRE_DEACTIVATED_PERCENT", default_value_t = Tripwires::default().deactivated_percent, value_parser = clap::value_parser!(i64).range(0..=100), global = true)]
    pub tripwire_deactivated_percent: i64,
    /// Percent by which a file may be longer than the last one with the same columns, or that one than it, before it must be confirmed.
    #[arg(long, env = "STOCKROOM_TRIPWIRE_ROWS_PERCENT", default_value_t = Tripwires::default().rows_percent, value_parser = clap::value_parser!(i64).range(1..=100_000), global = true)]
    pub tripwire_rows_percent: i64,
    /// Days that events and deliveries of webhooks are kept; what is still to be attempted is kept in any case.
    #[arg(long, env = "STOCKROOM_WEBHOOK_DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(4..=3_650), global = true)]
    pub webhook_days: i64,
    /// How the log is written: for people, or as one JSON object a line.
    #[arg(long, env = "STOCKROOM_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
    /// Whoever sends this as `Authorization: Bearer …` may read /metrics, besides API keys and administrators.
    #[arg(long, env = "STOCKROOM_METRICS_TOKEN", global = true, hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Whether everybody may read /metrics.
    #[arg(long, env = "STOCKROOM_METRICS_OPEN", default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub metrics_open: bool,
}

impl Settings {
    /// The part that the domain needs.
    #[must_use]
    pub fn config(&self) -> Config {
        Config {
            database_url: self.database_url.clone(),
            storage_url: self.storage_url.clone(),
            scratch_dir: self.scratch_dir.clone(),
            upload_limit: self.upload_limit_mb * 1024 * 1024,
            column_limit: self.column_limit,
            workbook_memory: self.workbook_memory_mb * 1024 * 1024,
            currency: self.currency.clone(),
            secret_key: self.secret_key.clone(),
            secret_key_file: self.secret_key_file.clone(),
            webhook_policy: Policy {
                allow_http: self.webhook_allow_http,
                allowed_networks: self.webhook_allow_nets.clone(),
            },
            picture_policy: Policy {
                allow_http: self.picture_allow_http,
                allowed_networks: self.picture_allow_nets.clone(),
            },
            webhook_ca_file: self.webhook_ca_file.clone(),
            tripwires: Tripwires {
                price_percent: self.tripwire_price_percent,
                price_rows: self.tripwire_price_rows,
                deactivated_percent: self.tripwire_deactivated_percent,
                rows_percent: self.tripwire_rows_percent,
                ..Tripwires::default()
            },
            webhook_days: self.webhook_days,
            ..Config::default()
        }
    }

    /// The address that people type, without a slash at its end.
    #[must_use]
    pub fn public_address(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.site_addr),
        }
    }

    /// Whether cookies may be sent over https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_address().starts_with("https://")
    }
}
