//! Fetches one file into the store: from an address that may be called or from a bucket, within its time, and no more of it than a person
//! may upload. It is never whole in memory.

use std::path::Path;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use reqwest::{Response, StatusCode, Url};
use serde::{Deserialize, Serialize};

use super::failure::{Failure, Stopped};
use super::source::Source;
use crate::error::{Error, Result};
use crate::imports::intake::{self, Stored};
use crate::outbound::destination::{self, Policy, Refused};
use crate::outbound::{self, Names, Resolver};
use crate::storage::Storage;
use crate::storage::buckets::Buckets;
use crate::webhooks::CustomHeader;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// Addresses to which others lead on.
const REDIRECTS: usize = 3;
/// What is wanted; servers that can write several kinds choose by it.
const WANTED: &str =
    "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/plain;q=0.9, */*;q=0.5";

/// What one fetch may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first connection to the last byte.
    pub whole: Duration,
    /// Until an answer begins: lists are often written when somebody asks for them.
    pub answer: Duration,
    /// Without a byte.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole: Duration::from_secs(3_600),
            answer: Duration::from_secs(120),
            silence: Duration::from_secs(30),
        }
    }
}

/// Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    resolver: Resolver,
    pub buckets: Buckets,
    pub limits: Limits,
}

/// By what a file is known again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    pub sha256: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub source: &'a Source,
    pub header: Option<&'a CustomHeader>,
    /// The file of last time, which need not be sent again.
    pub seen: Option<&'a Seen>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Found {
    Unchanged,
    File(Stored, Seen),
}

type Tried<T> = std::result::Result<T, Failure>;

impl Client {
    /// Servers are trusted that the system's certificates or those in `ca_file` vouch for.
    ///
    /// # Errors
    /// When certificates cannot be read.
    pub fn new(policy: Policy, names: Names, ca_file: Option<&Path>) -> Result<Self> {
        let resolver = Resolver::new(names, policy);
        let http = outbound::client(&resolver)
            .connect_timeout(CONNECT)
            // A connection kept for the next night, or for the address that another leads on to, may end at the moment it is used.
            .pool_max_idle_per_host(0)
            .tls_certs_merge(outbound::certificates(ca_file)?)
            .build()
            .map_err(|error| Error::Stored(format!("a client for scheduled imports cannot be made: {error}")))?;
        Ok(Self {
            http,
            resolver,
            buckets: Buckets::of_environment(),
            limits: Limits::default(),
        })
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        self.resolver.policy()
    }

    /// Whether the name of an address leads somewhere that may not be called. One that cannot be found now may be tomorrow.
    pub(super) async fn check_name(&self, source: &Source) -> std::result::Result<(), Refused> {
        let Source::Web(url) = source else { return Ok(()) };
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

    /// Fetches a file of at most `limit` bytes into the store.
    pub(super) async fn fetch(
        &self,
        storage: &Storage,
        limit: u64,
        asked: Asked<'_>,
    ) -> std::result::Result<Found, Stopped> {
        let fetched = async {
            match asked.source {
                Source::Web(url) => self.of_web(storage, limit, url, asked).await,
                Source::Bucket { bucket, key } => self.of_bucket(storage, limit, (bucket, key), asked).await,
            }
        };
        match tokio::time::timeout(self.limits.whole, fetched).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let minutes = self.limits.whole.as_secs() / 60;
                Err(Failure::passing(format!("The file had not come after {minutes} minutes.")).into())
            }
        }
    }

    async fn of_web(
        &self,
        storage: &Storage,
        limit: u64,
        url: &Url,
        asked: Asked<'_>,
    ) -> std::result::Result<Found, Stopped> {
        let response = self.follow(url, asked).await?;
        let (status, headers) = (response.status(), response.headers());
        if status == StatusCode::NOT_MODIFIED && asked.seen.is_some() {
            return Ok(Found::Unchanged);
        }
        if !status.is_success() {
            return Err(Failure::answered(status, headers).into());
        }
        check_kind(headers)?;
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(Failure::too_large(limit).into());
        }
        let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let (etag, last_modified) = (text(ETAG), text(LAST_MODIFIED));
        let silence = self.limits.silence;
        let pieces = stream::unfold(response, move |mut response| async move {
            let piece = next(&mut response, silence).await.transpose()?;
            Some((piece, response))
        });
        keep(storage, limit, pieces, etag, last_modified).await
    }

    /// The answer of the address, or of one that it leads on to.
    async fn follow(&self, url: &Url, asked: Asked<'_>) -> Tried<Response> {
        let mut address = url.to_string();
        for _ in 0..=REDIRECTS {
            // Each address is judged: one that may be called can lead to one that may not.
            let next = destination::check(&address, self.policy()).map_err(|refused| Failure::refused(&refused))?;
            // The key of a supplier is not for those to whom the supplier leads on.
            let header = asked.header.filter(|_| next.origin() == url.origin());
            let request = self.http.get(next.clone()).headers(head(header, asked.seen)?);
            let response = match tokio::time::timeout(self.limits.answer, request.send()).await {
                Ok(answer) => answer.map_err(|error| Failure::unreachable(&error))?,
                Err(_) => {
                    let seconds = self.limits.answer.as_secs();
                    return Err(Failure::passing(format!(
                        "The server gave no answer within {seconds} s."
                    )));
                }
            };
            match leads_to(&next, &response) {
                Some(further) => address = further,
                None => return Ok(response),
            }
        }
        Err(Failure::Final(
            "The address leads on to others, more than three times. Use the address of the file itself.".to_owned(),
        ))
    }

    async fn of_bucket(
        &self,
        storage: &Storage,
        limit: u64,
        (bucket, key): (&str, &str),
        asked: Asked<'_>,
    ) -> std::result::Result<Found, Stopped> {
        let tag = asked.seen.and_then(|seen| seen.etag.as_deref());
        let opened = tokio::time::timeout(self.limits.answer, self.buckets.open(bucket, key, tag)).await;
        let file = match opened {
            Ok(Ok(file)) => file,
            Ok(Err(object_store::Error::NotModified { .. })) if tag.is_some() => return Ok(Found::Unchanged),
            Ok(Err(error)) => {
                tracing::info!(
                    error = &error as &dyn std::error::Error,
                    bucket,
                    "a file in a bucket cannot be had"
                );
                return Err(Failure::of_bucket(&error).into());
            }
            Err(_) => return Err(Failure::passing("The S3 service gave no answer.").into()),
        };
        if file.meta.size > limit {
            return Err(Failure::too_large(limit).into());
        }
        let etag = file.meta.e_tag.clone();
        let silence = self.limits.silence;
        let pieces = stream::unfold(file.into_stream(), move |mut stream| async move {
            let piece = match tokio::time::timeout(silence, stream.next()).await {
                Ok(piece) => piece?.map_err(|error| Failure::of_bucket(&error)),
                Err(_) => Err(silent(silence)),
            };
            Some((piece, stream))
        });
        keep(storage, limit, pieces, etag, None).await
    }
}

