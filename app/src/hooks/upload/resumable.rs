//! Sending a large file in pieces (tus 1.0), so that a connection that breaks, or a page that is loaded again, costs no more than one of them.
//!
//! The browser remembers under which id it sends a file. It is only where to ask: what counts is what the server says is there.

use std::cell::{Cell, RefCell};

use js_sys::{Date, Function, Promise};
use leptos::prelude::*;
use stockroom::problem::Problem;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FormData, ProgressEvent, Storage, XmlHttpRequest};

use super::{Sent, Upload, UploadState, not_uploaded, outcome, refused};
use crate::paths;

/// Bytes of a piece, as the server stores them; a smaller file goes in one request.
pub const PIECE: f64 = 8.0 * 1024.0 * 1024.0;
/// A request that takes longer is sent again.
const PATIENCE_MS: u32 = 300_000;
/// Waits after a loss double up to this.
const WAIT_MAX_MS: i32 = 30_000;
/// Losses in a row: three minutes.
const LOSSES_MAX: u32 = 10;

/// A file on its way, until it has arrived, is refused or is cancelled.
pub struct Resumable {
    upload: Upload,
    file: File,
    /// The other fields of the form.
    fields: FormData,
    request: RefCell<Option<XmlHttpRequest>>,
    id: RefCell<Option<String>>,
    is_over: Cell<bool>,
    /// When it was begun on this page, and how much was there by then.
    begun: Cell<Option<(f64, f64)>>,
    bytes: Cell<f64>,
    losses: Cell<u32>,
}

enum Failure {
    /// The connection, or for a moment the server.
    Lost,
    /// The server does not know the upload any more.
    Gone,
    Refused(Problem),
}

