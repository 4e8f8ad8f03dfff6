//! Folding: the one rule that says when two texts are the same name.
//!
//! Trim, NFKC, full Unicode case fold (`straße` = `STRASSE`), NFKC again. It is done here and stored beside the text, never
//! left to a database: SQLite folds ASCII only and PostgreSQL folds by its locale.
//! Source: Unicode Standard 3.13, definition D146 (compatibility caseless matching).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// The key under which `text` is compared. Two texts with one key are one name.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        return fold_ascii(trimmed);
    }
    let compatible: String = trimmed.nfkc().collect();
    let folded: String = caseless::default_case_fold_str(&compatible).nfkc().collect();
    Cow::Owned(folded.trim().to_owned())
}

fn fold_ascii(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_is_folded_fully_not_only_lowered() {
        assert_eq!(fold("straße"), fold("STRASSE"));
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
    }

    #[test]
    fn composed_and_decomposed_accents_are_one_name() {
        assert_eq!(fold("Caf\u{e9}"), fold("cafe\u{301}"));
    }

    #[test]
    fn the_dotted_capital_i_differs_from_the_plain_one() {
        assert_ne!(fold("İ"), fold("I"));
        assert_eq!(fold("I"), "i");
    }

    #[test]
    fn wide_letters_and_outer_blanks_do_not_matter() {
        assert_eq!(fold(" ＳＫＵ "), "sku");
        assert_eq!(fold("\u{a0}ab c\u{a0}"), "ab c");
    }
}
