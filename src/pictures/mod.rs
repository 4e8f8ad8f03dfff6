//! Pictures of products.

mod reference;

pub use reference::{DIGEST, IN_SHEET, Reference};
