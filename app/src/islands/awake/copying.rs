//! Buttons with `data-copies` put their `data-text`, or else the text of the field with that id, on the clipboard. They are shown where there is one to put it on.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlInputElement};

use super::{all, around};

pub fn watch() {
    // Over plain http browsers offer none; the field can be copied from by hand.
    if !window().is_secure_context() {
        return;
    }
    for button in all("[data-copies]") {
        // A button that stays hidden takes nothing away.
        let _ = button.remove_attribute("hidden");
    }
    window_event_listener_untyped("click", |event| {
        if let Some(button) = around(&event, "[data-copies]") {
            copy(button);
        }
    });
}

fn copy(button: Element) {
    let Some(text) = button.get_attribute("data-text").or_else(|| text_of_field(&button)) else {
        return;
    };
    let copied = JsFuture::from(window().navigator().clipboard().write_text(&text));
    spawn_local(async move {
        if copied.await.is_ok() {
            button.set_text_content(Some("Copied"));
        }
    });
}

fn text_of_field(button: &Element) -> Option<String> {
    let field = document().get_element_by_id(&button.get_attribute("data-copies")?)?;
    let field = field.dyn_into::<HtmlInputElement>().ok()?;
    field.select();
    Some(field.value())
}
