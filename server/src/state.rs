//! What every request can reach.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::HeaderValue;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use stockroom::services::Services;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::assets;
use crate::cli::Settings;
use crate::metrics::Requests;
use crate::rates::Rates;
use crate::streams::Streams;

/// Cloning is shallow, and has to be: every layer of the router holds a state, and every request clones all layers, each as often as there are
/// others around it.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Clone, Debug)]
pub struct Shared {
    pub services: Services,
    pub leptos: LeptosOptions,
    pub policy: Policy,
    /// Proves that whoever creates the first account can read this server's output.
    pub setup_token: String,
    /// Cancelled when the process goes down; streams end then.
    pub stop: CancellationToken,
    pub streams: Streams,
    pub rates: Rates,
    /// What has been asked of this process so far.
    pub requests: Requests,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Before it is shared; afterwards the others keep what they have.
impl DerefMut for AppState {
    fn deref_mut(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.0)
    }
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// What the set-up token is a pass to.
pub const SETUP: &str = "setup";

/// A client that takes longer to send its headers is cut off, and so is one that is connected that long without asking for anything.
const HEADERS_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);
/// A request whose body brings nothing for that long is given up.
const BODY_SILENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Settings that only the web layer needs.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub https: bool,
    pub connection_limit: usize,
    /// How long the headers of a request may take, and how long a body may be silent.
    pub headers_within: std::time::Duration,
    pub body_silence: std::time::Duration,
    /// Other sites whose scripts may use the API.
    pub cors_origins: Vec<HeaderValue>,
    /// Proxies that are believed when they say where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
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
        Ok(Self(Arc::new(Shared {
            leptos: assets::options(settings)?,
            policy: Policy {
                https: settings.is_https(),
                connection_limit: settings.connection_limit,
                headers_within: HEADERS_WITHIN,
                body_silence: BODY_SILENCE,
                cors_origins: settings.cors_origins.clone(),
                trusted_proxies: settings.trusted_proxies.clone(),
                session_idle: Duration::minutes(settings.session_idle_minutes),
                session_lasts: Duration::hours(settings.session_hours),
                public_address: settings.public_address(),
                // An empty line in a file of settings is no token.
                metrics_token: settings.metrics_token.clone().filter(|token| !token.is_empty()),
                metrics_open: settings.metrics_open,
            },
            setup_token: services.vault.pass(SETUP),
            services,
            stop,
            streams: Streams::at_most(settings.stream_limit),
            rates: settings.rates.rates(),
            requests: Requests::default(),
        })))
    }
}
