//! Stockroom's pages: compiled once for the server, which renders them, and once for the browser, which wakes them.
//!
//! Every page is complete without the script; the script adds dropping of files, live progress and navigation without reloading.
//! Pages fetch through [`server_fns`] and compose; components take plain values and know no server function.
//!
//! - [`App`], `shell`: the application and the document around it.
//! - `pages`: one module for each address of [`paths`]. `components`: what pages are made of. `hooks`: what only a browser does.
//! - [`request`]: what the server hands to pages and server functions; [`draft`], [`theme`], [`viewer`]: the plain data in it.
//! - [`wording`], [`search`], [`fields`], [`paths`]: numbers as people read them, the state of the products page, queries, addresses.

// Views are nested types, one level for each element around another.
#![recursion_limit = "256"]

mod app;
mod codec;
mod components;
pub mod draft;
pub mod error;
pub mod fields;
mod hooks;
mod pages;
pub mod paths;
mod response;
pub mod search;
pub mod server_fns;
pub mod theme;
mod title;
pub mod viewer;
pub mod wording;

#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
mod shell;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
