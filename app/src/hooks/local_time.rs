//! Moments in the reader's own zone. The server writes the shop's; the browser swaps it once the page has woken up.

use js_sys::Date;
use leptos::prelude::document;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, NodeList};

/// Swaps every moment that stands in the document. What they read in UTC stays in their tooltip. What is said of the shop's zone is shown where
/// the reader's is another.
pub fn swap_all() {
    if let Ok(moments) = document().query_selector_all("time[datetime]") {
        elements(&moments).for_each(|moment| swap(&moment));
    }
    if let Ok(hints) = document().query_selector_all("[data-offsets][hidden]") {
        let own = Some(own_offsets());
        let others = elements(&hints).filter(|hint| hint.get_attribute("data-offsets") != own);
        others.for_each(|hint| say(&hint));
    }
}

/// Minutes from UTC in January and July, as the server says them of the shop's zone: zones have several names, and several have the same clocks.
fn own_offsets() -> String {
    let year = f64::from(Date::new_0().get_utc_full_year());
    let offset = |month| -(Date::new(&JsValue::from_f64(Date::utc(year, month))).get_timezone_offset() as i32);
    format!("{} {}", offset(0.0), offset(6.0))
}

/// Before that it has no text: what is hidden describes inputs all the same.
fn say(hint: &Element) {
    hint.set_text_content(hint.get_attribute("data-said").as_deref());
    drop(hint.remove_attribute("hidden"));
}

fn elements(list: &NodeList) -> impl Iterator<Item = Element> {
    (0..list.length()).filter_map(|place| list.item(place)?.dyn_into().ok())
}

fn swap(moment: &Element) {
    let rfc3339 = moment.get_attribute("datetime").unwrap_or_default();
    let date = Date::new(&JsValue::from_str(&rfc3339));
    if date.get_time().is_nan() {
        return;
    }
    // Where the zone is UTC, the tooltip has it already.
    let own = match date.get_timezone_offset() {
        0.0 => moment.get_attribute("title"),
        _ => Some(in_own_zone(&date)),
    };
    if own.is_some() {
        moment.set_text_content(own.as_deref());
    }
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
