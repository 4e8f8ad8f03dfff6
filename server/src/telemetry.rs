//! Logs: to standard error, so that standard output carries only answers; filtered by `RUST_LOG`; for people or, as JSON, for programs.

use clap::ValueEnum;
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, with the fields of the request or import that it is about in `span`.
    Json,
}

/// Begins logging, by `usual` where `RUST_LOG` says nothing else. Calling it again has no effect.
pub fn start(usual: &str, format: LogFormat) {
    let wanted = std::env::var(EnvFilter::DEFAULT_ENV).ok();
    drop(log(wanted.as_deref().unwrap_or(usual), format, std::io::stderr).try_init());
}

/// A log of what `filter` lets through; one that cannot be read counts as `info`.
pub fn log<W>(filter: &str, format: LogFormat, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(lines.finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_span_list(false).finish()),
    }
}
