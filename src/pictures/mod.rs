//! Pictures of products.

mod reference;

pub use reference::{IN_SHEET, Reference};
