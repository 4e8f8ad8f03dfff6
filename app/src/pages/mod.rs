//! One module for each address. A page fetches and composes; what it is made of is in `components`.

pub mod import;
pub mod imports;
pub mod login;
pub mod new_import;
pub mod not_found;
pub mod product;
pub mod products;
pub mod setup;
