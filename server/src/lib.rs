//! The web around the domain: command line, router, REST API, sessions, and the loop that serves them.
//!
//! - [`router`]: every address on one page. [`api`]: REST and its description. `pages`: the Leptos pages and the forms they post.
//! - `middleware`: who is asking, whether the request comes from our own pages, security headers. `session`: sessions in the database.
//! - `metrics`: what `/metrics` tells. [`telemetry`]: the log; [`traces`]: the same for a collector.
//! - `events`: one import as it goes on, as a stream; `streams`: to how many at once. [`rates`]: how often somebody may ask. `connections`: the accept loop; `descriptors`: how many files it may open. `schema`: the database,
//!   brought up to date before anything else. [`cli`], [`commands`]: what else the binary can do.

pub mod api;
mod assets;
pub mod cli;
pub mod commands;
mod connections;
mod descriptors;
mod events;
mod metrics;
mod middleware;
mod pages;
pub mod rates;
pub mod router;
mod schema;
mod session;
pub mod state;
pub mod streams;
pub mod telemetry;
pub mod traces;

use std::time::Duration;

use stockroom::nodes::{Membership, Newcomer, NodeRole};
use stockroom::services::Services;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cli::Settings;
use crate::state::AppState;

/// How long a node that ends is waited for by the one that takes its place: somewhat longer than its requests are.
const PATIENCE: Duration = Duration::from_secs(12);

/// Serves, works, or both, until the process is asked to stop.
///
/// # Errors
/// When the database, the file store or the address cannot be had, the key is not the one of this database, or other nodes of it cannot
/// work together with this one.
pub async fn serve(settings: Settings, role: NodeRole) -> anyhow::Result<()> {
    let services = Services::connect(settings.config()).await?;
    schema::update(&services.database).await?;
    services.vault.check(&services.database).await?;
    let newcomer = Newcomer {
        role,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        disks: services.disks.clone(),
        patience: PATIENCE,
    };
    let membership = Membership::join(&services.database, &services.storage, newcomer).await?;
    descriptors::raise(settings.connection_limit);
    let listener = TcpListener::bind(settings.listens_on()).await?;
    let stop = CancellationToken::new();
    let state = AppState::new(services.clone(), &settings, stop.clone()).await?;
    announce(&state, &settings, role).await?;
    tokio::spawn(stop_when_asked(stop.clone()));
    // It stays a member until the last of its work is done.
    let over = CancellationToken::new();
    let member = tokio::spawn(membership.run(over.clone()));
    run(listener, state, role, stop).await;
    over.cancel();
    member.await?;
    services.database.close().await?;
    Ok(())
}

/// Serves on `listener` and works in the background, as far as it is this node's, until `stop` is cancelled, then ends all in order.
pub async fn run(listener: TcpListener, state: AppState, role: NodeRole, stop: CancellationToken) {
    let mut background = vec![
        tokio::spawn(state.services.clone().run_bus(stop.clone())),
        // What is asked of a node is written down by it, too.
        tokio::spawn(state.services.clone().run_sampler(stop.clone())),
    ];
    if role.works() {
        background.extend(work(&state.services, &stop));
    }
    let site = if role.serves() {
        router::router(state)
    } else {
        router::of_worker(state)
    };
    connections::serve(listener, site, stop).await;
    for task in background {
        if let Err(error) = task.await {
            tracing::error!(%error, "background work ended badly");
        }
    }
}

/// Everything that nobody waits for.
fn work(services: &Services, stop: &CancellationToken) -> [JoinHandle<()>; 8] {
    let (services, stop) = (|| services.clone(), || stop.clone());
    [
        tokio::spawn(services().run_imports(stop())),
        tokio::spawn(services().run_indexer(stop())),
        tokio::spawn(services().run_dispatcher(stop())),
        tokio::spawn(services().run_fetcher(stop())),
        tokio::spawn(services().run_schedules(stop())),
        tokio::spawn(services().run_upload_sweeper(stop())),
        tokio::spawn(services().run_retention(stop())),
        tokio::spawn(session::remove_expired(services().database, stop())),
    ]
}

#[expect(clippy::print_stdout, reason = "the person who starts the program reads this")]
async fn announce(state: &AppState, settings: &Settings, role: NodeRole) -> anyhow::Result<()> {
    let address = settings.public_address();
    if !role.serves() {
        println!(
            "Stockroom works in the background; its health is told on {}",
            settings.listens_on()
        );
        return Ok(());
    }
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
