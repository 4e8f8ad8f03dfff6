//! Stockroom's domain: a shop's products and catalogues, and the imports that change them by the hundred thousand.
//!
//! It knows no HTTP, no HTML and no sessions. The first group of modules is plain data and rules and is compiled for
//! the browser too; the second group touches a database, a file or a password and exists on the server only.
//!
//! - [`catalogs`], [`products`], [`changes`], [`imports`], [`accounts`], [`settings`], [`audit`]: the nouns. Each has its types on top and its `store` below.
//! - [`schedules`]: files that are fetched and imported by themselves.
//! - [`pictures`]: pictures of products. `uploads`: files that come in several requests, on the server only.
//! - [`nodes`]: the processes that share one database.
//! - [`monitoring`]: how the shop is doing, how it did yesterday, and what somebody must look after.
//! - [`page`], [`problem`], [`timestamp`]: how lists, errors and moments are shown to people and programs.
//! - `database`, `storage`, `jobs`, `outbound`, `spreadsheet`, `workbook`, `disk`: the machinery under the nouns; it knows nothing of them.
//! - `retention`: how long things are kept, and whoever removes what is older.
//! - `services`: everything above, wired once, handed to whoever serves it.

pub mod accounts;
pub mod audit;
pub mod catalogs;
pub mod changes;
pub mod disk;
pub mod fold;
pub mod imports;
pub mod monitoring;
pub mod nodes;
pub mod page;
pub mod pictures;
pub mod problem;
pub mod products;
pub mod schedules;
pub mod settings;
pub mod timestamp;
pub mod webhooks;

#[cfg(feature = "ssr")]
pub mod asked;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod database;
#[cfg(feature = "ssr")]
mod entities;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod jobs;
#[cfg(feature = "ssr")]
mod once;
#[cfg(feature = "ssr")]
pub mod outbound;
#[cfg(feature = "ssr")]
pub mod retention;
#[cfg(feature = "ssr")]
pub mod services;
#[cfg(feature = "ssr")]
pub mod spreadsheet;
#[cfg(feature = "ssr")]
pub mod storage;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "ssr")]
pub mod uploads;
#[cfg(feature = "ssr")]
pub mod workbook;
