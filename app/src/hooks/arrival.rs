//! Arriving at another page without a reload: the focus goes to its heading, as a browser's own navigation would put it at the top.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

/// The address whose heading has, or needs, no focus any more.
#[derive(Clone, Copy)]
struct Arrived(StoredValue<String>);

/// The page that came with the document keeps the focus where the browser put it.
pub fn provide() {
    let here = use_location().pathname.get_untracked();
    provide_context(Arrived(StoredValue::new(here)));
}

/// Focuses a heading once, when its page has been reached by a link.
pub fn focus_on_arrival(heading: NodeRef<html::H1>) {
    let Arrived(arrived) = expect_context();
    let pathname = use_location().pathname;
    Effect::new(move |_| {
        let Some(heading) = heading.get() else { return };
        let here = pathname.get_untracked();
        if arrived.get_value() != here {
            arrived.set_value(here);
            // A heading inside a suspense is not part of the document yet, and could not take the focus.
            request_animation_frame(move || {
                // Without focus a screen reader stays at the old place, which is a nuisance and no failure.
                let _ = heading.focus();
            });
        }
    });
}
