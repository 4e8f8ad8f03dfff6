//! Moments in the reader's own zone. The server writes UTC; the browser swaps it once the page has woken up.

use js_sys::Date;
use leptos::prelude::*;
use stockroom::timestamp::Timestamp;
use wasm_bindgen::JsValue;

/// UTC at first, then the reader's time with its distance to UTC.
#[must_use]
pub fn use_local_time(moment: &Timestamp) -> ReadSignal<String> {
    let text = RwSignal::new(moment.in_utc());
    let rfc3339 = moment.as_str().to_owned();
    Effect::new(move |_| {
        let date = Date::new(&JsValue::from_str(&rfc3339));
        // Where the zone is UTC there is nothing to swap, and an unreadable date has no offset.
        if date.get_timezone_offset() != 0.0 && !date.get_time().is_nan() {
            text.set(in_own_zone(&date));
        }
    });
    text.read_only()
}

fn in_own_zone(date: &Date) -> String {
    format!(
        "{}-{:02}-{:02} {:02}:{:02}:{:02} {}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds(),
        offset(-(date.get_timezone_offset() as i32)),
    )
}

/// `+01`, `−03:30`
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '−' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 {
        format!("{sign}{hours:02}")
    } else {
        format!("{sign}{hours:02}:{rest:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn the_distance_to_utc_is_short_where_it_can_be() {
        assert_eq!([60, -210, 345].map(offset), ["+01", "−03:30", "+05:45"]);
    }
}
