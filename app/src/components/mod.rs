//! What pages are made of. Components take plain values, know no server function, and work as plain HTML.

pub mod awaited;
pub mod banner;
pub mod card;
pub mod error_summary;
pub mod field;
pub mod figures;
pub mod file_drop;
pub mod frame;
pub mod icon;
pub mod key_value;
pub mod navigation;
pub mod page_header;
pub mod pager;
pub mod problem_view;
pub mod status_tag;
pub mod table;
pub mod time;
