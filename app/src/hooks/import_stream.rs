//! The newest state of a running import: by server-sent events, or by asking every two seconds where they do not get through.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use stockroom::imports::Import;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::heartbeat;
use crate::{paths, server_fns::imports::get_import};

const POLL: Duration = Duration::from_secs(2);
const SECOND: Duration = Duration::from_secs(1);

/// A live import as a page sees it.
#[derive(Clone, Copy)]
pub struct ImportStream {
    pub import: RwSignal<Import>,
    /// Seconds since the last news.
    pub silence: RwSignal<u32>,
    source: StoredValue<Option<SendWrapper<Source>>>,
    /// The events were lost: ask instead.
    polls: StoredValue<bool>,
    on_end: Callback<()>,
}

/// The connection, and the listeners that must live as long as it does. A server has none: it could not hand one from thread to
/// thread, which is why the wrapper is inside the option.
struct Source {
    events: EventSource,
    _on_progress: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

/// Follows an import from the state that came with the page to its end; then `on_end` is called once.
#[must_use]
pub fn follow(import: Import, on_end: Callback<()>) -> ImportStream {
    let stream = ImportStream {
        import: RwSignal::new(import),
        silence: RwSignal::new(0),
        source: StoredValue::new(None),
        polls: StoredValue::new(false),
        on_end,
    };
    stream.begin();
    stream
}

impl ImportStream {
    fn begin(self) {
        Effect::new(move |_| self.connect());
        heartbeat::every(SECOND, move || self.silence.update(|seconds| *seconds += 1));
        heartbeat::every(POLL, move || self.poll());
        on_cleanup(move || self.close());
    }

    fn connect(self) {
        let id = self.import.with_untracked(|import| import.job_id);
        let Ok(events) = EventSource::new(&paths::import_events(id)) else {
            self.polls.set_value(true);
            return;
        };
        let on_progress = Closure::new(move |event: MessageEvent| self.receive(&event));
        let on_error = Closure::new(move |_: Event| self.fall_back());
        // A listener that cannot be added brings no events, and the silence shows.
        let _ = events.add_event_listener_with_callback("progress", on_progress.as_ref().unchecked_ref());
        events.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let source = Source {
            events,
            _on_progress: on_progress,
            _on_error: on_error,
        };
        self.source.set_value(Some(SendWrapper::new(source)));
    }

    fn receive(self, event: &MessageEvent) {
        let Some(text) = event.data().as_string() else { return };
        if let Ok(import) = serde_json::from_str::<Import>(&text) {
            self.show_soon(import);
        }
    }

    /// At most one change a frame, however many events arrive. A tab in the background draws no frames, but has a title to keep up.
    fn show_soon(self, import: Import) {
        if document().hidden() || import.progress.status.is_at_rest() {
            self.show(import);
        } else {
            request_animation_frame(move || self.show(import));
        }
    }

    fn show(self, import: Import) {
        let is_over = import.progress.status.is_at_rest();
        let was_over = self
            .import
            .try_with_untracked(|shown| shown.progress.status.is_at_rest());
        if was_over != Some(false) {
            return;
        }
        self.silence.set(0);
        self.import.set(import);
        if is_over {
            self.close();
            self.on_end.run(());
        }
    }

    /// The browser would connect again by itself, but not after every kind of failure; asking always works.
    fn fall_back(self) {
        self.close();
        self.polls.try_set_value(true);
    }

    fn poll(self) {
        if self.polls.try_get_value() != Some(true) {
            return;
        }
        let Some(id) = self.import.try_with_untracked(|import| import.job_id) else {
            return;
        };
        spawn_local(async move {
            if let Ok(report) = get_import(id).await {
                self.show(report.import);
            }
        });
    }

    /// The connection is dropped outside its own listener, which may be the one that is running.
    fn close(self) {
        if let Some(source) = self.source.try_update_value(Option::take).flatten() {
            source.events.close();
            set_timeout(move || drop(source), Duration::ZERO);
        }
    }
}
