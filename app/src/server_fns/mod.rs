//! Reads for pages and islands, all by GET: who is asking, one call into the domain, the answer.
//!
//! They are public addresses under `/actions`, and refuse those who have not signed in.

pub mod catalogs;
pub mod imports;
pub mod monitoring;
pub mod products;
pub mod schedules;
pub mod staff;
pub mod webhooks;
