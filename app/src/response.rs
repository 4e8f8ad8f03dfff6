//! What goes out beside a page or the answer to a call: its status, or where to go instead.

use axum::http::StatusCode;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Another page of this site is shown instead.
pub fn redirect(address: &str) {
    leptos_axum::redirect(address);
}
