//! The whole site over real connections, one binary.

mod access;
mod answers;
mod bad_inputs;
mod bulk;
mod catalogues;
mod corrections;
mod edits;
mod exports;
mod health;
mod history;
mod idle;
mod import_command;
mod limits;
mod monitoring;
mod nodes;
mod openapi;
mod other_sites;
mod pages;
mod pictures;
mod products;
mod program;
mod progress;
mod resumable;
mod retention;
mod schedules;
mod seeds;
mod sessions;
mod site;
mod snippets;
mod staff;
#[cfg(feature = "opentelemetry")]
mod traces;
mod uploads;
mod webhooks;
