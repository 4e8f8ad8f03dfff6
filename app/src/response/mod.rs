//! The status of the page's response. Only the server has one to set; in a browser nothing happens.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub use browser::set_status;
#[cfg(feature = "ssr")]
pub use server::set_status;
