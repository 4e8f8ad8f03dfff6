//! Sending a form with a file and showing how far it is: what plain form posts cannot do.

use js_sys::Date;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde::Deserialize;
use stockroom::problem::Problem;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{FormData, ProgressEvent, XmlHttpRequest};

use crate::paths;

/// Where an upload is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum UploadState {
    #[default]
    Idle,
    Sending(Sent),
    /// All bytes are on the other side; the answer is not here yet.
    Waiting,
    Accepted(i64),
    Refused(Problem),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sent {
    pub bytes: u64,
    pub total: u64,
    pub bytes_per_second: u64,
}

impl Sent {
    fn new(event: &ProgressEvent, seconds: f64) -> Self {
        let bytes_per_second = if seconds > 0.0 {
            (event.loaded() / seconds) as u64
        } else {
            0
        };
        Self {
            bytes: event.loaded() as u64,
            total: event.total() as u64,
            bytes_per_second,
        }
    }

    /// Known once there is a rate to judge by.
    #[must_use]
    pub fn seconds_left(self) -> Option<i64> {
        let left = self.total.saturating_sub(self.bytes);
        left.checked_div(self.bytes_per_second)?.try_into().ok()
    }
}

/// One upload at a time.
#[derive(Clone, Copy)]
pub struct Upload {
    pub state: RwSignal<UploadState>,
    running: StoredValue<Option<SendWrapper<Running>>>,
}

/// The request, and the listeners that must live as long as it does. Only a browser has one.
struct Running {
    request: XmlHttpRequest,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_sent: Closure<dyn FnMut(ProgressEvent)>,
    _on_answer: Closure<dyn FnMut(ProgressEvent)>,
    _on_failure: Closure<dyn FnMut(ProgressEvent)>,
}

#[derive(Deserialize)]
struct Accepted {
    job_id: i64,
}

#[must_use]
pub fn use_upload() -> Upload {
    let upload = Upload {
        state: RwSignal::default(),
        running: StoredValue::new(None),
    };
    on_cleanup(move || upload.abort());
    upload
}

impl Upload {
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(*self.state.read(), UploadState::Sending(_) | UploadState::Waiting)
    }

    pub fn start(self, form: &FormData) {
        let Ok(request) = XmlHttpRequest::new() else {
            return self.fail();
        };
        let running = self.listen(request.clone());
        self.running.set_value(Some(SendWrapper::new(running)));
        self.state.set(UploadState::Sending(Sent {
            bytes: 0,
            total: 0,
            bytes_per_second: 0,
        }));
        let sent = request
            .open("POST", paths::IMPORTS)
            .and_then(|()| request.set_request_header("Accept", "application/json"))
            .and_then(|()| request.send_with_opt_form_data(Some(form)));
        if sent.is_err() {
            self.fail();
        }
    }

    /// Stops sending. What has arrived is thrown away by the server.
    pub fn cancel(self) {
        self.abort();
        self.state.set(UploadState::Idle);
    }

    fn abort(self) {
        if let Some(running) = self.running.try_update_value(Option::take).flatten() {
            let _ = running.request.abort();
        }
    }

    fn listen(self, request: XmlHttpRequest) -> Running {
        let begun = Date::now();
        let on_progress = Closure::new(move |event: ProgressEvent| {
            self.state
                .set(UploadState::Sending(Sent::new(&event, (Date::now() - begun) / 1000.0)));
        });
        let on_sent = Closure::new(move |_| self.state.set(UploadState::Waiting));
        let answered = request.clone();
        let on_answer = Closure::new(move |_| self.state.set(outcome(&answered)));
        let on_failure = Closure::new(move |_| self.fail());
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
            upload.set_onload(Some(on_sent.as_ref().unchecked_ref()));
        }
        request.set_onload(Some(on_answer.as_ref().unchecked_ref()));
        request.set_onerror(Some(on_failure.as_ref().unchecked_ref()));
        Running {
            request,
            _on_progress: on_progress,
            _on_sent: on_sent,
            _on_answer: on_answer,
            _on_failure: on_failure,
        }
    }

    fn fail(self) {
        self.state.set(UploadState::Refused(not_uploaded()));
    }
}

/// Also a refusal is an answer in words, unless something between here and the server gave it.
fn outcome(request: &XmlHttpRequest) -> UploadState {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    if let Ok(accepted) = serde_json::from_str::<Accepted>(&text) {
        return UploadState::Accepted(accepted.job_id);
    }
    UploadState::Refused(serde_json::from_str(&text).unwrap_or_else(|_| not_uploaded()))
}

fn not_uploaded() -> Problem {
    let sentence = "The selected file could not be uploaded – try again";
    Problem::new(503, "Not uploaded", sentence).with_field("file", sentence)
}

#[cfg(test)]
mod tests {
    use super::Sent;

    #[test]
    fn the_time_left_is_unknown_until_there_is_a_rate() {
        let sent = |bytes_per_second| Sent {
            bytes: 84,
            total: 212,
            bytes_per_second,
        };
        assert_eq!(sent(0).seconds_left(), None);
        assert_eq!(sent(32).seconds_left(), Some(4));
    }
}
