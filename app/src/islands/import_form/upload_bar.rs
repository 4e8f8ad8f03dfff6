//! How far an upload is.

use leptos::prelude::*;

use crate::{
    hooks::upload::{Sent, Upload, UploadState},
    wording,
};

pub const INTERRUPTED: &str = "Connection lost. Trying again …";

#[component]
pub fn UploadBar(upload: Upload, file_name: RwSignal<String>) -> impl IntoView {
    let text = move || match *upload.state.read() {
        UploadState::Sending(sent) => in_words(&file_name.read(), sent),
        UploadState::Interrupted(_) => INTERRUPTED.to_owned(),
        _ => "Uploaded. Waiting for the server…".to_owned(),
    };
    // Without a value the bar only says that something is going on.
    let value = move || match *upload.state.read() {
        UploadState::Sending(sent) | UploadState::Interrupted(sent) if sent.total > 0 => {
            Some((sent.bytes * 100 / sent.total).to_string())
        }
        _ => None,
    };

    view! {
        <div class="card flex flex-col gap-2">
            <p class="tabular-nums wrap-anywhere">{text}</p>
            <progress class="bar" max="100" value=value aria-label="Upload"></progress>
            <div>
                <button type="button" class="btn btn-secondary" on:click=move |_| upload.cancel()>
                    "Cancel"
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// `Uploading products.csv – 84 of 212 MB · 11 MB/s · 12 s left`
fn in_words(file_name: &str, sent: Sent) -> String {
    let mut text = format!("Uploading {file_name}");
    if sent.total > 0 {
        text.push_str(" – ");
        text.push_str(&wording::size_of(sent.bytes, sent.total));
    }
    if sent.bytes_per_second > 0 {
        text.push_str(&format!(" · {}/s", wording::size(sent.bytes_per_second)));
    }
    if let Some(left) = sent.seconds_left() {
        text.push_str(&format!(" · {} left", wording::duration(left)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::in_words;
    use crate::hooks::upload::Sent;

    #[test]
    fn an_upload_says_what_how_much_how_fast_and_how_long() {
        let sent = Sent {
            bytes: 84 << 20,
            total: 212 << 20,
            bytes_per_second: 11 << 20,
        };
        assert_eq!(
            in_words("products.csv", sent),
            "Uploading products.csv – 84 of 212 MB · 11 MB/s · 11 s left"
        );
        let nothing = Sent {
            bytes: 0,
            total: 0,
            bytes_per_second: 0,
        };
        assert_eq!(in_words("products.csv", nothing), "Uploading products.csv");
    }
}
