//! A day in bars, one for each half hour: for the eye a picture, for everybody its least, highest and last value in words, and all of
//! them in a table.

use leptos::prelude::*;
use stockroom::{
    monitoring::{Measure, Series, Unit},
    timestamp::Timestamp,
};

use super::{
    table::{Cell, Column, Table},
    time::Time,
};
use crate::wording::{duration, grouped, size};

/// In units of the picture, which is as wide as there is room.
const WIDTH: i64 = 10;
const HEIGHT: i64 = 96;
/// A bar that is there can be seen.
const LEAST: i64 = 3;

/// A value as people read it.
#[must_use]
pub fn shown(measure: Measure, value: i64) -> String {
    match measure.unit() {
        Unit::Number => grouped(value),
        Unit::Bytes => size(u64::try_from(value).unwrap_or(0)),
        Unit::Seconds => duration(value),
    }
}

/// `starts` says when each value begins.
#[component]
pub fn Chart(series: Series, starts: Vec<Timestamp>) -> impl IntoView {
    let measure = series.measure;
    let (Some(least), Some(most), Some(last)) = (series.least(), series.most(), series.last()) else {
        return view! { <p class="text-muted">"Nothing has been measured yet."</p> }.into_any();
    };
    let [least, highest, last] = [least, most, last].map(|value| shown(measure, value));
    let words = format!(
        "{} in the last 24 hours: least {least}, highest {highest}, last {last}",
        measure.label()
    );
    view! {
        <Bars values=series.values.clone() most is_trouble=measure.is_trouble() words />
        <p class="flex justify-between gap-2 text-sm text-muted" aria-hidden="true">
            <span>"24 h ago"</span>
            <span>"Now"</span>
        </p>
        <p class="mt-1 text-sm tabular-nums" aria-hidden="true">
            {format!("Least {least} · Highest {highest} · Last {last}")}
        </p>
        <Values series starts />
    }
    .into_any()
}

#[component]
fn Bars(values: Vec<Option<i64>>, most: i64, is_trouble: bool, words: String) -> impl IntoView {
    let width = WIDTH * i64::try_from(values.len()).unwrap_or(0);
    let colour = if is_trouble { "text-danger" } else { "text-fill" };
    let bar = |(place, value): (usize, Option<i64>)| {
        let x = WIDTH * i64::try_from(place).unwrap_or(0) + 1;
        let height = tall(value?, most);
        let colour = if height > 1 { colour } else { "text-line-input" };
        Some(view! { <rect class=colour fill="currentColor" x=x y=HEIGHT - height width=WIDTH - 2 height=height /> })
    };
    let bars: Vec<_> = values.into_iter().enumerate().filter_map(bar).collect();
    view! {
        <svg
            role="img"
            aria-label=words
            viewBox=format!("0 0 {width} {HEIGHT}")
            preserveAspectRatio="none"
            class="block h-24 w-full border-b border-line"
        >
            {bars}
        </svg>
    }
    .into_any()
}

/// A zero is a thin line, so that it is no gap.
fn tall(value: i64, most: i64) -> i64 {
    if value <= 0 {
        return 1;
    }
    let share = i128::from(value) * i128::from(HEIGHT) / i128::from(most.max(1));
    i64::try_from(share).unwrap_or(HEIGHT).clamp(LEAST, HEIGHT)
}

#[component]
fn Values(series: Series, starts: Vec<Timestamp>) -> impl IntoView {
    let measure = series.measure;
    let row = |(start, value): (Timestamp, Option<i64>)| {
        let value = shown(measure, value?);
        Some(view! {
            <tr role="row">
                <th role="rowheader" scope="row">
                    <Time moment=start />
                </th>
                <Cell label="Value" is_number=true>
                    {value}
                </Cell>
            </tr>
        })
    };
    let rows: Vec<_> = starts.into_iter().zip(series.values).rev().filter_map(row).collect();
    let head = view! {
        <Column title="Half hour from" />
        <Column title="Value" is_number=true />
    };
    view! {
        <details class="mt-2">
            <summary class="link w-fit cursor-pointer">
                "Figures"
                <span class="sr-only">": " {measure.label()}</span>
            </summary>
            <div class="mt-1">
                <Table label=measure.label() head=head.into_any() body=rows.into_any() />
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::tall;

    #[test]
    fn the_highest_bar_fills_the_picture_and_none_that_is_there_vanishes() {
        assert_eq!([0, 1, 500, 1_000].map(|value| tall(value, 1_000)), [1, 3, 48, 96]);
        assert_eq!(tall(i64::MAX, i64::MAX), 96);
        assert_eq!(tall(0, 0), 1);
    }
}