/// Takes the pieces in as an upload is taken in.
async fn keep(
    storage: &Storage,
    limit: u64,
    pieces: impl Stream<Item = Tried<Bytes>>,
    etag: Option<String>,
    last_modified: Option<String>,
) -> std::result::Result<Found, Stopped> {
    // What broke it off is known here, and would be lost on the way.
    let broken = OnceLock::new();
    let noted = pieces.map(|piece| {
        piece.map_err(|failure| {
            drop(broken.set(failure));
            "the file did not come to its end"
        })
    });
    let received = intake::receive(storage, limit, pin!(noted)).await;
    if let Some(failure) = broken.get() {
        return Err(failure.clone().into());
    }
    let stored = match received {
        Ok(stored) => stored,
        Err(Error::Refused(problem)) if problem.status == 413 => return Err(Failure::too_large(limit).into()),
        Err(error) => return Err(error.into()),
    };
    let seen = Seen {
        sha256: stored.sha256().to_owned(),
        etag,
        last_modified,
    };
    Ok(Found::File(stored, seen))
}

async fn next(response: &mut Response, silence: Duration) -> Tried<Option<Bytes>> {
    match tokio::time::timeout(silence, response.chunk()).await {
        Ok(Ok(piece)) => Ok(piece),
        Ok(Err(_)) => Err(Failure::passing("The connection ended in the middle of the file.")),
        Err(_) => Err(silent(silence)),
    }
}

fn silent(silence: Duration) -> Failure {
    Failure::passing(format!(
        "The server said nothing for {} s in the middle of the file.",
        silence.as_secs()
    ))
}

/// All that a request says in its head.
fn head(header: Option<&CustomHeader>, seen: Option<&Seen>) -> Tried<HeaderMap> {
    let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(WANTED))]);
    let known = seen.into_iter().flat_map(|seen| {
        let pairs = [(IF_NONE_MATCH, &seen.etag), (IF_MODIFIED_SINCE, &seen.last_modified)];
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, HeaderValue::from_str(value.as_deref()?).ok()?)))
    });
    headers.extend(known);
    if let Some(header) = header {
        let unusable = || Failure::Final(format!("The header {} cannot be sent.", header.name));
        let mut value = HeaderValue::from_str(&header.value).map_err(|_| unusable())?;
        value.set_sensitive(true);
        headers.insert(
            HeaderName::try_from(header.name.as_str()).map_err(|_| unusable())?,
            value,
        );
    }
    Ok(headers)
}

/// What is certainly no list need not be read.
fn check_kind(headers: &HeaderMap) -> Tried<()> {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if text(CONTENT_TYPE)
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/html")
    {
        let problem = "The server answered with a web page instead of a file. Open the address in a browser: it may want somebody to sign in.";
        return Err(Failure::Final(problem.to_owned()));
    }
    match text(CONTENT_ENCODING).trim() {
        "" | "identity" => Ok(()),
        encoding => Err(Failure::Final(format!(
            "The server packed the file ({encoding}) without having been asked to. Ask for one that is not packed."
        ))),
    }
}

/// Where an answer sends whoever asks.
fn leads_to(url: &Url, response: &Response) -> Option<String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    Some(url.join(location).ok()?.into())
}
