//! The days between which a list is looked at.

use leptos::prelude::*;

use super::labelled::Labelled;
use crate::fields::Fields;

/// Two date inputs, `from` and `to`, with what the address says.
#[component]
pub fn Days(fields: Fields) -> impl IntoView {
    let (from, to) = (fields.day("from"), fields.day("to"));
    view! {
        <Labelled name="from" label="From">
            <input class="input" type="date" id="from" name="from" value=from />
        </Labelled>
        <Labelled name="to" label="Before">
            <input class="input" type="date" id="to" name="to" value=to />
        </Labelled>
    }
    .into_any()
}
