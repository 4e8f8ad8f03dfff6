//! SKU: the name of a product. Kept as typed, unique by its folded key.

use crate::fold::fold;

/// Characters.
pub const SKU_MAX: usize = 200;

/// A checked SKU: never empty, never with characters that nobody can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sku {
    text: String,
    key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkuError {
    Missing,
    TooLong,
    Invisible,
}

impl Sku {
    /// # Errors
    /// When nothing is left after trimming, when it is longer than [`SKU_MAX`], or when it holds control, zero-width or
    /// direction-changing characters: two such SKUs would look the same and be different.
    pub fn parse(text: &str) -> Result<Self, SkuError> {
        let text = text.trim();
        if text.chars().any(is_invisible) {
            return Err(SkuError::Invisible);
        }
        if text.is_empty() {
            return Err(SkuError::Missing);
        }
        if text.chars().count() > SKU_MAX {
            return Err(SkuError::TooLong);
        }
        Ok(Self {
            text: text.to_owned(),
            key: fold(text).into_owned(),
        })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text and its folded key.
    #[must_use]
    pub fn into_parts(self) -> (String, String) {
        (self.text, self.key)
    }

    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{Sku, SkuError};

    fn key(text: &str) -> String {
        Sku::parse(text).expect("a SKU").into_parts().1
    }

    #[test]
    fn case_does_not_make_another_product() {
        assert_eq!(key("abc"), key(" ABC "));
        assert_eq!(key("straße"), key("STRASSE"));
    }

    #[test]
    fn leading_zeros_and_inner_blanks_stay() {
        assert_eq!(Sku::parse("0017").expect("a SKU").as_str(), "0017");
        assert_eq!(key("a  b"), "a  b");
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for text in ["a\u{200b}b", "\u{202e}cba", "a\0b", "a\tb", "\u{feff}a"] {
            assert_eq!(Sku::parse(text), Err(SkuError::Invisible), "{text:?}");
        }
    }

    #[test]
    fn empty_and_endless_skus_are_refused() {
        assert_eq!(Sku::parse("  "), Err(SkuError::Missing));
        assert_eq!(Sku::parse(&"x".repeat(10_000)), Err(SkuError::TooLong));
        assert!(Sku::parse(&"é".repeat(200)).is_ok());
    }
}
