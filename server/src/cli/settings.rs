//! The settings: what each is called, what it is without being set, and what of it the domain needs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use axum::http::{HeaderValue, Uri};
use clap::Args;
use ipnet::IpNet;
use stockroom::config::Config;
use stockroom::database::CONNECTIONS;
use stockroom::imports::tripwires::Tripwires;
use stockroom::outbound::destination::Policy;
use stockroom::retention::Days;

use crate::rates::{Rate, Rates};
use crate::telemetry::LogFormat;

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
    /// Connections of one node to PostgreSQL at a time, besides those of running imports.
    #[arg(long, env = "STOCKROOM_DATABASE_CONNECTIONS", default_value_t = CONNECTIONS, value_parser = clap::value_parser!(u32).range(4..=1_000), global = true)]
    pub database_connections: u32,
    /// Where uploaded files are kept: `file://path`, or `s3://bucket/prefix` with the usual variables (`AWS_ENDPOINT_URL`, `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`) for any service that speaks S3.
    #[arg(long, env = "STORAGE_URL", default_value = "file://data/files", global = true)]
    pub storage_url: String,
    /// Address and port to listen on: 127.0.0.1:3000 if neither this nor PORT says otherwise.
    #[arg(long, env = "LEPTOS_SITE_ADDR", global = true)]
    pub site_addr: Option<SocketAddr>,
    /// Port to listen on, on all addresses of the machine, as platforms that run containers give it. The address above counts more.
    #[arg(long, env = "PORT", value_parser = port, global = true)]
    pub port: Option<u16>,
    /// Folder of the page's scripts and styles. Without it they are looked for beside the program.
    #[arg(long, env = "LEPTOS_SITE_ROOT", global = true)]
    pub site_root: Option<PathBuf>,
    /// The address that people use, if it is another one. With https, cookies are sent over https only.
    #[arg(long, env = "STOCKROOM_PUBLIC_URL", global = true)]
    pub public_url: Option<String>,
    /// Where running imports (on SQLite) and workbooks keep what they need for a while.
    #[arg(long, env = "STOCKROOM_SCRATCH_DIR", default_value = "data/scratch", global = true)]
    pub scratch_dir: PathBuf,
    /// Megabytes of the largest file that may be uploaded.
    #[arg(long, env = "STOCKROOM_UPLOAD_LIMIT_MB", default_value_t = 512, global = true)]
    pub upload_limit_mb: u64,
    /// Columns of the widest file that may be imported.
    #[arg(long, env = "STOCKROOM_COLUMN_LIMIT", default_value_t = 1_000, global = true)]
    pub column_limit: usize,
    /// Rows of the longest file that may be imported.
    #[arg(long, env = "STOCKROOM_ROW_LIMIT", default_value_t = 5_000_000, value_parser = clap::value_parser!(i64).range(1..), global = true)]
    pub row_limit: i64,
    /// Megabytes of its disks that uploads leave free, where files or the database are kept in folders.
    #[arg(long, env = "STOCKROOM_DISK_RESERVE_MB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(0..=1_000_000_000), global = true)]
    pub disk_reserve_mb: u64,
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
    /// Addresses or networks of proxies whose `X-Forwarded-For` is believed, with commas between them.
    #[arg(long, env = "STOCKROOM_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network, global = true)]
    pub trusted_proxies: Vec<IpNet>,
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
    /// Whether scheduled imports may have addresses that begin with http://.
    #[arg(long, env = "STOCKROOM_SCHEDULE_ALLOW_HTTP", default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub schedule_allow_http: bool,
    /// Networks of one's own that scheduled imports may fetch from, such as 10.1.0.0/16, with commas between them.
    #[arg(long, env = "STOCKROOM_SCHEDULE_ALLOW_NETS", value_delimiter = ',', global = true)]
    pub schedule_allow_nets: Vec<IpNet>,
    /// File of certificates, in PEM, by which receivers of webhooks and servers of suppliers are trusted besides the system's: those of one's own authority.
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
    /// Other sites whose scripts may use the API with a key, such as `https://till.example.com`, with commas between them.
    #[arg(long, env = "STOCKROOM_CORS_ORIGINS", value_delimiter = ',', value_parser = origin, global = true)]
    pub cors_origins: Vec<HeaderValue>,
    /// How the log is written: for people, or as one JSON object a line.
    #[arg(long, env = "STOCKROOM_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
    /// Whoever sends this as `Authorization: Bearer …` may read /metrics, besides API keys and administrators.
    #[arg(long, env = "STOCKROOM_METRICS_TOKEN", global = true, hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Whether everybody may read /metrics.
    #[arg(long, env = "STOCKROOM_METRICS_OPEN", default_value_t = false, action = clap::ArgAction::Set, num_args = 0..=1, default_missing_value = "true", global = true)]
    pub metrics_open: bool,
    #[command(flatten)]
    pub rates: RateSettings,
    #[command(flatten)]
    pub retention: RetentionSettings,
}

