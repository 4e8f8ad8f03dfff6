//! What every request can reach.

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use stockroom::services::Services;
use tokio_util::sync::CancellationToken;

use crate::assets;
use crate::cli::Settings;

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
}

/// Settings that only the web layer needs.
#[derive(Clone, Debug)]
pub struct Policy {
    pub https: bool,
    pub connection_limit: usize,
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
            },
            setup_token: format!("{:032x}", rand::random::<u128>()),
            stop,
        })
    }
}
