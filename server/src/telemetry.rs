//! Logs: to standard error, so that standard output carries only answers; filtered by `RUST_LOG`.

use tracing_subscriber::EnvFilter;

/// Begins logging, by `usual` where `RUST_LOG` says nothing else. Calling it again has no effect.
pub fn start(usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    drop(
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .try_init(),
    );
}
