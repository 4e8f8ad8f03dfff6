//! What only a browser does: focus, announcements, the reader's own zone, live progress, uploads with a progress bar.
//!
//! Nothing here changes what the first render shows; it all begins in effects, after the page has woken up.

pub mod announcer;
pub mod arrival;
pub mod heartbeat;
pub mod import_stream;
pub mod local_time;
pub mod upload;
