//! The accept loop: hyper's own server, because axum's has no time limit for request headers.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::add_extension::AddExtension;

use crate::middleware::address::Peer;
use crate::router::Site;

/// A client that takes longer to send its headers is cut off.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// Requests that are under way when the process is asked to stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(8);

/// Serves until `stop` is cancelled, then lets requests that are under way end.
pub async fn serve(listener: TcpListener, site: Site, stop: CancellationToken) {
    let builder = builder();
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(site.connection_limit));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stop.cancelled() => break,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let service = TowerToHyperService::new(AddExtension::new(site.router.clone(), Peer(peer)));
        let connection = builder
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Clients go away in the middle of things all the time; that is no news.
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let drained = pin!(graceful.shutdown());
    if tokio::time::timeout(DRAIN_WITHIN, drained).await.is_err() {
        tracing::warn!("some requests were still under way and have been cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            drop(stream.set_nodelay(true));
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            // Out of file descriptors, most likely: give those who are served the time to finish.
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_concurrent_streams(100)
        .max_header_list_size(32 * 1024);
    builder
}
