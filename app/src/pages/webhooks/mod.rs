//! Webhooks: who is told what, and how it went.

pub mod delivery;
pub mod detail;
pub mod edit;
pub mod form;
mod health;
pub mod list;
pub mod log;
pub mod replay;
mod snippets;
mod trial;

use stockroom::webhooks::{Delivery, ErrorKind};

/// Where an address leads, without the rest of it.
#[must_use]
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// `200`, or what went wrong instead.
#[must_use]
fn answer(status: Option<i64>, error: Option<ErrorKind>) -> String {
    match (status, error) {
        (Some(status), _) => status.to_string(),
        (None, Some(kind)) => reason(kind).to_owned(),
        (None, None) => "–".to_owned(),
    }
}

fn reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Blocked => "Not allowed",
        ErrorKind::Dns => "Name not found",
        ErrorKind::Connect => "No connection",
        ErrorKind::Tls => "Certificate",
        ErrorKind::Timeout => "No answer",
        ErrorKind::Broken => "Broken off",
        ErrorKind::Http => "Refused",
    }
}

/// `182 ms`
fn milliseconds(delivery: &Delivery) -> String {
    delivery
        .duration_ms
        .map_or_else(|| "–".to_owned(), |ms| format!("{} ms", crate::wording::grouped(ms)))
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_host_of_an_address_is_what_people_know_it_by() {
        assert_eq!(host("https://hooks.example.com:8443/a?b#c"), "hooks.example.com:8443");
        assert_eq!(host("https://example.com"), "example.com");
    }
}
