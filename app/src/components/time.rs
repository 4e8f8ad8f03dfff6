//! A moment in UTC. Once the page has woken up it reads in the reader's own zone (see [`crate::hooks::local_time`]).

use leptos::prelude::*;
use stockroom::timestamp::Timestamp;

#[component]
pub fn Time(moment: Timestamp) -> impl IntoView {
    let utc = moment.in_utc();
    view! {
        <time class="inline-block min-w-26 tabular-nums" datetime=moment.as_str().to_owned() title=utc>
            {utc.clone()}
        </time>
    }
    .into_any()
}
