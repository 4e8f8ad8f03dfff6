//! Links with `data-opens` show the form of their page (`data-modal` there) in a dialog over this one. After saving one is back here.
//!
//! The page is the same that the link leads to without the script, so it is asked for like a page, and what is wrong with the form is
//! shown on it as a whole.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomParser, Element, Event, HtmlAnchorElement, HtmlDialogElement, MouseEvent, Response, SupportedType};

use super::{around, first, guard};

pub fn watch() {
    window_event_listener_untyped("click", |event| open(&event));
    // Esc closes the dialog; what was typed into it is asked about first.
    let asked = Closure::<dyn Fn(Event)>::new(|event: Event| {
        if !may_close() {
            event.prevent_default();
        }
    });
    if let Some(dialog) = dialog() {
        dialog.set_oncancel(Some(asked.into_js_value().unchecked_ref()));
    }
}

fn open(event: &Event) {
    if around(event, "[data-closes]").is_some() {
        if may_close() {
            close();
        }
        return;
    }
    let plain = event.dyn_ref::<MouseEvent>().is_some_and(|mouse| {
        mouse.button() == 0 && !mouse.ctrl_key() && !mouse.meta_key() && !mouse.shift_key() && !mouse.alt_key()
    });
    let link = around(event, "a[data-opens]").and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
    let Some(link) = link.filter(|_| plain) else { return };
    event.prevent_default();
    spawn_local(async move {
        let href = link.href();
        if show(&href).await.is_none() {
            // The page itself is as good.
            let _ = window().location().set_href(&href);
        }
    });
}

fn may_close() -> bool {
    let may = !guard::is_unsaved()
        || window()
            .confirm_with_message("Discard unsaved changes?")
            .unwrap_or(true);
    if may {
        guard::give_up();
    }
    may
}

fn dialog() -> Option<HtmlDialogElement> {
    first("#modal")?.dyn_into().ok()
}

fn close() {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

async fn show(href: &str) -> Option<()> {
    let dialog = dialog()?;
    let headers = web_sys::Headers::new().ok()?;
    headers.set("accept", "text/html").ok()?;
    let options = web_sys::RequestInit::new();
    options.set_headers(&headers);
    let answer = JsFuture::from(window().fetch_with_str_and_init(href, &options))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    let page = DomParser::new()
        .ok()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .ok()?;
    let form = page.query_selector("[data-modal]").ok()??;
    let title = page.query_selector("h1").ok()??.text_content()?;
    fill(&dialog, &form, &title)?;
    dialog.show_modal().ok()
}

fn fill(dialog: &HtmlDialogElement, form: &Element, title: &str) -> Option<()> {
    let document = document();
    dialog.set_text_content(None);
    let heading = document.create_element("h2").ok()?;
    heading.set_class_name("mb-3 text-lg font-semibold wrap-anywhere");
    heading.set_text_content(Some(title));
    heading.set_attribute("tabindex", "-1").ok()?;
    heading.set_attribute("autofocus", "").ok()?;
    dialog.append_child(&heading).ok()?;
    dialog
        .append_child(&document.import_node_with_deep(form, true).ok()?)
        .ok()?;
    let close = document.create_element("button").ok()?;
    close.set_class_name("btn btn-secondary mt-3");
    close.set_attribute("type", "button").ok()?;
    close.set_attribute("data-closes", "").ok()?;
    close.set_text_content(Some("Close"));
    dialog.append_child(&close).ok()?;
    let sent = dialog.query_selector("form").ok()??;
    let next = document.create_element("input").ok()?;
    for (name, value) in [("type", "hidden"), ("name", "next"), ("value", &here())] {
        next.set_attribute(name, value).ok()?;
    }
    sent.append_child(&next).ok()?;
    Some(())
}

fn here() -> String {
    let location = window().location();
    let part = |part: Result<String, JsValue>| part.unwrap_or_default();
    format!("{}{}", part(location.pathname()), part(location.search()))
}
