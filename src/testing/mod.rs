//! For tests: a shop on a fresh database of either kind, files built row by row, receivers of webhooks, and what fuzzing calls.
//!
//! Nothing is simulated: PostgreSQL is a throw-away cluster of its own, SQLite a file, the file store a folder or
//! a bucket of a server.

mod bucket;
mod cluster;
pub mod file;
pub mod fuzzing;
pub mod receiver;
mod sending;
mod shop;
pub mod workbook;

pub use bucket::Bucket;
pub use file::CsvFile;
pub use receiver::{Received, Receiver, Reply};
pub use sending::{Process, Sending};
pub use shop::{Kind, Shop};
