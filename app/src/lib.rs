//! Stockroom's pages: HTML from the server, with islands that the browser wakes where a page moves by itself.
//!
//! Every page is complete without the script. Pages and the document around them exist on the server only, so that a new page adds
//! nothing to what a browser downloads; an island is compiled for both, and stays small.
//!
//! - `pages`: one module for each address of [`paths`]. They fetch through [`server_fns`] and compose. `shell`: the document around them.
//! - `islands`: what needs the script: uploading with a bar, watching an import, times in the reader's own zone.
//! - `components`: what both are made of. They take plain values and know no server function. `hooks`: what only a browser does.
//! - [`request`]: what the server hands to pages and server functions; [`draft`], [`theme`], [`revealed`]: the plain data in it.
//! - [`wording`], [`search`], [`fields`], [`paths`]: numbers as people read them, the state of the products page, queries, addresses.

// Views are nested types, one level for each element around another.
#![recursion_limit = "256"]

pub mod components;
pub mod draft;
pub mod error;
mod hooks;
mod islands;
mod numbers;
pub mod paths;
pub mod server_fns;
pub mod theme;
pub mod wording;

#[cfg(feature = "ssr")]
mod app;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
mod response;
#[cfg(feature = "ssr")]
pub mod revealed;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod title;

#[cfg(feature = "ssr")]
pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
