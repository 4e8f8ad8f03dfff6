//! Calls to addresses that somebody else has chosen: where they may go, and the client that goes nowhere else.
//!
//! Knows neither webhooks nor pictures nor schedules; they make their calls with what is here. No redirect is followed by itself and no proxy is
//! used: whoever calls judges each address ([`destination::check`]), and the [`Resolver`] each one that a name leads to.

pub mod destination;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, RwLock};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, ClientBuilder};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::error::{Error, Result};
use destination::{Policy, Refused};

pub(crate) const USER_AGENT: &str = concat!("Stockroom/", env!("CARGO_PKG_VERSION"));

/// Where names are looked up.
#[derive(Clone, Debug, Default)]
pub enum Names {
    #[default]
    System,
    /// A list, which may change.
    Listed(Arc<RwLock<HashMap<String, Vec<IpAddr>>>>),
}

impl Names {
    async fn look_up(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            Self::Listed(list) => {
                let list = list.read().map_err(|_| std::io::Error::other("the list is broken"))?;
                Ok(list.get(name).cloned().unwrap_or_default())
            }
        }
    }
}

/// A name that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name {0} cannot be found")]
pub(crate) struct NotFound(String);

/// Looks names up for each connection, and gives out addresses only if every one of them may be called: of a mixed answer nobody knows
/// which one would be taken.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    names: Names,
    policy: Arc<Policy>,
}

impl Resolver {
    pub fn new(names: Names, policy: Policy) -> Self {
        Self {
            names,
            policy: Arc::new(policy),
        }
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub async fn addresses(&self, name: &str) -> std::result::Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>> {
        let found = self.names.look_up(name).await.unwrap_or_default();
        if found.is_empty() {
            return Err(Box::new(NotFound(name.to_owned())));
        }
        if let Some(private) = found
            .iter()
            .find(|address| !destination::is_allowed(**address, &self.policy))
        {
            return Err(Box::new(Refused::Private(format!("{name} leads to {private}, which"))));
        }
        Ok(found)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await?;
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Sets the one library of ciphers for all clients of this process.
pub fn use_tls() {
    // Only the first one in a process counts; they are all the same.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A client that goes where `resolver` lets it, still without time limits.
pub(crate) fn client(resolver: &Resolver) -> ClientBuilder {
    use_tls();
    reqwest::Client::builder()
        .dns_resolver(Arc::new(resolver.clone()))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(USER_AGENT)
}

/// Certificates, in PEM, by which others are trusted besides the system's.
pub(crate) fn certificates(ca_file: Option<&Path>) -> Result<Vec<Certificate>> {
    let Some(file) = ca_file else {
        return Ok(Vec::new());
    };
    let unreadable = |error| Error::Stored(format!("certificates of {}: {error}", file.display()));
    Certificate::from_pem_bundle(&std::fs::read(file)?).map_err(unreadable)
}

/// The first cause of that type. What an I/O error wraps is no source of it, and is looked into.
pub(crate) fn cause<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| cause::<E>(inner));
        if wrapped.is_some() {
            return wrapped;
        }
        next = error.source();
    }
    None
}

/// `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3). What is neither, or is over already, says nothing.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<time::Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        let seconds = i64::try_from(seconds.min(1 << 40)).ok()?;
        return Some(time::Duration::seconds(seconds));
    }
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    let wait = date - OffsetDateTime::now_utc();
    wait.is_positive().then_some(wait)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
    use time::Duration;

    fn asked(text: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(text).expect("a value"));
        super::retry_after(&headers)
    }

    #[test]
    fn a_wish_to_be_called_later_is_understood_or_left_alone() {
        assert_eq!(asked("120"), Some(Duration::seconds(120)));
        assert_eq!(asked("1000000000"), Some(Duration::seconds(1_000_000_000)));
        for nothing in ["-5", "0.5", "1e9", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
        assert!(asked("Fri, 01 Jan 2100 00:00:00 GMT").is_some_and(|wait| wait > Duration::days(365)));
    }
}
