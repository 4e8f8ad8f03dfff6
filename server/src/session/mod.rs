//! Sessions of people: a random id in a cookie, the rest in the database.

pub mod person;
mod row;
mod store;

use std::time::Duration;

use stockroom::database::Database;
use tokio_util::sync::CancellationToken;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

pub use store::SeaOrmStore;

use crate::state::AppState;

/// Where a session keeps what a refused form left behind.
pub const DRAFT: &str = "draft";

/// Where a session keeps the few words that the next page says: what was done.
pub const SAID: &str = "said";

/// Where a session keeps a secret that the next page shows, this once.
pub const REVEALED: &str = "revealed";

/// What is in a session that nobody uses is kept that long. Who signed in is out sooner: see [`person`].
const KEPT: time::Duration = time::Duration::hours(24);

pub fn layer(state: &AppState) -> SessionManagerLayer<SeaOrmStore> {
    // The prefix makes browsers refuse a cookie that another host or plain http has set; it is only to be had with https.
    let name = if state.policy.https {
        "__Host-stockroom"
    } else {
        "stockroom"
    };
    SessionManagerLayer::new(SeaOrmStore::new(state.services.database.clone()))
        .with_name(name)
        .with_secure(state.policy.https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(KEPT))
}

/// Deletes sessions that are over, now and then.
pub async fn remove_expired(database: Database, stop: CancellationToken) {
    let mut hourly = tokio::time::interval(Duration::from_secs(3_600));
    loop {
        tokio::select! {
            _ = hourly.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = store::delete_expired(&database).await {
            tracing::warn!(%error, "sessions that are over could not be deleted");
        }
    }
}