// How often somebody may ask. (No description: it would stand above the help of all commands.)
#[derive(Clone, Debug, Args)]
pub struct RateSettings {
    /// Requests a minute with one API key; 0: as many as come.
    #[arg(long, env = "STOCKROOM_KEY_REQUESTS_PER_MINUTE", default_value_t = 600_000, value_parser = clap::value_parser!(u32).range(0..=100_000_000), global = true)]
    pub key_requests_per_minute: u32,
    /// How many of them may come at once; without it, those of a minute.
    #[arg(long, env = "STOCKROOM_KEY_BURST", value_parser = clap::value_parser!(u32).range(1..=1_000_000), global = true)]
    pub key_burst: Option<u32>,
    /// Requests a minute from one address, or network of IPv6, without a valid session or key, such as sign-ins; 0: as many as come.
    #[arg(long, env = "STOCKROOM_STRANGER_REQUESTS_PER_MINUTE", default_value_t = 6_000, value_parser = clap::value_parser!(u32).range(0..=100_000_000), global = true)]
    pub stranger_requests_per_minute: u32,
    /// How many of them may come at once; without it, those of a minute.
    #[arg(long, env = "STOCKROOM_STRANGER_BURST", value_parser = clap::value_parser!(u32).range(1..=1_000_000), global = true)]
    pub stranger_burst: Option<u32>,
    /// Requests a minute from one address, or network of IPv6, whoever asks; 0: as many as come.
    #[arg(long, env = "STOCKROOM_ADDRESS_REQUESTS_PER_MINUTE", default_value_t = 1_200_000, value_parser = clap::value_parser!(u32).range(0..=100_000_000), global = true)]
    pub address_requests_per_minute: u32,
    /// How many of them may come at once; without it, those of a minute.
    #[arg(long, env = "STOCKROOM_ADDRESS_BURST", value_parser = clap::value_parser!(u32).range(1..=1_000_000), global = true)]
    pub address_burst: Option<u32>,
}

impl RateSettings {
    #[must_use]
    pub fn rates(&self) -> Rates {
        let rate = |per_minute, burst| Rate { per_minute, burst };
        Rates::new(
            rate(self.key_requests_per_minute, self.key_burst),
            rate(self.stranger_requests_per_minute, self.stranger_burst),
            rate(self.address_requests_per_minute, self.address_burst),
        )
    }
}

// How long things are kept, in days. 0: for ever.
#[derive(Clone, Debug, Args)]
pub struct RetentionSettings {
    /// Days that the files of imports are kept after their end; the imports stay. 0: for ever.
    #[arg(long, env = "STOCKROOM_FILE_DAYS", default_value_t = Days::default().files, value_parser = clap::value_parser!(i64).range(0..=36_500), global = true)]
    pub file_days: i64,
    /// Days that the problem rows of imports are kept after their end. 0: for ever.
    #[arg(long, env = "STOCKROOM_PROBLEM_DAYS", default_value_t = Days::default().problems, value_parser = clap::value_parser!(i64).range(0..=36_500), global = true)]
    pub problem_days: i64,
    /// Days after which products in the bin are deleted for good. 0: never.
    #[arg(long, env = "STOCKROOM_BIN_DAYS", default_value_t = Days::default().bin, value_parser = clap::value_parser!(i64).range(0..=36_500), global = true)]
    pub bin_days: i64,
    /// Days that lines of the audit log are kept. 0: for ever.
    #[arg(long, env = "STOCKROOM_AUDIT_DAYS", default_value_t = Days::default().audit, value_parser = clap::value_parser!(i64).range(0..=36_500), global = true)]
    pub audit_days: i64,
}

/// Scheme, host and port, as a browser sends it.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let uri: Option<Uri> = text.parse().ok();
    let is_origin = uri.is_some_and(|uri| match (uri.scheme_str(), uri.authority()) {
        (Some(scheme @ ("http" | "https")), Some(authority)) => text == format!("{scheme}://{authority}"),
        _ => false,
    });
    let wanted =
        || "write it as https://till.example.com, in small letters, without a path or a slash at its end".to_owned();
    let is_small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_origin && is_small && !text.contains('@') {
        text.parse().map_err(|_| wanted())
    } else {
        Err(wanted())
    }
}

/// A port as the environment names it.
fn port(text: &str) -> Result<u16, String> {
    let number = text.trim().parse::<u16>().ok().filter(|port| *port > 0);
    number.ok_or_else(|| "PORT must be a number from 1 to 65535, or not be set at all".to_owned())
}

/// A network, or one address of it.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| address());
    network.map_err(|_| "it must be an address, or a network such as 10.0.0.0/8".to_owned())
}

impl Settings {
    /// Where the server listens.
    #[must_use]
    pub fn listens_on(&self) -> SocketAddr {
        let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000));
        let given = self.port.map(|port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
        self.site_addr.or(given).unwrap_or(usual)
    }

    /// Where this machine reaches the server. The address that stands for all of a machine's cannot be called everywhere.
    #[must_use]
    pub fn own_address(&self) -> SocketAddr {
        let mut address = self.listens_on();
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }

    /// The part that the domain needs.
    #[must_use]
    pub fn config(&self) -> Config {
        Config {
            database_url: self.database_url.clone(),
            database_connections: self.database_connections,
            storage_url: self.storage_url.clone(),
            scratch_dir: self.scratch_dir.clone(),
            upload_limit: self.upload_limit_mb * 1024 * 1024,
            column_limit: self.column_limit,
            row_limit: self.row_limit,
            disk_reserve: self.disk_reserve_mb * 1024 * 1024,
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
            schedule_policy: Policy {
                allow_http: self.schedule_allow_http,
                allowed_networks: self.schedule_allow_nets.clone(),
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
            retention: Days {
                files: self.retention.file_days,
                problems: self.retention.problem_days,
                bin: self.retention.bin_days,
                audit: self.retention.audit_days,
            },
            ..Config::default()
        }
    }

    /// The address that people type, without a slash at its end.
    #[must_use]
    pub fn public_address(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.own_address()),
        }
    }

    /// Whether cookies may be sent over https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_address().starts_with("https://")
    }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for right in [
            "https://till.example.com",
            "http://localhost:8080",
            "https://[2001:db8::1]:3000",
        ] {
            assert_eq!(origin(right).expect("an origin"), right);
        }
        for wrong in [
            "*",
            "null",
            "",
            "till.example.com",
            "https://till.example.com/",
            "https://a/b",
            "https://A",
            "ftp://a",
            "https://u@a",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
