//! What every request passes: who is asking, whether they may, whether it comes from our own pages, the headers of every answer, and the
//! eye that is kept on all of it.

pub mod address;
pub mod authenticate;
pub mod authorize;
pub mod headers;
pub mod observe;
pub mod people;
pub mod same_origin;
mod turned_away;
pub mod webhooks;
