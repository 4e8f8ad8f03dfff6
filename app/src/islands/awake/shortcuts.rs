//! Keys that do something. Single keys can be switched off (WCAG 2.1.4) and are left alone where somebody types.
//!
//! `data-shortcuts="on"` on the main part says that they are wanted; `data-key` and `data-go` name what they lead to.

use std::{cell::Cell, rc::Rc};

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlFormElement, KeyboardEvent};

use super::{first, selection};

pub fn watch() {
    let are_wanted = first("main[data-shortcuts]").is_some();
    let going = Rc::new(Cell::new(false));
    window_event_listener_untyped("keydown", move |event| {
        let Ok(event) = event.dyn_into::<KeyboardEvent>() else {
            return;
        };
        let handled = if event.ctrl_key() || event.meta_key() {
            with_control(&event)
        } else if are_wanted && !event.alt_key() && !is_typing() {
            alone(&event.key(), going.replace(event.key() == "g"))
        } else {
            false
        };
        if handled {
            event.prevent_default();
        }
    });
}

/// Where letters are text, or where a dialog has them.
fn is_typing() -> bool {
    let Some(active) = document().active_element() else {
        return false;
    };
    let tag = active.tag_name();
    let takes_text = tag == "INPUT" && !matches!(active.get_attribute("type").as_deref(), Some("checkbox" | "radio"));
    takes_text || tag == "TEXTAREA" || tag == "SELECT" || active.closest("dialog").ok().flatten().is_some()
}

fn with_control(event: &KeyboardEvent) -> bool {
    let active = document().active_element();
    let form = match event.key().as_str() {
        "s" => {
            let own = active.and_then(|active| active.closest("form[data-saves]").ok().flatten());
            own.or_else(|| first("form[data-saves]"))
        }
        "Enter" => active
            .filter(|active| active.tag_name() == "TEXTAREA")
            .and_then(|active| active.closest("form").ok().flatten()),
        _ => None,
    };
    let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    form.is_some_and(|form| form.request_submit().is_ok())
}

fn alone(key: &str, going: bool) -> bool {
    if going {
        return matches!(key, "d" | "p" | "c" | "i" | "w" | "s") && press(&format!("[data-go={key}]"));
    }
    match key {
        "?" => first("#shortcuts")
            .and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok())
            .is_some_and(|dialog| dialog.show_modal().is_ok()),
        "/" => focus("#filter-q, input[type=search]"),
        "n" => press("[data-key=n]"),
        "x" => row().is_some_and(|row| selection::toggle(&row)),
        _ => false,
    }
}

/// The row in which the focus is.
fn row() -> Option<Element> {
    document().active_element()?.closest("tbody tr").ok().flatten()
}

fn press(selector: &str) -> bool {
    let element = first(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.inspect(HtmlElement::click).is_some()
}

fn focus(selector: &str) -> bool {
    let element = first(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}
