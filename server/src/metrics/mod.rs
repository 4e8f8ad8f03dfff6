//! What `/metrics` tells: counted here for HTTP, by the domain's tally for the rest, and asked of the database when somebody looks.
//!
//! It is written by hand, because it is two hundred lines and a library for it would bring a dozen more.

mod exposition;
mod families;
mod requests;

pub use exposition::CONTENT_TYPE;
pub use families::exposition;
pub use requests::Requests;
