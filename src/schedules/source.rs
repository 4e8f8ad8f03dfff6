//! Where a file is fetched from: an address on the web, or an object in a bucket.

use reqwest::Url;

use crate::outbound::destination::{self, Policy, Refused};
use crate::storage::buckets;

/// Stands for what of an address is not shown.
const HIDDEN: &str = "…";
const EXAMPLE: &str = "Enter an address that begins with https:// or s3://, such as https://example.com/prices.csv or s3://bucket/prices.csv.";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Web(Url),
    Bucket { bucket: String, key: String },
}

impl Source {
    /// Reads an address and says whether it may be fetched, as far as that can be seen without looking its name up.
    ///
    /// # Errors
    /// Why not, in words for whoever typed it.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, String> {
        let text = text.trim();
        if let Some(place) = text.strip_prefix("s3://") {
            let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
            buckets::check_names(bucket, key)?;
            return Ok(Self::Bucket {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
            });
        }
        let mut url = destination::check(text, policy).map_err(|refused| match refused {
            Refused::NoAddress => EXAMPLE.to_owned(),
            other => other.to_string(),
        })?;
        url.set_fragment(None);
        Ok(Self::Web(url))
    }

    /// The whole address, which may hold a key.
    #[must_use]
    pub fn whole(&self) -> String {
        match self {
            Self::Web(url) => url.to_string(),
            Self::Bucket { bucket, key } => format!("s3://{bucket}/{key}"),
        }
    }

    /// What of it anybody may see: keys stand behind the question mark.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Web(url) => {
                let mut shown = url.clone();
                shown.set_query(None);
                let mark = if url.query().is_some() { "?" } else { "" };
                let hidden = if url.query().is_some() { HIDDEN } else { "" };
                format!("{shown}{mark}{hidden}")
            }
            Self::Bucket { .. } => self.whole(),
        }
    }

    /// What the import of it is called; nothing where the address names no file.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let last = match self {
            Self::Web(url) => url.path_segments()?.next_back()?.to_owned(),
            Self::Bucket { key, .. } => key.rsplit('/').next()?.to_owned(),
        };
        (!last.is_empty()).then(|| decoded(&last))
    }
}

/// With `%20` as the blank that it stands for. What is no text then stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let hex = (*first == b'%').then(|| others.get(..2)).flatten();
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::outbound::destination::Policy;

    fn parsed(text: &str) -> Result<Source, String> {
        Source::parse(text, &Policy::default())
    }

    #[test]
    fn an_address_is_kept_whole_and_shown_without_its_keys() {
        for (text, whole, shown, name) in [
            (
                "https://example.com/lists/Price%20list.csv?sig=abc#top",
                "https://example.com/lists/Price%20list.csv?sig=abc",
                "https://example.com/lists/Price%20list.csv?…",
                Some("Price list.csv"),
            ),
            (
                " https://example.com ",
                "https://example.com/",
                "https://example.com/",
                None,
            ),
            (
                "https://example.com/100%.csv",
                "https://example.com/100%.csv",
                "https://example.com/100%.csv",
                Some("100%.csv"),
            ),
            (
                "s3://supplier-lists/daily/prices.csv",
                "s3://supplier-lists/daily/prices.csv",
                "s3://supplier-lists/daily/prices.csv",
                Some("prices.csv"),
            ),
        ] {
            let source = parsed(text).expect("an address");
            assert_eq!(
                (
                    source.whole().as_str(),
                    source.shown().as_str(),
                    source.file_name().as_deref()
                ),
                (whole, shown, name)
            );
        }
    }

    #[test]
    fn what_may_not_be_fetched_is_refused_in_words() {
        for (text, words) in [
            ("", "https://example.com/prices.csv"),
            ("ftp://example.com/a.csv", "s3://bucket/prices.csv"),
            ("file:///etc/passwd", "https:// or s3://"),
            ("http://example.com/a.csv", "must be allowed"),
            ("https://127.0.0.1/a.csv", "127.0.0.1 is not a public address"),
            ("https://169.254.169.254/latest", "not a public address"),
            ("https://user:pw@example.com/a.csv", "header"),
            ("https://example.com:22/a.csv", "Port 22"),
            ("s3://", "name of a bucket"),
            ("s3://bucket", "file in the bucket"),
            ("s3://bucket/", "file in the bucket"),
            ("s3://Bucket_1/a.csv", "name of a bucket"),
            ("s3://a@b/x.csv", "name of a bucket"),
            ("s3://bucket/a\nb", "file in the bucket"),
        ] {
            let said = parsed(text).expect_err("a refusal");
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
