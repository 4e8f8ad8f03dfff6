//! Progress as it happens: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, stream};
use stockroom::audit::Actor;
use stockroom::imports::Import;
use stockroom::imports::watch::Watch;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::api::import_views::ImportView;
use crate::api::params::{Path, id};
use crate::api::respond::Refusal;
use crate::state::AppState;
use crate::streams::Place;

/// At most four events a second.
const APART: Duration = Duration::from_millis(250);
/// What telling one watcher takes, about, where the machine has other work, too.
const TELLING_ONE: Duration = Duration::from_micros(40);
/// However many they are, nobody waits longer for their turn.
const TELLING_ALL: Duration = Duration::from_millis(400);
/// Watchers that take longer than that are a crowd: woken all at once, they would keep everybody else waiting.
const CROWD: Duration = Duration::from_millis(40);
/// Tells proxies and browsers that the stream is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Streams the progress of an import.
///
/// As server-sent events called `progress`, each with the import as JSON, at most four a second. Ends after the last one.
#[utoipa::path(get, path = "/imports/{id}/events", tag = "imports", operation_id = "watch_import",
    params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/event-stream", body = ImportView, description = "The stream"),
        (status = 429, description = "Too many streams are open")))]
pub async fn import(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let place = state.streams.open(&actor.name)?;
    let import = id(&import, "import")?;
    let watcher = Box::new(Watcher {
        watch: state.services.watches.open(import).await?,
        stop: state.stop.clone(),
        next: Next::Tell,
        place,
    });
    let stream = Sse::new(events(watcher)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = stream.into_response();
    // Proxies that collect answers would hold events back.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// Streams the progress of a job.
///
/// The same as `GET /imports/{id}/events`.
#[utoipa::path(get, path = "/progress/{id}", tag = "imports", operation_id = "watch_job",
    params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/event-stream", body = ImportView, description = "The stream"),
        (status = 429, description = "Too many streams are open")))]
pub async fn progress(
    state: State<AppState>,
    actor: Extension<Actor>,
    import_id: Path<String>,
) -> Result<Response, Refusal> {
    import(state, actor, import_id).await
}

/// One stream.
struct Watcher {
    watch: Watch,
    stop: CancellationToken,
    next: Next,
    place: Place,
}

enum Next {
    /// There is something to tell.
    Tell,
    Wait,
    End,
}

/// Thousands of these may be open: the watcher is boxed because an unfolded stream has room for several of it.
fn events(watcher: Box<Watcher>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watcher, async |mut watcher| {
        loop {
            match watcher.next {
                Next::End => return None,
                Next::Tell => {
                    watcher.next = if watcher.watch.is_over() { Next::End } else { Next::Wait };
                    let event = event(&watcher.watch);
                    return Some((Ok(event), watcher));
                }
                Next::Wait => watcher.wait().await,
            }
        }
    })
}

fn event(watch: &Watch) -> Event {
    Event::default().event("progress").data(watch.text(json))
}

/// An import is plain data, which is always JSON.
fn json(import: &Import) -> String {
    serde_json::to_string(&ImportView::from(import.clone())).unwrap_or_default()
}

impl Watcher {
    /// Waits for news, from this process or from the row.
    async fn wait(&mut self) {
        let telling_all = self.place.spread(TELLING_ONE).min(TELLING_ALL);
        let news = async {
            if telling_all > CROWD {
                take_turns(&mut self.watch, telling_all).await;
            } else {
                sleep(APART).await;
                if !self.watch.catch_up() {
                    self.watch.news().await;
                }
            }
        };
        self.next = tokio::select! {
            () = news => Next::Tell,
            () = self.stop.cancelled() => Next::End,
        };
    }
}

/// One of a crowd is not woken by news, but looks for it now and then, each at times of its own.
async fn take_turns(watch: &mut Watch, telling_all: Duration) {
    // The shortest of them is APART.
    let pause = APART.mul_f32(1.25).max(telling_all);
    loop {
        // Whoever was held up together does not stay together.
        sleep(pause.mul_f32(rand::random_range(0.8..1.2))).await;
        if watch.catch_up() {
            break;
        }
    }
    // A stream that ends is several times the work of an event: the request and often the connection end with it.
    if watch.is_over() {
        sleep(telling_all.mul_f32(rand::random_range(0.0..2.0))).await;
    }
}
