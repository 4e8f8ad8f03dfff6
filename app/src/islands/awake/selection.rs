//! Chosen rows: all of a page at once, a range with Shift, and those of other pages of the same filter.
//!
//! Boxes carry `data-selects`, the one in the heading `data-selects-all`. The form says by `data-selection` to which filter the choice
//! belongs; it is kept for this tab, and forgotten with another filter.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, FormData, HtmlInputElement, MouseEvent, Storage};

use super::{all, around, first};
use crate::{hooks::announcer, wording::grouped};

/// The form whose buttons act on the chosen rows.
pub const FORM: &str = "bulk";
const KEY: &str = "selection";
const BOXES: &str = "input[data-selects]";

thread_local! {
    /// Place of the box that was turned round last, from which a range begins.
    static LAST: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Ids that are chosen, on whatever page, for the filter of this page.
fn kept() -> Vec<String> {
    let filter = filter();
    let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let text = text.unwrap_or_default();
    match text.split_once('\n') {
        Some((of, ids)) if of == filter && !ids.is_empty() => ids.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn keep(ids: &[String]) {
    if let Some(storage) = storage() {
        // Without room for it the choice ends with this page.
        let _ = storage.set_item(KEY, &format!("{}\n{}", filter(), ids.join(",")));
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn filter() -> String {
    let form = document().get_element_by_id(FORM);
    form.and_then(|form| form.get_attribute("data-selection"))
        .unwrap_or_default()
}

fn boxes() -> Vec<HtmlInputElement> {
    all(BOXES).filter_map(|element| element.dyn_into().ok()).collect()
}

pub fn watch() {
    if document().get_element_by_id(FORM).is_none() {
        if let Some(storage) = storage() {
            // A choice that is left behind would only be found again after a filter that nobody remembers.
            let _ = storage.remove_item(KEY);
        }
        return;
    }
    let chosen = kept();
    for one in boxes() {
        one.set_checked(chosen.contains(&one.value()));
    }
    show(&chosen, false);
    window_event_listener_untyped("click", |event| clicked(&event));
    window_event_listener_untyped("change", |event| changed(&event));
}

/// With Shift all boxes between the last one and this one become what this one is. The space bar clicks, too, with its Shift.
fn clicked(event: &Event) {
    if around(event, "[data-selection-clear]").is_some() {
        for one in boxes() {
            one.set_checked(false);
        }
        keep(&[]);
        return show(&[], true);
    }
    let Some(clicked) = around(event, BOXES) else { return };
    let boxes = boxes();
    let Some(here) = place(&boxes, &clicked) else { return };
    let shift = event.dyn_ref::<MouseEvent>().is_some_and(MouseEvent::shift_key);
    if let Some(from) = LAST.replace(Some(here)).filter(|_| shift) {
        let is = boxes[here].checked();
        for one in &boxes[from.min(here)..=from.max(here)] {
            one.set_checked(is);
        }
    }
    remember();
}

fn place(boxes: &[HtmlInputElement], one: &Element) -> Option<usize> {
    boxes.iter().position(|other| other.is_same_node(Some(one)))
}

fn changed(event: &Event) {
    let Some(whole) = around(event, "input[data-selects-all]") else {
        return;
    };
    let is = whole.dyn_into::<HtmlInputElement>().is_ok_and(|whole| whole.checked());
    for one in boxes() {
        one.set_checked(is);
    }
    remember();
}

/// What is ticked here joins what was ticked elsewhere.
pub fn remember() {
    let boxes = boxes();
    let here: Vec<String> = boxes.iter().map(HtmlInputElement::value).collect();
    let elsewhere = kept().into_iter().filter(|id| !here.contains(id));
    let ticked = boxes.iter().filter(|one| one.checked()).map(HtmlInputElement::value);
    let chosen: Vec<String> = elsewhere.chain(ticked).collect();
    keep(&chosen);
    show(&chosen, true);
}

fn show(chosen: &[String], aloud: bool) {
    let boxes = boxes();
    let count = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
    if let Some(text) = first("[data-selection-count]") {
        text.set_text_content(Some(&format!("{} selected", grouped(count))));
    }
    if let Some(whole) = first("input[data-selects-all]").and_then(|whole| whole.dyn_into::<HtmlInputElement>().ok()) {
        let ticked = boxes.iter().filter(|one| one.checked()).count();
        whole.set_checked(ticked > 0 && ticked == boxes.len());
        whole.set_indeterminate(ticked > 0 && ticked < boxes.len());
    }
    if aloud {
        announcer::say(&format!("{} selected", grouped(count)));
    }
}

/// Those of other pages go with the form, too.
pub fn add_others(fields: &FormData) {
    let here: Vec<String> = boxes().iter().map(HtmlInputElement::value).collect();
    for id in kept().iter().filter(|id| !here.contains(id)) {
        // What cannot be added is not acted on, and the next page says how many were.
        let _ = fields.append_with_str("id", id);
    }
}

/// Turns the box of a row round.
pub fn toggle(row: &Element) -> bool {
    let found = row.query_selector(BOXES).ok().flatten();
    let Some(one) = found.and_then(|one| one.dyn_into::<HtmlInputElement>().ok()) else {
        return false;
    };
    one.set_checked(!one.checked());
    LAST.set(place(&boxes(), &one));
    remember();
    true
}
