//! The limits and spellings of a product's plain fields, one rule for forms, the API and the rows of files.

/// Characters. Longer names break labels, receipts and every table.
pub const NAME_MAX: usize = 500;
/// Characters.
pub const DESCRIPTION_MAX: usize = 100_000;
/// Of one extra attribute.
pub const ATTRIBUTE_MAX: usize = 10_000;

/// Reads "is it for sale?" as shops and their systems write it; `None` when it is neither yes nor no.
#[must_use]
pub fn parse_active(text: &str) -> Option<bool> {
    const YES: [&str; 12] = [
        "true",
        "1",
        "yes",
        "y",
        "t",
        "on",
        "active",
        "enabled",
        "published",
        "ja",
        "oui",
        "visible",
    ];
    const NO: [&str; 16] = [
        "false",
        "0",
        "no",
        "n",
        "f",
        "off",
        "inactive",
        "disabled",
        "unpublished",
        "draft",
        "archived",
        "hidden",
        "nein",
        "non",
        "-1",
        "private",
    ];
    let word = text.trim().to_lowercase();
    if YES.contains(&word.as_str()) {
        Some(true)
    } else if NO.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

/// Whether `text` has at most `most` characters, without counting those of a short one.
#[must_use]
pub fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || text.chars().count() <= most
}

#[cfg(test)]
mod tests {
    use super::parse_active;

    #[test]
    fn yes_and_no_are_read_in_the_spellings_of_other_systems() {
        assert_eq!(parse_active(" TRUE "), Some(true));
        assert_eq!(parse_active("archived"), Some(false));
        assert_eq!(parse_active("-1"), Some(false));
        assert_eq!(parse_active("maybe"), None);
    }
}
