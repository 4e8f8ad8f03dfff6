//! Nobody leaves a page without being asked while a form on it (`data-guarded`) has text that is not saved.

use std::cell::Cell;

use leptos::prelude::*;
use web_sys::{Element, Event};

use super::{all, around};

thread_local! {
    // Of this page: every page is a document of its own.
    static UNSAVED: Cell<bool> = const { Cell::new(false) };
}

pub fn watch() {
    // A form that was refused shows what was typed, which is saved nowhere.
    for form in all("form[data-guarded=unsaved]") {
        mark(&form);
    }
    window_event_listener_untyped("input", |event| note(&event));
    window_event_listener_untyped("submit", |event| {
        if around(&event, "form[data-guarded]").is_some() {
            UNSAVED.set(false);
        }
    });
    window_event_listener_untyped("beforeunload", |event| {
        if UNSAVED.get() {
            event.prevent_default();
        }
    });
}

fn note(event: &Event) {
    let Some(form) = around(event, "form[data-guarded]") else {
        return;
    };
    mark(&form);
}

fn mark(form: &Element) {
    UNSAVED.set(true);
    if let Ok(Some(words)) = form.query_selector("[data-unsaved]") {
        // The question on leaving is asked without these words, too.
        let _ = words.remove_attribute("hidden");
    }
}

/// Whether something would be lost.
pub fn is_unsaved() -> bool {
    UNSAVED.get()
}

/// It has been given up.
pub fn give_up() {
    UNSAVED.set(false);
}
