//! The whole site over real connections, one binary.

mod access;
mod edits;
mod pages;
mod products;
mod progress;
mod site;
mod uploads;