enum Body<'b> {
    Nothing,
    Piece(&'b Blob),
    Form(&'b FormData),
}

impl Resumable {
    pub fn new(upload: Upload, file: File, fields: FormData) -> Self {
        fields.delete("file");
        Self {
            upload,
            file,
            fields,
            request: RefCell::default(),
            id: RefCell::default(),
            is_over: Cell::default(),
            begun: Cell::default(),
            bytes: Cell::default(),
            losses: Cell::default(),
        }
    }

    /// Sends the file and makes an import of it, however often the connection breaks.
    pub async fn run(&self) {
        self.show(UploadState::Sending);
        while !self.is_over.get() {
            match self.attempt().await {
                Ok(state) => return self.end(state),
                Err(Failure::Refused(problem)) => return self.end(UploadState::Refused(problem)),
                Err(Failure::Gone) => self.forget(),
                Err(Failure::Lost) => {}
            }
            let losses = self.losses.get() + 1;
            self.losses.set(losses);
            if losses > LOSSES_MAX {
                let sentence = "The connection was lost – check the file again to go on where it stopped";
                return self.end(UploadState::Refused(refused(sentence)));
            }
            self.show(UploadState::Interrupted);
            wait((1_000 << (losses - 1).min(5)).min(WAIT_MAX_MS)).await;
        }
    }

    /// Sends no more. What has arrived stays.
    pub fn stop(&self) {
        self.is_over.set(true);
        if let Some(request) = self.request.take() {
            let _ = request.abort();
        }
    }

    /// Has the server throw away what has arrived. Where it cannot be reached, it does so by itself after a day.
    pub fn discard(&self) {
        self.forget();
        if let (Some(id), Ok(request)) = (self.id.take(), XmlHttpRequest::new()) {
            let opened = request.open("DELETE", &address(&id));
            let _ = opened.and_then(|()| speak_tus(&request)).and_then(|()| request.send());
        }
    }

    async fn attempt(&self) -> Result<UploadState, Failure> {
        let (id, mut offset) = match self.resumed().await? {
            Some(resumed) => resumed,
            None => (self.create().await?, 0.0),
        };
        self.id.replace(Some(id.clone()));
        if self.begun.get().is_none() {
            self.begun.set(Some((Date::now(), offset)));
        }
        while offset < self.file.size() {
            self.bytes.set(offset);
            self.show(UploadState::Sending);
            offset = self.send(&id, offset).await?;
            self.losses.set(0);
        }
        self.bytes.set(offset);
        self.import(&id).await
    }

    /// An upload of this very file that was begun before, and how much of it is there.
    async fn resumed(&self) -> Result<Option<(String, f64)>, Failure> {
        let Some(id) = self.remembered() else { return Ok(None) };
        let answer = self.ask("HEAD", &address(&id), &[], Body::Nothing).await;
        match status(&answer)? {
            200 if number(&answer, "Upload-Length") == Some(self.file.size()) => {
                let offset = number(&answer, "Upload-Offset").ok_or(Failure::Lost)?;
                Ok(Some((id, offset)))
            }
            200 | 404 | 410 => {
                self.forget();
                Ok(None)
            }
            // What beginning another one comes to says more.
            _ => Ok(None),
        }
    }

    async fn create(&self) -> Result<String, Failure> {
        let length = self.file.size().to_string();
        // Base64 of the name's bytes, each of which is a character for `btoa`.
        let name: String = self.file.name().bytes().map(char::from).collect();
        let metadata = format!("filename {}", window().btoa(&name).unwrap_or_default());
        let headers = [
            ("Upload-Length", length.as_str()),
            ("Upload-Metadata", metadata.as_str()),
        ];
        let answer = self.ask("POST", paths::UPLOADS, &headers, Body::Nothing).await;
        if status(&answer)? != 201 {
            return Err(Failure::Refused(refusal(&answer)));
        }
        let place = text(&answer, "Location").unwrap_or_default();
        let id = place.rsplit('/').next().filter(|id| is_id(id));
        let id = id.ok_or(Failure::Lost)?.to_owned();
        if let Some(storage) = storage() {
            // Without storage a page that is loaded again begins anew.
            let _ = storage.set_item(&self.fingerprint(), &id);
        }
        Ok(id)
    }

    /// Sends the next piece; gives what is there then.
    async fn send(&self, id: &str, offset: f64) -> Result<f64, Failure> {
        let end = (offset + PIECE).min(self.file.size());
        let piece = self
            .file
            .slice_with_f64_and_f64(offset, end)
            .map_err(|_| Failure::Refused(unreadable()))?;
        let at = offset.to_string();
        let headers = [
            ("Upload-Offset", at.as_str()),
            ("Content-Type", "application/offset+octet-stream"),
        ];
        let answer = self.ask("PATCH", &address(id), &headers, Body::Piece(&piece)).await;
        match status(&answer)? {
            204 => number(&answer, "Upload-Offset")
                .filter(|now| *now > offset)
                .ok_or(Failure::Lost),
            404 | 410 => Err(Failure::Gone),
            // The server has another number of bytes than this page thinks: it is asked again.
            409 => Err(Failure::Lost),
            _ => Err(Failure::Refused(refusal(&answer))),
        }
    }

    async fn import(&self, id: &str) -> Result<UploadState, Failure> {
        self.show(|_| UploadState::Waiting);
        let _ = self.fields.set_with_str("upload", id);
        let headers = [("Accept", "application/json")];
        let answer = self
            .ask("POST", paths::IMPORTS, &headers, Body::Form(&self.fields))
            .await;
        status(&answer)?;
        let state = outcome(answer.as_ref());
        if matches!(state, UploadState::Accepted(_)) {
            self.forget();
        }
        Ok(state)
    }

    /// Sends a request and waits for its end, however it ends.
    async fn ask(
        &self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: Body<'_>,
    ) -> Option<XmlHttpRequest> {
        let request = XmlHttpRequest::new().ok()?;
        request.open(method, address).ok()?;
        request.set_timeout(PATIENCE_MS);
        speak_tus(&request).ok()?;
        for (name, value) in headers {
            request.set_request_header(name, value).ok()?;
        }
        let (upload, total, begun, from) = (self.upload, self.file.size(), self.begun.get(), self.bytes.get());
        let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
            let sent = sent(from + event.loaded(), total, begun);
            upload.state.set(UploadState::Sending(sent));
        });
        if let (Body::Piece(_), Ok(progress)) = (&body, request.upload()) {
            progress.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
        }
        let ended = Promise::new(&mut |resolve: Function, _| request.set_onloadend(Some(&resolve)));
        self.request.replace(Some(request.clone()));
        match body {
            Body::Nothing => request.send(),
            Body::Piece(piece) => request.send_with_opt_blob(Some(piece)),
            Body::Form(form) => request.send_with_opt_form_data(Some(form)),
        }
        .ok()?;
        JsFuture::from(ended).await.ok()?;
        // News that come late must find nobody.
        if let Ok(progress) = request.upload() {
            progress.set_onprogress(None);
        }
        Some(request)
    }

    fn show(&self, state: impl FnOnce(Sent) -> UploadState) {
        if !self.is_over.get() {
            let sent = sent(self.bytes.get(), self.file.size(), self.begun.get());
            self.upload.state.set(state(sent));
        }
    }

    fn end(&self, state: UploadState) {
        if !self.is_over.replace(true) {
            self.upload.state.set(state);
        }
    }

    /// The same file has the same name, size and moment of its last change.
    fn fingerprint(&self) -> String {
        let file = &self.file;
        format!(
            "stockroom-upload {} {} {}",
            file.size(),
            file.last_modified(),
            file.name()
        )
    }

    fn remembered(&self) -> Option<String> {
        let id = storage()?.get_item(&self.fingerprint()).ok().flatten()?;
        is_id(&id).then_some(id)
    }

    fn forget(&self) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&self.fingerprint());
        }
    }
}

