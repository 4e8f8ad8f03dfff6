//! What every request passes: who is asking, whether they may, whether it comes from our own pages, and the headers of every answer.

pub mod address;
pub mod authenticate;
pub mod authorize;
pub mod headers;
pub mod people;
pub mod same_origin;
mod turned_away;
pub mod webhooks;
