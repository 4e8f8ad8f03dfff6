//! A moment, in the reader's own zone as soon as that is known.

use leptos::prelude::*;
use stockroom::timestamp::Timestamp;

use crate::hooks::local_time::use_local_time;

#[component]
pub fn Time(moment: Timestamp) -> impl IntoView {
    let text = use_local_time(&moment);
    let utc = moment.in_utc();
    view! {
        <time class="inline-block min-w-26 tabular-nums" datetime=moment.as_str().to_owned() title=utc>
            {text}
        </time>
    }
    .into_any()
}