fn sent(bytes: f64, total: f64, begun: Option<(f64, f64)>) -> Sent {
    let (moment, first) = begun.unwrap_or((Date::now(), 0.0));
    Sent::new(bytes, total, bytes - first, (Date::now() - moment) / 1000.0)
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn address(id: &str) -> String {
    format!("{}/{id}", paths::UPLOADS)
}

/// What stands in the browser's storage may be anybody's.
fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn speak_tus(request: &XmlHttpRequest) -> Result<(), JsValue> {
    request.set_request_header("Tus-Resumable", "1.0.0")
}

/// The status of an answer that is one: no answer, and what passes by itself, is a loss. A full disk (507) does not.
fn status(answer: &Option<XmlHttpRequest>) -> Result<u16, Failure> {
    let status = answer.as_ref().and_then(|request| request.status().ok());
    match status.unwrap_or(0) {
        0 | 408 | 423 | 429 | 500..=506 | 508.. => Err(Failure::Lost),
        status => Ok(status),
    }
}

fn text(answer: &Option<XmlHttpRequest>, header: &str) -> Option<String> {
    answer.as_ref()?.get_response_header(header).ok().flatten()
}

fn number(answer: &Option<XmlHttpRequest>, header: &str) -> Option<f64> {
    text(answer, header)?.parse().ok()
}

fn refusal(answer: &Option<XmlHttpRequest>) -> Problem {
    match outcome(answer.as_ref()) {
        UploadState::Refused(problem) => problem,
        _ => not_uploaded(),
    }
}

fn unreadable() -> Problem {
    refused("The selected file cannot be read any more – choose it again")
}

async fn wait(milliseconds: i32) {
    let over = Promise::new(&mut |resolve: Function, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(over).await;
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn only_an_id_is_asked_for() {
        assert!(is_id("0123456789abcdef0123456789abcdef"));
        for text in ["", "1", "../../../login", "0123456789abcdef0123456789abcdeg"] {
            assert!(!is_id(text), "{text}");
        }
    }
}
