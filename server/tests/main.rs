//! The whole site over real connections, one binary.

mod access;
mod bad_inputs;
mod bulk;
mod catalogues;
mod corrections;
mod edits;
mod exports;
mod history;
mod idle;
mod import_command;
mod nodes;
mod openapi;
mod limits;
mod other_sites;
mod pages;
mod pictures;
mod products;
mod progress;
mod resumable;
mod schedules;
mod retention;
mod site;
mod staff;
mod uploads;
mod webhooks;
