//! The whole site over real connections, one binary.

mod access;
mod bad_requests;
mod bulk;
mod catalogues;
mod corrections;
mod edits;
mod exports;
mod history;
mod import_command;
mod monitoring;
mod pages;
mod pictures;
mod products;
mod progress;
mod resumable;
mod site;
mod staff;
mod uploads;
mod webhooks;
