//! The query of an address, as forms write it: `+` is a blank, the rest is percent-encoded, once.
//!
//! The router's own map decodes every value twice, which changes a search for `100%25` and the cursor of a product with such a name.

use std::collections::BTreeMap;

use stockroom::{asked::MOMENTS, settings::zone};

use crate::request;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// The query of the page's own address.
#[must_use]
pub fn use_fields() -> Fields {
    let address = request::current().map(|request| request.address).unwrap_or_default();
    Fields::parse(address.split_once('?').map_or("", |(_, query)| query))
}

impl Fields {
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs = query.trim_start_matches('?').split('&');
        Self(
            pairs
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (decoded(name), decoded(value)))
                .collect(),
        )
    }

    /// All fields; of one that comes twice, the last.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, String> {
        self.0.iter().cloned().collect()
    }

    /// All fields as queries read them: a day is the moment at which it begins in the shop's zone. Programs ask by days of UTC.
    #[must_use]
    pub fn asked(&self) -> BTreeMap<String, String> {
        let zone = request::time_zone();
        let mut all = self.to_map();
        for name in MOMENTS {
            if let Some(value) = all.get_mut(name)
                && let Some(begins) = zone::beginning(value.trim(), &zone)
            {
                *value = begins.to_string();
            }
        }
        all
    }

    /// A field that is there and not blank: plain forms send all their fields.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let value = self.exact(name)?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The day of a field that holds a day or a moment, as a date input takes it; none for what is neither.
    #[must_use]
    pub fn day(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let zone = request::time_zone();
        if zone::beginning(&value, &zone).is_some() {
            return Some(value);
        }
        zone::day(&value, &zone)
    }

    /// A field that is there and not blank, with its outer blanks: they belong to a cursor.
    #[must_use]
    pub fn exact(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        (!value.is_empty()).then_some(value)
    }
}

/// What is not an escape stays as it is, and what is not UTF-8 becomes a replacement character: the same on both sides.
fn decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        let (byte, taken) = match (*first, escape(after)) {
            (b'%', Some(byte)) => (byte, 3),
            (b'+', _) => (b' ', 1),
            (byte, _) => (byte, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that two hexadecimal digits stand for.
fn escape(after: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let [high, low, ..] = after else { return None };
    Some(digit(*high)? << 4 | digit(*low)?)
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn values_are_decoded_once() {
        let fields = Fields::parse("?q=100%2525&sku=A+B&name=%C3%BC&odd=5%&next=%2Fproducts%3Fq%3D1");
        let value = |name: &str| fields.get(name).unwrap_or_default();
        assert_eq!([value("q"), value("sku"), value("name")], ["100%25", "A B", "ü"]);
        assert_eq!([value("odd"), value("next")], ["5%", "/products?q=1"]);
    }

    #[test]
    fn blank_and_missing_fields_are_none() {
        let fields = Fields::parse("q=&sku=++&flag");
        assert_eq!(
            [fields.get("q"), fields.get("sku"), fields.get("flag")],
            [None, None, None]
        );
        assert_eq!(Fields::parse(""), Fields::default());
    }
}
