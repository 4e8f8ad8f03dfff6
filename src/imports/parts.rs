//! What only some files say of their products. Files without any of it are staged and compared by shorter statements.

use super::FileFormat;
use super::options::Mode;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Which products are variants of which, or how they differ.
    pub variants: bool,
    /// Columns that are kept under their own names.
    pub attributes: bool,
    pub pictures: bool,
    /// Rows with one handle are one product, whose pictures stand in all of them.
    pub handles: bool,
}

impl Parts {
    /// Of a product that is to be deleted nothing is read but its name.
    pub fn of(format: &FileFormat, mode: Mode) -> Self {
        if mode == Mode::Delete {
            return Self::default();
        }
        Self {
            variants: format.has_variants(),
            attributes: format.uses("attribute"),
            pictures: format.uses("pictures") || format.uses("variant_picture"),
            handles: format.uses("handle"),
        }
    }

    pub fn has_gathered_pictures(self) -> bool {
        self.pictures && self.handles
    }
}
