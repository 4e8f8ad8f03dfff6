//! Tells whoever looks at products while a job changes them that what they see is no longer all there is.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use stockroom::{page::Total, products::news::Mark};

use crate::{hooks::heartbeat, server_fns::products::get_news, wording};

const EVERY: Duration = Duration::from_secs(5);

/// Stands on pages that were made while a job was at work, and asks until it is over: asking for ever would keep everybody signed in.
#[island]
pub fn News(since: Mark) -> impl IntoView {
    let changed = RwSignal::new(None::<Total>);
    let goes_on = StoredValue::new(true);
    heartbeat::every(EVERY, move || {
        if document().hidden() || !goes_on.try_get_value().unwrap_or_default() {
            return;
        }
        spawn_local(async move {
            // A server that does not answer now is asked again soon.
            if let Ok(news) = get_news(Some(since)).await {
                goes_on.try_set_value(news.goes_on);
                changed.try_set(Some(news.products).filter(|products| products.rows > 0));
            }
        });
    });
    view! { <div role="status">{move || changed.get().map(strip)}</div> }
}

fn strip(products: Total) -> impl IntoView {
    let (noun, have) = match products {
        Total { rows: 1, exact: true } => ("product", "has"),
        _ => ("products", "have"),
    };
    let said = format!(
        "{} {noun} {have} changed since you opened this page.",
        wording::total(products)
    );
    view! {
        <p class="stale">
            {said} " "
            <a class="link" href="">
                "Refresh"
            </a>
        </p>
    }
}
