//! What the script adds to every page, wherever on it: it shows nothing of its own, and nothing is lost without it.
//!
//! Markup asks for it by attributes: `time[datetime]` is swapped to the reader's own zone, a `select[data-applies]` sends its form as
//! soon as something else is chosen, and `[data-awake]` is shown only where the script runs. The modules name theirs.

mod choosing;
mod copying;
mod exporting;
mod guard;
mod modal;
mod selection;
mod shortcuts;

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, Event, FormData, HtmlFormElement, NodeList};

use crate::hooks::{announcer, local_time};

/// Stands once, at the end of every page.
#[island]
pub fn Awake() -> impl IntoView {
    Effect::new(|_| {
        local_time::swap_all();
        for element in all("[data-awake]") {
            // An attribute that cannot be removed hides a convenience.
            let _ = element.remove_attribute("hidden");
        }
        choosing::watch();
        window_event_listener_untyped("formdata", |event| leave_out_blanks(&event));
        guard::watch();
        selection::watch();
        shortcuts::watch();
        modal::watch();
        copying::watch();
        exporting::watch();
        // A live region speaks of what changes in it after it has been seen.
        set_timeout(announcer::say_what_was_left, Duration::from_millis(100));
    });
}

/// All elements that a selector names.
fn all(selector: &str) -> impl Iterator<Item = Element> {
    let found: Option<NodeList> = document().query_selector_all(selector).ok();
    let length = found.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |place| found.as_ref()?.get(place)?.dyn_into().ok())
}

/// The first one.
fn first(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// What an event happened to, or what is around it, that matches.
fn around(event: &Event, selector: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok().flatten()
}

/// An address is easier to read, and to send to somebody, without the filters that are not set.
fn leave_out_blanks(event: &Event) {
    let form = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let fields = js_sys::Reflect::get(event, &JsValue::from_str("formData")).ok();
    let Some(fields) = fields.and_then(|fields| fields.dyn_into::<FormData>().ok()) else {
        return;
    };
    let Some(form) = form else { return };
    // Not the property: a form whose field is called `id` answers with that field.
    if form.get_attribute("id").as_deref() == Some(selection::FORM) {
        exporting::add_word(&fields);
        return selection::add_others(&fields);
    }
    if form.method() != "get" {
        return;
    }
    let names: Vec<String> = fields
        .keys()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_string())
        .collect();
    for name in names {
        if fields
            .get(&name)
            .as_string()
            .is_some_and(|value| value.trim().is_empty())
        {
            fields.delete(&name);
        }
    }
}
