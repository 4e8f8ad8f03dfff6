//! Sending a form with a file and showing how far it is: what plain form posts cannot do. A large file goes in pieces.

mod resumable;

use std::rc::Rc;

use js_sys::Date;
use leptos::{prelude::*, task::spawn_local};
use resumable::{PIECE, Resumable};
use send_wrapper::SendWrapper;
use serde::Deserialize;
use stockroom::problem::Problem;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};

use crate::paths;

/// Where an upload is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum UploadState {
    #[default]
    Idle,
    Sending(Sent),
    /// The connection is lost, and is tried again.
    Interrupted(Sent),
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
    /// `lately` of the bytes were sent in the last `seconds`.
    fn new(bytes: f64, total: f64, lately: f64, seconds: f64) -> Self {
        let bytes_per_second = if seconds > 0.0 { (lately / seconds) as u64 } else { 0 };
        Self {
            bytes: bytes as u64,
            total: total as u64,
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

/// Only a browser has one.
enum Running {
    Form(FormRequest),
    Pieces(Rc<Resumable>),
}

/// The request, and the listeners that must live as long as it does.
struct FormRequest {
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
    on_cleanup(move || drop(upload.abort()));
    upload
}

impl Upload {
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(
            *self.state.read(),
            UploadState::Sending(_) | UploadState::Interrupted(_) | UploadState::Waiting
        )
    }

    /// Sends the form, of which `file` is a part.
    pub fn start(self, form: FormData, file: File) {
        if file.size() <= PIECE {
            return self.start_form(&form);
        }
        let resumable = Rc::new(Resumable::new(self, file, form));
        let running = Running::Pieces(resumable.clone());
        self.running.set_value(Some(SendWrapper::new(running)));
        spawn_local(async move { resumable.run().await });
    }

    fn start_form(self, form: &FormData) {
        let Ok(request) = XmlHttpRequest::new() else {
            return self.fail();
        };
        let running = Running::Form(self.listen(request.clone()));
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
        if let Some(Running::Pieces(resumable)) = self.abort().as_deref() {
            resumable.discard();
        }
        self.state.set(UploadState::Idle);
    }

    /// Stops sending; of a file in pieces, what has arrived stays for another time.
    fn abort(self) -> Option<SendWrapper<Running>> {
        let running = self.running.try_update_value(Option::take).flatten();
        match running.as_deref() {
            Some(Running::Form(form)) => drop(form.request.abort()),
            Some(Running::Pieces(resumable)) => resumable.stop(),
            None => {}
        }
        running
    }

    fn listen(self, request: XmlHttpRequest) -> FormRequest {
        let begun = Date::now();
        let on_progress = Closure::new(move |event: ProgressEvent| {
            let (bytes, seconds) = (event.loaded(), (Date::now() - begun) / 1000.0);
            let sent = Sent::new(bytes, event.total(), bytes, seconds);
            self.state.set(UploadState::Sending(sent));
        });
        let on_sent = Closure::new(move |_| self.state.set(UploadState::Waiting));
        let answered = request.clone();
        let on_answer = Closure::new(move |_| self.state.set(outcome(Some(&answered))));
        let on_failure = Closure::new(move |_| self.fail());
        if let Ok(upload) = request.upload() {
            upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
            upload.set_onload(Some(on_sent.as_ref().unchecked_ref()));
        }
        request.set_onload(Some(on_answer.as_ref().unchecked_ref()));
        request.set_onerror(Some(on_failure.as_ref().unchecked_ref()));
        FormRequest {
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
fn outcome(request: Option<&XmlHttpRequest>) -> UploadState {
    let text = request.and_then(|request| request.response_text().ok().flatten());
    let text = text.unwrap_or_default();
    if let Ok(accepted) = serde_json::from_str::<Accepted>(&text) {
        return UploadState::Accepted(accepted.job_id);
    }
    UploadState::Refused(serde_json::from_str(&text).unwrap_or_else(|_| not_uploaded()))
}

fn not_uploaded() -> Problem {
    refused("The selected file could not be uploaded – try again")
}

fn refused(sentence: &str) -> Problem {
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
