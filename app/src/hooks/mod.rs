//! What only a browser does: announcements, the reader's own zone, live progress, uploads with a progress bar.
//!
//! Nothing here changes what the first render shows; it all begins in effects, after an island has woken up.

pub mod announcer;
pub mod heartbeat;
pub mod import_stream;
pub mod local_time;
pub mod upload;
