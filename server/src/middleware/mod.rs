//! What every request passes: who is asking and how often, whether they may, whether it comes from our own pages or another site that may
//! ask, the headers of every answer, and the eye that is kept on all of it.

pub mod address;
pub mod authenticate;
pub mod authorize;
pub mod bodies;
pub mod compress;
pub mod cors;
pub mod headers;
pub mod limits;
pub mod observe;
pub mod people;
pub mod same_origin;
mod turned_away;
pub mod webhooks;
