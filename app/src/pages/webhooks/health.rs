//! How the last day went: a number in words, and a bar for each hour.

use leptos::prelude::*;
use stockroom::webhooks::Health;

use crate::wording::{counted, grouped};

/// `98.7 %`; never 100 while something has failed.
#[must_use]
pub fn success(health: &Health) -> Option<String> {
    let all = health.delivered + health.failed;
    let tenths = (all > 0).then(|| health.delivered * 1_000 / all)?;
    Some(match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    })
}

const WIDTH: i64 = 4;
const HEIGHT: i64 = 20;

/// The picture is for the eye; the words beside it say the same.
#[component]
pub fn Success(health: Health) -> impl IntoView {
    let Some(share) = success(&health) else {
        return view! { <span class="text-muted">"Nothing sent"</span> }.into_any();
    };
    let all = health.delivered + health.failed;
    let words = format!("{share} of {}", counted(all, "attempt", "attempts"));
    view! {
        <span class="inline-flex flex-wrap items-center gap-2">
            <span class="tabular-nums" title=words>
                {share}
                <span class="sr-only">" of "{grouped(all)}" attempts in 24 hours"</span>
            </span>
            <Bars hours=health.hours />
        </span>
    }
    .into_any()
}

#[component]
fn Bars(hours: Vec<(i64, i64)>) -> impl IntoView {
    let highest = hours
        .iter()
        .map(|(arrived, failed)| arrived + failed)
        .max()
        .unwrap_or(0)
        .max(1);
    let width = WIDTH * i64::try_from(hours.len()).unwrap_or(0);
    let bar = |(place, (arrived, failed)): (usize, (i64, i64))| {
        let x = WIDTH * i64::try_from(place).unwrap_or(0);
        let tall = |count: i64| {
            if count == 0 {
                0
            } else {
                (count * HEIGHT / highest).max(2)
            }
        };
        let (good, bad) = (tall(arrived), tall(failed));
        view! {
            <rect class="text-success" fill="currentColor" x=x y=HEIGHT - good width=WIDTH - 1 height=good />
            <rect class="text-danger" fill="currentColor" x=x y=(HEIGHT - good - bad).max(0) width=WIDTH - 1 height=bad />
        }
    };
    let bars: Vec<_> = hours.into_iter().enumerate().map(bar).collect();
    view! {
        <svg width=width height=HEIGHT viewBox=format!("0 0 {width} {HEIGHT}") aria-hidden="true" class="border-b border-line">
            {bars}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use stockroom::webhooks::Health;

    use super::success;

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        let of = |delivered, failed| {
            success(&Health {
                delivered,
                failed,
                hours: Vec::new(),
            })
        };
        assert_eq!(of(999, 1).as_deref(), Some("99.9 %"));
        assert_eq!(of(99_999, 1).as_deref(), Some("99.9 %"));
        assert_eq!(of(5, 0).as_deref(), Some("100 %"));
        assert_eq!(of(0, 0), None);
    }
}
