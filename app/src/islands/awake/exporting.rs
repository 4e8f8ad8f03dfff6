//! Links with `data-exports`, and the buttons of the bulk bar that export, say in `data-export-state` how far the file is.
//!
//! The page makes up a word for each export. The server that writes the file counts its rows under that word, and whichever server it is
//! sets the word as a cookie when the download begins.

use std::{cell::RefCell, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use stockroom::products::ExportProgress;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, FormData, HtmlAnchorElement, Response, SubmitEvent};

use super::{around, first, selection};
use crate::{
    hooks::announcer,
    paths,
    wording::{counted, grouped},
};

const EVERY: Duration = Duration::from_millis(300);
/// Ten minutes.
const LOOKS_MAX: u32 = 2_000;
/// How long the last words stay.
const LAST: Duration = Duration::from_secs(4);
/// Looks after which an export that was known, and is not any more, has failed: the cookie of one that has not may come a little later.
const MISSES_MAX: u32 = 3;

thread_local! {
    /// The word of the newest export.
    static WORD: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn watch() {
    if first("[data-export-state]").is_none() {
        return;
    }
    window_event_listener_untyped("click", |event| of_link(&event));
    window_event_listener_untyped("submit", |event| of_button(&event));
}

fn of_link(event: &Event) {
    let link = around(event, "a[data-exports]").and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    let Some(link) = link else { return };
    let address = link.get_attribute("data-exports").unwrap_or_default();
    link.set_href(&format!("{address}&progress={}", begin()));
}

fn of_button(event: &Event) {
    let button = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
    let does = button
        .and_then(|button| button.get_attribute("value"))
        .unwrap_or_default();
    let form = around(event, "form").and_then(|form| form.get_attribute("id"));
    WORD.with_borrow_mut(String::clear);
    if does.starts_with("export") && form.as_deref() == Some(selection::FORM) {
        begin();
    }
}

/// The word goes with the form, too.
pub fn add_word(fields: &FormData) {
    let word = WORD.with_borrow(String::clone);
    if !word.is_empty() {
        // Without it the file comes all the same.
        let _ = fields.append_with_str("progress", &word);
    }
}

fn begin() -> String {
    // 52 bits are as many as a number of JavaScript has by chance.
    let part = || (js_sys::Math::random() * 4_503_599_627_370_496.0) as u64;
    let word = format!("{:013x}{:013x}", part(), part());
    WORD.set(word.clone());
    show("Preparing the file", None);
    announcer::say("Preparing the file");
    look_soon(Look {
        word: word.clone(),
        ..Look::default()
    });
    word
}

/// What has been seen of an export so far.
#[derive(Default)]
struct Look {
    word: String,
    count: u32,
    was_known: bool,
    misses: u32,
}

fn look_soon(look: Look) {
    set_timeout(move || spawn_local(look.again()), EVERY);
}

impl Look {
    async fn again(mut self) {
        let answer = ask(&self.word).await;
        // Another export is shown instead by now.
        if WORD.with_borrow(|word| *word != self.word) {
            return;
        }
        let has_begun = has_begun(&self.word);
        match answer {
            Ok(Some(progress)) => {
                (self.was_known, self.misses) = (true, 0);
                show(&words(&progress, has_begun), percent(&progress));
            }
            Ok(None) if has_begun => return end("Downloading. Your browser says when it is finished."),
            Ok(None) if self.was_known => self.misses += 1,
            // Nobody knows of it, or nobody answers just now.
            Ok(None) | Err(_) => {}
        }
        if self.misses >= MISSES_MAX {
            return end("The file could not be written. Try again.");
        }
        self.count += 1;
        if self.count < LOOKS_MAX {
            look_soon(self);
        } else {
            hide();
        }
    }
}

async fn ask(word: &str) -> Result<Option<ExportProgress>, JsValue> {
    let answer = JsFuture::from(window().fetch_with_str(&paths::export_progress(word))).await?;
    let answer: Response = answer.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    serde_json::from_str(&text).map_err(|_| JsValue::NULL)
}

/// The response has come, with its cookie.
fn has_begun(word: &str) -> bool {
    let cookies = js_sys::Reflect::get(&document(), &JsValue::from_str("cookie")).ok();
    let cookies = cookies.and_then(|cookies| cookies.as_string()).unwrap_or_default();
    cookies.contains(&format!("export={word}"))
}

fn words(progress: &ExportProgress, has_begun: bool) -> String {
    let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    let doing = if has_begun { "Downloading" } else { "Writing the file" };
    match progress.total {
        _ if progress.done => "Downloading".to_owned(),
        Some(total) => format!(
            "{doing}: {} of {}",
            grouped(number(progress.rows)),
            counted(number(total), "row", "rows")
        ),
        None => format!("{doing}: {}", counted(number(progress.rows), "row", "rows")),
    }
}

fn percent(progress: &ExportProgress) -> Option<u64> {
    if progress.done {
        return Some(100);
    }
    (progress.rows * 100)
        .checked_div(progress.total?)
        .map(|percent| percent.min(100))
}

/// Without a percentage there is no bar yet.
fn show(words: &str, percent: Option<u64>) {
    if let Some(text) = first("[data-export-words]") {
        text.set_text_content(Some(words));
    }
    if let Some(bar) = first("[data-export-bar]") {
        // What cannot be set is said by the words.
        let _ = match percent {
            Some(percent) => bar
                .set_attribute("value", &percent.to_string())
                .and_then(|()| bar.set_attribute("aria-valuetext", words))
                .and_then(|()| bar.remove_attribute("hidden")),
            None => bar.set_attribute("hidden", ""),
        };
    }
    if let Some(state) = first("[data-export-state]") {
        let _ = state.remove_attribute("hidden");
    }
}

fn end(words: &str) {
    let word = WORD.with_borrow(String::clone);
    show(words, None);
    announcer::say(words);
    set_timeout(
        move || {
            if WORD.with_borrow(|newest| *newest == word) {
                hide();
            }
        },
        LAST,
    );
}

fn hide() {
    if let Some(state) = first("[data-export-state]") {
        let _ = state.set_attribute("hidden", "");
    }
}

#[cfg(test)]
mod tests {
    use stockroom::products::ExportProgress;

    use super::{percent, words};

    #[test]
    fn rows_of_all_rows_are_said_first_and_then_the_download() {
        let mut progress = ExportProgress {
            rows: 125_000,
            total: None,
            done: false,
        };
        assert_eq!(
            (words(&progress, false).as_str(), percent(&progress)),
            ("Writing the file: 125,000 rows", None)
        );
        progress.total = Some(500_000);
        assert_eq!(words(&progress, false), "Writing the file: 125,000 of 500,000 rows");
        assert_eq!(words(&progress, true), "Downloading: 125,000 of 500,000 rows");
        assert_eq!(percent(&progress), Some(25));
        progress.done = true;
        assert_eq!(
            (words(&progress, false).as_str(), percent(&progress)),
            ("Downloading", Some(100))
        );
        let empty = ExportProgress {
            total: Some(0),
            ..ExportProgress::default()
        };
        assert_eq!(percent(&empty), None);
    }
}
