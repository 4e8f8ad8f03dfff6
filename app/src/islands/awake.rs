//! What the script adds to every page, wherever on it: it shows nothing of its own.
//!
//! Markup asks for it by attributes: `time[datetime]` is swapped to the reader's own zone, and a `select[data-applies]` sends its form as
//! soon as something else is chosen.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, FormData, HtmlFormElement, HtmlSelectElement};

use crate::hooks::{announcer, local_time};

/// Stands once, at the end of every page.
#[island]
pub fn Awake() -> impl IntoView {
    Effect::new(|_| {
        local_time::swap_all();
        window_event_listener_untyped("change", |event| apply(&event));
        window_event_listener_untyped("formdata", |event| leave_out_blanks(&event));
        // A live region speaks of what changes in it after it has been seen.
        set_timeout(announcer::say_what_was_left, Duration::from_millis(100));
    });
}

fn apply(event: &Event) {
    let chosen = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
    let Some(form) = chosen
        .filter(|select| select.has_attribute("data-applies"))
        .and_then(|select| select.form())
    else {
        return;
    };
    // A form that cannot be sent has said so itself.
    let _ = form.request_submit();
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
    if form.is_none_or(|form| form.method() != "get") {
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
