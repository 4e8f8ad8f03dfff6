//! A `select[data-applies]` sends its form as soon as something else is chosen. Whoever chooses by typing has chosen with the first letter already:
//! the others would be shortcuts on the page that comes, so the form waits until no key has been pressed for a moment.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlFormElement, HtmlSelectElement};

/// Without a key for that long, a choice is made. Slow typists take a third of a second for a letter.
const MADE: Duration = Duration::from_millis(400);

#[derive(Clone, Default)]
struct Choice {
    form: Rc<RefCell<Option<HtmlFormElement>>>,
    timer: Rc<Cell<Option<TimeoutHandle>>>,
    /// Whether the last thing that happened was a key.
    is_typed: Rc<Cell<bool>>,
}

pub fn watch() {
    let choice = Choice::default();
    let chosen = choice.clone();
    window_event_listener_untyped("change", move |event| chosen.change(&event));
    let pointed = choice.is_typed.clone();
    window_event_listener_untyped("pointerdown", move |_| pointed.set(false));
    window_event_listener_untyped("keydown", move |_| choice.key());
}

impl Choice {
    fn change(&self, event: &Event) {
        let select = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        let form = select
            .filter(|select| select.has_attribute("data-applies"))
            .and_then(|select| select.form());
        if form.is_none() {
            return;
        }
        self.form.replace(form);
        if self.is_typed.get() {
            self.wait();
        } else {
            self.apply();
        }
    }

    fn key(&self) {
        self.is_typed.set(true);
        if self.form.borrow().is_some() {
            self.wait();
        }
    }

    fn wait(&self) {
        let choice = self.clone();
        let timer = set_timeout_with_handle(move || choice.apply(), MADE).ok();
        if let Some(before) = self.timer.replace(timer) {
            before.clear();
        }
    }

    fn apply(&self) {
        if let Some(form) = self.form.take() {
            // A form that cannot be sent has said so itself.
            let _ = form.request_submit();
        }
    }
}
