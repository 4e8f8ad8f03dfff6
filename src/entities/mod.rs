//! Rows, one table a file. No logic: a row never leaves the `store` that asked for it.

pub(crate) mod api_key;
pub(crate) mod audit_entry;
pub(crate) mod catalog;
pub(crate) mod change;
pub(crate) mod counter;
pub(crate) mod created_once;
pub(crate) mod import;
pub(crate) mod import_problem;
pub(crate) mod picture;
pub(crate) mod product;
pub(crate) mod remembered_file;
pub(crate) mod saved_view;
pub(crate) mod schedule;
pub(crate) mod schedule_run;
pub(crate) mod setting;
pub(crate) mod sign_in_attempt;
pub(crate) mod upload;
pub(crate) mod upload_piece;
pub(crate) mod user;
pub(crate) mod webhook;
pub(crate) mod webhook_attempt;
pub(crate) mod webhook_delivery;
pub(crate) mod webhook_event;
pub(crate) mod webhook_feed;
pub(crate) mod webhook_old_secret;
pub(crate) mod webhook_replay;
