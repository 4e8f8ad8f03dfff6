//! Answers and failures as they are kept and shown: in a person's words, and never longer than anybody reads.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION};

use super::{ErrorKind, Headers};
use crate::outbound::destination::Refused;
use crate::outbound::{NotFound, cause};

/// Bytes of all headers of an answer that are kept.
const HEADERS_MAX: usize = 16 * 1024;

/// Why a call did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub kind: ErrorKind,
    pub text: String,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    pub(super) fn blocked(refused: &Refused) -> Self {
        Self::new(ErrorKind::Blocked, refused.to_string())
    }

    pub(super) fn timeout(after: Duration) -> Self {
        Self::new(ErrorKind::Timeout, format!("No answer after {} s.", after.as_secs()))
    }

    /// Any answer that is no success.
    pub(super) fn status(status: StatusCode, headers: &HeaderMap) -> Self {
        let to = headers.get(LOCATION).map(|to| text(to.as_bytes())).unwrap_or_default();
        let said = match status.as_u16() {
            300..=399 => {
                format!("The receiver sends calls on to “{to}”. Redirects are not followed: enter the new address.")
            }
            401 | 403 => format!("The receiver answered {status}: it does not accept the signature, or wants a key."),
            404 => "The receiver answered 404: nothing is at this address.".to_owned(),
            410 => "The receiver answered 410: it does not want these events any more.".to_owned(),
            429 => "The receiver answered 429: it has too much to do.".to_owned(),
            500..=599 => format!("The receiver answered {status}: it has a problem of its own."),
            _ => format!("The receiver answered {status}; only 200 to 299 say that an event has arrived."),
        };
        Self::new(ErrorKind::Http, said)
    }

    /// What a call failed of, found among its causes.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if let Some(refused) = cause::<Refused>(error) {
            return Self::blocked(refused);
        }
        if let Some(not_found) = cause::<NotFound>(error) {
            return Self::new(
                ErrorKind::Dns,
                format!("{not_found}.").replacen("the name", "The name", 1),
            );
        }
        if let Some(tls) = cause::<rustls::Error>(error) {
            return Self::new(ErrorKind::Tls, in_words(tls));
        }
        if error.is_timeout() {
            return Self::new(ErrorKind::Timeout, "No connection after 5 s.");
        }
        let io = cause::<std::io::Error>(error).map(std::io::Error::kind);
        match io {
            Some(std::io::ErrorKind::ConnectionRefused) => Self::new(
                ErrorKind::Connect,
                "Nothing listens at this address: the connection was refused.",
            ),
            _ if error.is_connect() => Self::new(ErrorKind::Connect, "No connection to the receiver could be made."),
            Some(std::io::ErrorKind::ConnectionReset) => {
                Self::new(ErrorKind::Broken, "The receiver broke the connection off.")
            }
            _ => Self::new(
                ErrorKind::Broken,
                "The receiver ended the connection without a proper answer.",
            ),
        }
    }
}

fn in_words(error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    let rustls::Error::InvalidCertificate(reason) = error else {
        return format!("No secure connection could be made: {error}.");
    };
    match reason {
        C::Expired | C::ExpiredContext { .. } => "The receiver's certificate has expired.".to_owned(),
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "The receiver's certificate belongs to another name.".to_owned()
        }
        C::UnknownIssuer | C::BadSignature => {
            "The receiver's certificate was issued by somebody who is not trusted here.".to_owned()
        }
        C::Revoked => "The receiver's certificate was revoked.".to_owned(),
        other => format!("The receiver's certificate cannot be used: {other:?}."),
    }
}

/// Bytes that somebody else chose, as text that every database takes.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

pub(super) fn headers(headers: &HeaderMap) -> Headers {
    let mut left = HEADERS_MAX;
    let mut kept = Headers::new();
    for (name, value) in headers {
        let value: String = text(value.as_bytes()).chars().take(2_000).collect();
        let Some(rest) = left.checked_sub(name.as_str().len() + value.len()) else {
            break;
        };
        left = rest;
        kept.push((name.to_string(), value));
    }
    kept
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_receiver_says_can_be_stored() {
        assert_eq!(super::text(b"a\0b\xff"), "a\u{fffd}b\u{fffd}");
    }
}
