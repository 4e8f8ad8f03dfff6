//! In the browser the response has long arrived.

pub fn set_status(_status: u16) {}
