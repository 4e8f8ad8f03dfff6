//! The days between which a list is looked at.

use leptos::prelude::*;
use stockroom::settings::zone;

use super::labelled::Labelled;
use crate::{fields::Fields, request};

/// Describes inputs of days (`aria-describedby`).
pub const SHOPS_DAYS: &str = "shops-days";

/// Two date inputs, `from` and `to`, with what the address says.
#[component]
pub fn Days(fields: Fields) -> impl IntoView {
    let (from, to) = (fields.day("from"), fields.day("to"));
    view! {
        <Labelled name="from" label="From">
            <input class="input" type="date" id="from" name="from" value=from aria-describedby=SHOPS_DAYS />
        </Labelled>
        <Labelled name="to" label="Before">
            <input class="input" type="date" id="to" name="to" value=to aria-describedby=SHOPS_DAYS />
        </Labelled>
        <ShopsDays />
    }
    .into_any()
}

/// By whose clocks days begin. The script says it to a reader who lives by others (see [`crate::hooks::local_time`]): the moments in the
/// list are that reader's then, and the days are not.
#[component]
pub fn ShopsDays() -> impl IntoView {
    let zone = request::time_zone();
    let offsets = zone::offsets(&zone).map(|[january, july]| format!("{january} {july}"));
    let said = format!("Days begin at midnight in {}.", zone.replace('_', " "));
    view! { <p class="hint order-last col-span-full" id=SHOPS_DAYS data-offsets=offsets data-said=said hidden></p> }
        .into_any()
}
