//! What every request passes: who is asking, whether they may, whether it comes from our own pages, and the headers of every answer.

pub mod authenticate;
pub mod authorize;
pub mod headers;
pub mod same_origin;
