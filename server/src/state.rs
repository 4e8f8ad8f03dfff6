//! What every request can reach.

use std::net::IpAddr;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use stockroom::services::Services;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::assets;
use crate::cli::Settings;
use crate::metrics::Requests;
use crate::streams::Streams;

#[derive(Clone, Debug, FromRef)]
pub struct AppState {
    pub services: Services,
    pub leptos: LeptosOptions,
    pub policy: Policy,
    /// Proves that whoever creates the first account can read this server's output.
    #[from_ref(skip)]
    pub setup_token: String,
    /// Cancelled when the process goes down; streams end then.
    #[from_ref(skip)]
    pub stop: CancellationToken,
    #[from_ref(skip)]
    pub streams: Streams,
    /// What has been asked of this process so far.
    #[from_ref(skip)]
    pub requests: Requests,
}

/// Settings that only the web layer needs.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub https: bool,
    pub connection_limit: usize,
    /// Proxies that are believed when they say where a request comes from.
    pub trusted_proxies: Vec<IpAddr>,
    /// Without a request for that long, somebody is signed out …
    pub session_idle: Duration,
    /// … and after that long in any case.
    pub session_lasts: Duration,
    /// As people type it, without a slash at its end.
    pub public_address: String,
    /// What may be sent instead of a key by those who read the metrics …
    pub metrics_token: Option<String>,
    /// … which may be open to everybody.
    pub metrics_open: bool,
}

impl AppState {
    /// # Errors
    /// When the pages' scripts and styles cannot be found.
    pub async fn new(services: Services, settings: &Settings, stop: CancellationToken) -> anyhow::Result<Self> {
        Ok(Self {
            services,
            leptos: assets::options(settings)?,
            policy: Policy {
                https: settings.is_https(),
                connection_limit: settings.connection_limit,
                trusted_proxies: settings.trusted_proxies.clone(),
                session_idle: Duration::minutes(settings.session_idle_minutes),
                session_lasts: Duration::hours(settings.session_hours),
                public_address: settings.public_address(),
                // An empty line in a file of settings is no token.
                metrics_token: settings.metrics_token.clone().filter(|token| !token.is_empty()),
                metrics_open: settings.metrics_open,
            },
            setup_token: format!("{:032x}", rand::random::<u128>()),
            stop,
            streams: Streams::at_most(settings.stream_limit),
            requests: Requests::default(),
        })
    }
}
