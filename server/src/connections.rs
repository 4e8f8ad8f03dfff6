//! The accept loop: hyper's own server, because axum's has no time limit for request headers.
//!
//! Of HTTP/1 that limit runs from the end of the last answer, so it also closes connections on which nobody asks; of HTTP/2 a ping finds those
//! whose other end is gone. The system's own keep-alive would find nothing besides.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::util::MapRequest;

use crate::middleware::address::Peer;
use crate::router::Site;

/// With what a connection of HTTP/2 begins (RFC 9113, 3.4), as far as that no request of HTTP/1 does.
const HTTP2: &[u8] = b"PRI * HTTP/2";
/// Bytes of a request of HTTP/1 that are read ahead, all of its headers among them.
const READ_MAX: usize = 64 * 1024;
/// Requests that are under way when the process is asked to stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(8);

/// Serves until `stop` is cancelled, then lets requests that are under way end.
pub async fn serve(listener: TcpListener, site: Site, stop: CancellationToken) {
    let protocols = Arc::new(Protocols::new(site.headers_within));
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
        let connection = Connection {
            stream,
            peer,
            router: site.router.clone(),
            within: site.headers_within,
            stop: stop.clone(),
        };
        let (protocols, watcher) = (protocols.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection.serve(&protocols, watcher).await;
            drop(place);
        });
    }
    drop(listener);
    let drained = pin!(graceful.shutdown());
    if tokio::time::timeout(DRAIN_WITHIN, drained).await.is_err() {
        tracing::warn!("some requests were still under way and have been cut off");
    }
}

/// One that has been accepted.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    within: Duration,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, protocols: &Protocols, watcher: Watcher) {
        let Self {
            stream,
            peer,
            router,
            within,
            stop,
        } = self;
        let has_asked = Arc::new(AtomicBool::new(false));
        let asks = has_asked.clone();
        let service = MapRequest::new(router, move |mut request: Request<Incoming>| {
            asks.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(Peer(peer));
            request
        });
        // Each connection has room for all of this as long as it is open: what is pinned where it is made is there once.
        let mut served = pin!(async {
            let is_http1 = tokio::select! {
                is_http1 = begins_like_http1(&stream) => is_http1?,
                // Who has not said anything by then is not waited for.
                () = stop.cancelled() => return Ok(()),
            };
            let (stream, service) = (TokioIo::new(stream), TowerToHyperService::new(service));
            if is_http1 {
                let watched = watcher.watch(protocols.http1.serve_connection(stream, service));
                watched.await.map_err(Error::from)
            } else {
                let connection = protocols.any.serve_connection(stream, service);
                // In its own place, or every connection would have room for it.
                Box::pin(watcher.watch(connection.into_owned())).await
            }
        });
        let ended = tokio::select! {
            ended = &mut served => ended,
            () = silence(&has_asked, within) => Ok(()),
        };
        // Clients go away in the middle of things all the time; that is no news.
        if let Err(error) = ended {
            tracing::debug!(error, "a connection ended early");
        }
    }
}

/// Ends when nobody has asked for anything in time. The limit for headers begins only once it is clear which HTTP is spoken.
async fn silence(has_asked: &AtomicBool, within: Duration) {
    tokio::time::sleep(within).await;
    if has_asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
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

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Nearly every connection begins with a request of HTTP/1. One that is known to do so is not searched for the beginning of HTTP/2, and needs half
/// the memory for what it reads and for its own state, for as long as it is open.
async fn begins_like_http1(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0; HTTP2.len()];
    let count = stream.peek(&mut first).await?;
    Ok(!HTTP2.starts_with(&first[..count]))
}

/// How HTTP is spoken.
struct Protocols {
    http1: http1::Builder,
    /// Finds out which one it is.
    any: auto::Builder<TokioExecutor>,
}

impl Protocols {
    fn new(headers_within: Duration) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(headers_within)
            .max_buf_size(READ_MAX);
        let mut any = auto::Builder::new(TokioExecutor::new());
        any.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(headers_within)
            .max_buf_size(READ_MAX);
        any.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .max_concurrent_streams(100)
            .max_header_list_size(32 * 1024);
        Self { http1, any }
    }
}
