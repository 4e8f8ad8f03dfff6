//! What a screen reader is told: one polite and one urgent voice, which stand in every page from the beginning.

use leptos::prelude::{document, window};
use web_sys::Storage;

/// Ids of the two live regions.
pub const POLITE: &str = "polite";
pub const URGENT: &str = "urgent";

/// Read out when there is a pause.
pub fn say(text: &str) {
    speak(POLITE, text);
}

/// Read out at once.
pub fn interrupt(text: &str) {
    speak(URGENT, text);
}

/// Read out by the page that comes next.
pub fn leave(text: &str) {
    if let Some(storage) = storage() {
        // Without storage the next page still shows what happened.
        let _ = storage.set_item(LEFT, text);
    }
}

/// Says what the page before has left to be said.
pub fn say_what_was_left() {
    let left = storage().and_then(|storage| {
        let text = storage.get_item(LEFT).ok().flatten()?;
        storage.remove_item(LEFT).ok()?;
        Some(text)
    });
    if let Some(text) = left {
        say(&text);
    }
}

const LEFT: &str = "announcement";

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn speak(voice: &str, text: &str) {
    if let Some(region) = document().get_element_by_id(voice) {
        region.set_text_content(Some(text));
    }
}
