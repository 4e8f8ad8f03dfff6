//! One call to a receiver: signed, to an address that may be called, within its time, and with no more of the answer read than is shown.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Response, StatusCode};

use super::answers::{self, Failure};
use super::signature::SigningSecret;
use super::{CustomHeader, ErrorKind, Headers};
use crate::error::{Error, Result};
use crate::outbound::destination::{self, Policy, Refused};
use crate::outbound::{self, Names, Resolver};

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// For reading an answer whose status is known already.
const READ: Duration = Duration::from_secs(3);
/// Bytes of an answer that are read and kept.
const BODY_MAX: usize = 16 * 1024;
/// Connections to one receiver that are kept for the next call.
const KEPT: usize = 8;

/// Says that a request comes from a webhook, so that two that call each other can be told.
pub const HOP: &str = "stockroom-webhook";

/// Calls receivers. Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    resolver: Resolver,
}

/// What is sent where.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub url: &'a str,
    pub headers: &'a [CustomHeader],
    /// All of them sign.
    pub secrets: &'a [SigningSecret],
    pub timeout: Duration,
    pub message_id: &'a str,
    pub body: &'a str,
    /// Seconds since 1970.
    pub timestamp: i64,
}

/// What came of a call.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub duration: Duration,
    /// Without the values that are secret.
    pub request_headers: Headers,
    pub status: Option<u16>,
    pub headers: Headers,
    pub body: Option<String>,
    pub is_cut: bool,
    pub failure: Option<Failure>,
    /// `Retry-After`, from now.
    pub retry_after: Option<time::Duration>,
}

impl Answer {
    #[must_use]
    pub fn arrived(&self) -> bool {
        self.failure.is_none()
    }

    /// Whether the receiver says that it has too much to do, or seems to have.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let timed_out = self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.kind == ErrorKind::Timeout);
        timed_out || matches!(self.status, Some(429 | 502 | 503 | 504))
    }
}

impl Client {
    /// Receivers are trusted that the system's certificates or those in `ca_file` vouch for.
    ///
    /// # Errors
    /// When certificates cannot be read.
    pub fn new(policy: Policy, names: Names, ca_file: Option<&Path>) -> Result<Self> {
        let resolver = Resolver::new(names, policy);
        let http = outbound::client(&resolver)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(KEPT)
            .tls_certs_merge(outbound::certificates(ca_file)?)
            .build()
            .map_err(|error| Error::Stored(format!("a client for webhooks cannot be made: {error}")))?;
        Ok(Self { http, resolver })
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.resolver.policy()
    }

    /// Whether the name of an address leads somewhere that may not be called. One that cannot be found now may be tomorrow.
    ///
    /// # Errors
    /// Why it may not be called.
    pub async fn check_name(&self, url: &reqwest::Url) -> std::result::Result<(), Refused> {
        let Some(name) = url.domain() else { return Ok(()) };
        let found = tokio::time::timeout(CONNECT / 2, self.resolver.addresses(name)).await;
        match found {
            Ok(Err(error)) => match error.downcast::<Refused>() {
                Ok(refused) => Err(*refused),
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Makes the call. Whatever goes wrong is part of the answer.
    pub async fn call(&self, call: Call<'_>) -> Answer {
        let began = Instant::now();
        let headers = match headers(&call) {
            Ok(headers) => headers,
            Err(failure) => {
                return Answer {
                    failure: Some(failure),
                    ..Answer::default()
                };
            }
        };
        let mut answer = Answer {
            request_headers: shown(&headers, call.headers),
            ..Answer::default()
        };
        match self.send(&call, headers, began).await {
            Ok(response) => read(response, call.timeout.saturating_sub(began.elapsed()), &mut answer).await,
            Err(failure) => answer.failure = Some(failure),
        }
        answer.duration = began.elapsed();
        answer
    }

    async fn send(
        &self,
        call: &Call<'_>,
        headers: HeaderMap,
        began: Instant,
    ) -> std::result::Result<Response, Failure> {
        // Asked for every call: a literal address never meets the resolver, and what may be called may have changed.
        let url = destination::check(call.url, self.policy()).map_err(|refused| Failure::blocked(&refused))?;
        let request = self.http.post(url).headers(headers).body(call.body.to_owned());
        match tokio::time::timeout(call.timeout.saturating_sub(began.elapsed()), request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Failure::of(&error)),
            Err(_) => Err(Failure::timeout(call.timeout)),
        }
    }
}

/// All that a call says in its head.
fn headers(call: &Call<'_>) -> std::result::Result<HeaderMap, Failure> {
    let signatures: Vec<String> = call
        .secrets
        .iter()
        .map(|secret| secret.sign(call.message_id, call.timestamp, call.body))
        .collect();
    let own = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", call.message_id.to_owned()),
        ("webhook-timestamp", call.timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
        (HOP, "1".to_owned()),
    ];
    let additional = call
        .headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.clone()));
    let mut headers = HeaderMap::new();
    for (name, value) in additional.chain(own) {
        let unusable = || Failure::new(ErrorKind::Broken, format!("The header {name} cannot be sent."));
        let value = HeaderValue::from_str(&value).map_err(|_| unusable())?;
        headers.insert(HeaderName::try_from(name).map_err(|_| unusable())?, value);
    }
    Ok(headers)
}

/// The head as the log shows it: whoever reads the log must not be able to call in our name.
fn shown(headers: &HeaderMap, secret: &[CustomHeader]) -> Headers {
    let is_secret =
        |name: &str| name == "webhook-signature" || secret.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let pairs = headers.iter().map(|(name, value)| {
        let value = if is_secret(name.as_str()) {
            "…".to_owned()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        (name.to_string(), value)
    });
    let agent = [("user-agent".to_owned(), outbound::USER_AGENT.to_owned())];
    pairs.chain(agent).collect()
}

/// Takes over status, head and the beginning of the body. The status decides, also where the body never ends.
async fn read(mut response: Response, left: Duration, answer: &mut Answer) {
    let status = response.status();
    answer.status = Some(status.as_u16());
    answer.headers = answers::headers(response.headers());
    answer.retry_after = outbound::retry_after(response.headers());
    if !status.is_success() {
        answer.failure = Some(Failure::status(status, response.headers()));
    }
    let mut body = Vec::new();
    let whole = tokio::time::timeout(left.min(READ), async {
        while let Some(piece) = response.chunk().await? {
            body.extend_from_slice(&piece[..piece.len().min(BODY_MAX + 1 - body.len())]);
            if body.len() > BODY_MAX {
                return Ok(false);
            }
        }
        Ok::<bool, reqwest::Error>(true)
    });
    answer.is_cut = !matches!(whole.await, Ok(Ok(true)));
    body.truncate(BODY_MAX);
    answer.body = (status != StatusCode::NO_CONTENT).then(|| answers::text(&body));
}
