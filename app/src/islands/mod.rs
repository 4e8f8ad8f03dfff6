//! The parts of pages that the browser wakes. Each is complete as plain HTML before that.
//!
//! What an island is given travels in the document as JSON, so it is given little.

pub mod awake;
pub mod import_form;
pub mod live_import;
pub mod news;
pub mod refreshed;
