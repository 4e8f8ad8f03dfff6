//! What every request can reach.

use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use stockroom::services::Services;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::assets;
use crate::cli::Settings;
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
}

/// Settings that only the web layer needs.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub https: bool,
    pub connection_limit: usize,
    /// Proxies that are believed when they say where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Without a request for that long, somebody is signed out …
    pub session_idle: Duration,
    /// … and after that long in any case.
    pub session_lasts: Duration,
    /// As people type it, without a slash at its end.
    pub public_address: String,
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
            },
            setup_token: format!("{:032x}", rand::random::<u128>()),
            stop,
            streams: Streams::at_most(settings.stream_limit),
        })
    }
}
