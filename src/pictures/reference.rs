//! What a product's list of pictures consists of: where to have each from.

use reqwest::Url;

/// Bytes of a reference: what an index of PostgreSQL holds.
const LONGEST: usize = 2_000;
/// What the name of a picture without an address begins with.
pub const DIGEST: &str = "sha256:";
/// What a cell of a workbook becomes that has a picture: this, and the picture's name in the workbook.
pub const IN_SHEET: &str = "picture:";

/// An address, or the digest of a picture that came in a file and is kept in the file store from the start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(String);

impl Reference {
    /// The picture at an address of the web, without what stands behind `#`.
    #[must_use]
    pub fn of_address(text: &str) -> Option<Self> {
        let mut url = Url::parse(text.trim()).ok()?;
        let is_of_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
        let is_open = url.username().is_empty() && url.password().is_none();
        url.set_fragment(None);
        (is_of_web && is_open && url.as_str().len() <= LONGEST).then(|| Self(url.into()))
    }

    /// The picture with this SHA-256, in hexadecimal.
    #[must_use]
    pub fn of_digest(sha256: &str) -> Self {
        Self(format!("{DIGEST}{sha256}"))
    }

    /// As an export writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some(sha256) = text.strip_prefix(DIGEST) else {
            return Self::of_address(text);
        };
        let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_digest.then(|| Self::of_digest(sha256))
    }

    /// One that the database holds.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where to fetch it from, unless it came in a file.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        (!self.0.starts_with(DIGEST)).then_some(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn only_addresses_of_the_web_are_taken() {
        for text in [
            "",
            "mug.jpg",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
            "ftp://host/mug.jpg",
            "https://name:word@host/mug.jpg",
            "https://",
        ] {
            assert_eq!(Reference::of_address(text), None, "{text}");
        }
        let long = format!("https://host/{}", "a".repeat(2_000));
        assert_eq!(Reference::of_address(&long), None);
        assert_eq!(Reference::parse("sha256:../../x"), None);
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(
            Reference::parse(&digest).map(|known| known.as_str().to_owned()),
            Some(digest)
        );
        let picture = Reference::of_address(" HTTPS://Host/a b.jpg#top ").expect("an address");
        assert_eq!(picture.address(), Some("https://host/a%20b.jpg"));
    }
}
