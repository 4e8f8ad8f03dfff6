//! The web around the domain: command line, router, REST API, sessions, and the loop that serves them.
//!
//! - [`router`]: every address on one page. [`api`]: REST and its description. `pages`: the Leptos pages and the forms they post.
//! - `middleware`: who is asking, whether the request comes from our own pages, security headers. `session`: sessions in the database.
//! - `metrics`: what `/metrics` tells. [`telemetry`]: the log.
//! - `watch`: one import as it goes on; `events`: the same as a stream, `streams`: to how many at once. `connections`: the accept loop. [`cli`], [`commands`]: what else the binary can do.

pub mod api;
mod assets;
pub mod cli;
pub mod commands;
mod connections;
mod events;
mod metrics;
mod middleware;
mod pages;
pub mod router;
mod session;
pub mod state;
mod streams;
pub mod telemetry;
mod watch;

use migration::{Migrate as _, Migrator};
use stockroom::services::Services;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::Settings;
use crate::state::AppState;

/// Serves until the process is asked to stop.
///
/// # Errors
/// When the database, the file store or the address cannot be had, or the key is not the one of this database.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    let services = Services::connect(settings.config()).await?;
    Migrator::up(services.database.writer(), None).await?;
    services.vault.check(&services.database).await?;
    let listener = TcpListener::bind(settings.site_addr).await?;
    let stop = CancellationToken::new();
    let state = AppState::new(services.clone(), &settings, stop.clone()).await?;
    announce(&state, &settings).await?;
    tokio::spawn(stop_when_asked(stop.clone()));
    run(listener, state, stop).await;
    services.database.close().await?;
    Ok(())
}

/// Serves on `listener`, runs imports, sends to webhooks and fetches pictures until `stop` is cancelled, then ends all in order.
pub async fn run(listener: TcpListener, state: AppState, stop: CancellationToken) {
    let importer = tokio::spawn(state.services.clone().run_imports(stop.clone()));
    let indexer = tokio::spawn(state.services.clone().run_indexer(stop.clone()));
    let dispatcher = tokio::spawn(state.services.clone().run_dispatcher(stop.clone()));
    let fetcher = tokio::spawn(state.services.clone().run_fetcher(stop.clone()));
    let upload_sweeper = tokio::spawn(state.services.clone().run_upload_sweeper(stop.clone()));
    let sampler = tokio::spawn(state.services.clone().run_sampler(stop.clone()));
    let sweeper = tokio::spawn(session::remove_expired(state.services.database.clone(), stop.clone()));
    connections::serve(listener, router::router(state), stop).await;
    for task in [importer, indexer, dispatcher, fetcher, upload_sweeper, sampler, sweeper] {
        if let Err(error) = task.await {
            tracing::error!(%error, "background work ended badly");
        }
    }
}

#[expect(clippy::print_stdout, reason = "the person who starts the program reads this")]
async fn announce(state: &AppState, settings: &Settings) -> anyhow::Result<()> {
    let address = settings.public_address();
    println!("Stockroom serves on {address}");
    if !stockroom::accounts::any_user(state.services.reader()).await? {
        println!(
            "Nobody can sign in yet. Create the first account here, once:\n  {address}/setup?token={}",
            state.setup_token
        );
    }
    Ok(())
}

async fn stop_when_asked(stop: CancellationToken) {
    let interrupted = tokio::signal::ctrl_c();
    let mut terminated = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(error) => {
            tracing::warn!(%error, "only Ctrl-C will end this process in order");
            drop(interrupted.await);
            return stop.cancel();
        }
    };
    tokio::select! {
        _ = interrupted => {}
        _ = terminated.recv() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}
