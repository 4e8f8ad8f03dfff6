//! Progress as it happens: server-sent events.
//!
//! A watcher subscribes first, then reads the import's row, then hears what is new; so it misses nothing and begins with the truth.
//! Every few seconds the row is read again, for imports that another process works on.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, stream};
use stockroom::audit::Actor;
use stockroom::imports::{self, Import, Progress};
use stockroom::services::Services;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::api::import_views::ImportView;
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::api::views::ProblemBody;
use crate::state::AppState;
use crate::streams::Place;

/// At most four events a second.
const APART: Duration = Duration::from_millis(250);
/// How long the row may go unread.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Tells proxies and browsers that the stream is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Progress of an import as server-sent events called `progress`, each with the import as JSON. Ends after the last one.
#[utoipa::path(get, path = "/imports/{id}/events", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/event-stream", body = ImportView), (status = 404, body = ProblemBody), (status = 429, body = ProblemBody)))]
pub async fn import(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let place = state.streams.open(&actor.name)?;
    let import = id(&import, "import")?;
    let news = state.services.live.subscribe(import);
    let first = state.services.live.see(state.services.reader(), import).await?;
    let watch = Watch {
        import: first,
        news,
        services: state.services.clone(),
        stop: state.stop.clone(),
        next: Next::Tell,
        _place: place,
    };
    let stream = Sse::new(events(watch)).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = stream.into_response();
    // Proxies that collect answers would hold events back.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    Ok(response)
}

/// The same as `GET /imports/{id}/events`.
#[utoipa::path(get, path = "/progress/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/event-stream", body = ImportView), (status = 404, body = ProblemBody)))]
pub async fn progress(
    state: State<AppState>,
    actor: Extension<Actor>,
    import_id: Path<String>,
) -> Result<Response, Refusal> {
    import(state, actor, import_id).await
}

/// One watcher.
struct Watch {
    import: Import,
    news: watch::Receiver<Option<Progress>>,
    services: Services,
    stop: CancellationToken,
    next: Next,
    _place: Place,
}

enum Next {
    /// There is something to tell.
    Tell,
    Wait,
    End,
}

fn events(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(watch, async |mut watch| {
        loop {
            match watch.next {
                Next::End => return None,
                Next::Tell => {
                    watch.next = if watch.import.progress.status.is_at_rest() {
                        Next::End
                    } else {
                        Next::Wait
                    };
                    let event = event(&watch.import);
                    return Some((Ok(event), watch));
                }
                Next::Wait => watch.wait().await,
            }
        }
    })
}

fn event(import: &Import) -> Event {
    let event = Event::default().event("progress");
    // An import is plain data; were it not, the stream would go on with the next one.
    event.json_data(ImportView::from(import.clone())).unwrap_or_default()
}

impl Watch {
    /// Waits for news, from this process or from the row.
    async fn wait(&mut self) {
        tokio::time::sleep(APART).await;
        let before = self.import.progress.clone();
        tokio::select! {
            changed = self.news.changed() => match changed {
                Ok(()) => self.hear().await,
                Err(_) => self.look().await,
            },
            () = tokio::time::sleep(LOOK_AGAIN) => self.look().await,
            () = self.stop.cancelled() => {
                self.next = Next::End;
                return;
            }
        }
        if self.import.progress != before {
            self.next = Next::Tell;
        }
    }

    async fn hear(&mut self) {
        let heard = self.news.borrow_and_update().clone();
        match heard {
            // The row of one that rests also says when it ended, or what was found.
            Some(progress) if progress.status.is_at_rest() => self.look().await,
            Some(progress) => self.import.progress = progress,
            None => {}
        }
    }

    async fn look(&mut self) {
        match imports::get(self.services.reader(), self.import.job_id).await {
            Ok(import) => {
                if import.progress.status.is_at_rest() || import.progress.percent >= self.import.progress.percent {
                    self.import = import;
                }
                self.news = self.services.live.subscribe(self.import.job_id);
            }
            Err(error) => tracing::debug!(
                error = &error as &dyn std::error::Error,
                "an import could not be read again"
            ),
        }
    }
}
