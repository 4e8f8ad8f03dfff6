//! A moment in the shop's zone. Once the page has woken up it reads in the reader's own zone (see [`crate::hooks::local_time`]).

use leptos::prelude::*;
use stockroom::timestamp::Timestamp;

use crate::request;

#[component]
pub fn Time(moment: Timestamp) -> impl IntoView {
    let shown = request::in_shops_zone(&moment);
    view! {
        <time class="inline-block min-w-26 tabular-nums" datetime=moment.as_str().to_owned() title=moment.in_utc()>
            {shown}
        </time>
    }
    .into_any()
}
