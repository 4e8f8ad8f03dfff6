//! Fetches one picture: from an address that may be called, within its time, and no more of it than is kept.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, LOCATION};
use reqwest::{Response, StatusCode, Url};

use super::format::{self, Format, Unfit};
use crate::error::{Error, Result};
use crate::outbound::destination::{self, Policy, Refused};
use crate::outbound::{self, Names, NotFound, Resolver, cause};

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// Addresses to which others lead on.
const REDIRECTS: usize = 3;
/// What is wanted; servers that can write several kinds choose by it.
const WANTED: &str = "image/webp,image/png,image/jpeg,image/gif,image/avif;q=0.9,*/*;q=0.1";

/// What one fetch may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first connection to the last byte.
    pub whole: Duration,
    /// Without a byte.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole: Duration::from_secs(120),
            silence: Duration::from_secs(15),
        }
    }
}

/// Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    resolver: Resolver,
    pub limits: Limits,
}

/// A picture that was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub bytes: Bytes,
    pub format: Format,
}

/// Why a picture was not fetched, in words for whoever referred to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may be there later. `retry_after`: what the server asked for, from now.
    Passing {
        problem: String,
        retry_after: Option<time::Duration>,
    },
    /// Asking again would not help.
    Final(String),
}

impl Failure {
    fn passing(problem: impl Into<String>) -> Self {
        Self::Passing {
            problem: problem.into(),
            retry_after: None,
        }
    }

    fn refused(refused: &Refused) -> Self {
        Self::Final(format!("The address may not be fetched. {refused}"))
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        Self::Final(unfit.to_string())
    }
}

type Tried<T> = std::result::Result<T, Failure>;

impl Client {
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn new(policy: Policy, names: Names) -> Result<Self> {
        let resolver = Resolver::new(names, policy);
        let http = outbound::client(&resolver)
            .connect_timeout(CONNECT)
            .build()
            .map_err(|error| Error::Stored(format!("a client for pictures cannot be made: {error}")))?;
        Ok(Self {
            http,
            resolver,
            limits: Limits::default(),
        })
    }

    /// Fetches the picture at an address.
    ///
    /// # Errors
    /// Why it cannot be had, now or at all.
    pub async fn get(&self, address: &str) -> Tried<Fetched> {
        match tokio::time::timeout(self.limits.whole, self.follow(address)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::passing(format!(
                "The picture had not come after {} s.",
                self.limits.whole.as_secs()
            ))),
        }
    }

    async fn follow(&self, address: &str) -> Tried<Fetched> {
        let mut address = address.to_owned();
        for _ in 0..=REDIRECTS {
            // Each address is judged: one that may be called can lead to one that may not.
            let url =
                destination::check(&address, self.resolver.policy()).map_err(|refused| Failure::refused(&refused))?;
            let request = self.http.get(url.clone()).header(ACCEPT, WANTED);
            let response = request.send().await.map_err(|error| unreachable(&error))?;
            match leads_to(&url, &response) {
                Some(next) => address = next,
                None => return self.take(response).await,
            }
        }
        Err(Failure::Final(
            "The address leads on to others, more than three times. Use the address of the picture itself.".to_owned(),
        ))
    }

    async fn take(&self, mut response: Response) -> Tried<Fetched> {
        if !response.status().is_success() {
            return Err(answered(response.status(), &response));
        }
        if response
            .content_length()
            .is_some_and(|length| length > format::SIZE_MAX)
        {
            return Err(Unfit::TooLarge.into());
        }
        let (mut bytes, mut is_known) = (Vec::new(), false);
        while let Some(piece) = self.next(&mut response).await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > format::SIZE_MAX {
                return Err(Unfit::TooLarge.into());
            }
            // A film or a web page need not come in whole to be known as none.
            if !is_known && bytes.len() >= format::BEGINNING {
                is_known = format::media_type(&bytes).is_some();
                if !is_known {
                    return Err(format::other(&bytes).into());
                }
            }
        }
        let format = format::read(&bytes)?;
        Ok(Fetched {
            bytes: bytes.into(),
            format,
        })
    }

    async fn next(&self, response: &mut Response) -> Tried<Option<Bytes>> {
        match tokio::time::timeout(self.limits.silence, response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(_)) => Err(Failure::passing("The connection ended in the middle of the picture.")),
            Err(_) => Err(Failure::passing(format!(
                "The server said nothing for {} s in the middle of the picture.",
                self.limits.silence.as_secs()
            ))),
        }
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

fn answered(status: StatusCode, response: &Response) -> Failure {
    let is_passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
    let problem = match status.as_u16() {
        401 | 403 => format!("The server answered {status}: it does not give the picture to everybody."),
        404 | 410 => format!("The server answered {status}: nothing is at this address."),
        429 => "The server answered 429: it has too much to do.".to_owned(),
        500..=599 => format!("The server answered {status}: it has a problem of its own."),
        _ => format!("The server answered {status} and gave no picture."),
    };
    if is_passing {
        Failure::Passing {
            problem,
            retry_after: outbound::retry_after(response.headers()),
        }
    } else {
        Failure::Final(problem)
    }
}

/// Why no answer came.
fn unreachable(error: &reqwest::Error) -> Failure {
    if let Some(refused) = cause::<Refused>(error) {
        return Failure::refused(refused);
    }
    if let Some(not_found) = cause::<NotFound>(error) {
        return Failure::passing(format!("{not_found}.").replacen("the name", "The name", 1));
    }
    if let Some(rustls::Error::InvalidCertificate(_)) = cause::<rustls::Error>(error) {
        return Failure::Final(
            "The server's certificate cannot be trusted: it has expired, belongs to another name, or was issued by somebody unknown."
                .to_owned(),
        );
    }
    if error.is_connect() || error.is_timeout() {
        return Failure::passing("No connection to the server could be made.");
    }
    Failure::passing("The server ended the connection without a proper answer.")
}
