//! A stored file as numbered rows of cells.

mod csv;

pub(super) use csv::{ReadError, Rows};
