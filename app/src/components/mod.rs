//! What pages and islands are made of. Components take plain values, know no server function, and work as plain HTML.

pub mod banner;
pub mod card;
pub mod error_summary;
pub mod field;
pub mod figures;
pub mod file_drop;
pub mod icon;
pub mod import_counters;
pub mod key_value;
pub mod page_header;
pub mod pager;
pub mod status_tag;
pub mod table;
pub mod time;

#[cfg(feature = "ssr")]
pub mod problem_view;
