//! For tests: a shop on a fresh database of either kind, and files built row by row.
//!
//! Nothing is simulated: PostgreSQL is a throw-away cluster of its own, SQLite a file, the file store a folder.

mod cluster;
pub mod file;
mod shop;

pub use file::CsvFile;
pub use shop::{Kind, Shop};
