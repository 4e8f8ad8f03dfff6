//! What pages and islands are made of. Components take plain values, know no server function, and work as plain HTML.
//!
//! The first group is for both; the second stands on pages only.

pub mod error_summary;
pub mod field_error;
pub mod figures;
pub mod file_drop;
pub mod icon;
pub mod import_counters;
pub mod page_header;

#[cfg(feature = "ssr")]
pub mod banner;
#[cfg(feature = "ssr")]
pub mod card;
#[cfg(feature = "ssr")]
pub mod catalogue_input;
#[cfg(feature = "ssr")]
pub mod chart;
#[cfg(feature = "ssr")]
pub mod chips;
#[cfg(feature = "ssr")]
pub mod days;
#[cfg(feature = "ssr")]
pub mod export_state;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod key_value;
#[cfg(feature = "ssr")]
pub mod labelled;
#[cfg(feature = "ssr")]
pub mod not_allowed;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod problem_view;
#[cfg(feature = "ssr")]
pub mod status_tag;
#[cfg(feature = "ssr")]
pub mod table;
#[cfg(feature = "ssr")]
pub mod time;
