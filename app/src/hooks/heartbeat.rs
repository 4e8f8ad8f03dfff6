//! Doing something again and again for as long as a component is shown.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*};

/// Calls `beat` every `period` from the moment the page has woken up.
pub fn every(period: Duration, beat: impl Fn() + Clone + 'static) {
    let handle = StoredValue::new(None::<IntervalHandle>);
    Effect::new(move |_| handle.set_value(set_interval_with_handle(beat.clone(), period).ok()));
    on_cleanup(move || {
        if let Some(handle) = handle.try_get_value().flatten() {
            handle.clear();
        }
    });
}
