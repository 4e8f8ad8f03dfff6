//! Icons, drawn with one stroke on a grid of 16. They say nothing that the text beside them does not.

use leptos::prelude::*;

pub const LOGO: &str = "M2.5 5 8 2l5.5 3v6L8 14l-5.5-3zM2.5 5 8 8l5.5-3M8 8v6";
pub const MENU: &str = "M2.5 4.5h11M2.5 8h11M2.5 11.5h11";
pub const TICK: &str = "m3.5 8.5 3 3 6-7";
pub const CROSS: &str = "m4.5 4.5 7 7m0-7-7 7";
pub const CLOCK: &str = "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 5v3.2l2 1.3";
pub const ARROW: &str = "M3 8h9.5M9 4.5 12.5 8 9 11.5";
pub const WARNING: &str = "M8 2.5 14 13H2zM8 6.5V9m0 2v.1";
pub const DASH: &str = "M4 8h8";
pub const INFO: &str = "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M8 7.5V11m0-6v.1";
pub const UPLOAD: &str = "M8 10.5v-8M4.5 6 8 2.5 11.5 6M2.5 10.5v3h11v-3";
pub const MORE: &str = "M3.5 8v.1M8 8v.1M12.5 8v.1";
pub const UP: &str = "m4 10 4-4 4 4";
pub const DOWN: &str = "m4 6 4 4 4-4";

#[component]
pub fn Icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=path />
        </svg>
    }
    .into_any()
}
