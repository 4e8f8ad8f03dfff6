//! Logs: to standard error, so that standard output carries only answers; filtered by `RUST_LOG`; for people or, as JSON, for programs.
//! Traces go with them where somebody wants some.

use clap::ValueEnum;
use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt, registry};

use crate::traces::Traces;

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
    drop(log(&wanted(usual), format, std::io::stderr).try_init());
}

/// The same with traces, if somebody wants them. They are to be ended with the program.
///
/// # Errors
/// When what is set for traces cannot be used.
pub fn start_with_traces(usual: &str, format: LogFormat) -> anyhow::Result<Traces> {
    let wanted = wanted(usual);
    // Settings that are passed over are said in the log, which is not there yet.
    let log = log(&wanted, format, std::io::stderr);
    let traces = tracing::subscriber::with_default(log, Traces::of_environment)?;
    let lines = lines(&wanted, format, std::io::stderr);
    drop(registry().with(lines).with(traces.layer()).try_init());
    traces.announce();
    Ok(traces)
}

fn wanted(usual: &str) -> String {
    std::env::var(EnvFilter::DEFAULT_ENV).unwrap_or_else(|_| usual.to_owned())
}

/// A log of what `filter` lets through; one that cannot be read counts as `info`.
pub fn log<W>(filter: &str, format: LogFormat, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    registry().with(lines(filter, format, writer))
}

fn lines<W>(filter: &str, format: LogFormat, writer: W) -> impl Layer<Registry> + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    lines.with_filter(filter)
}
