//! Files in other people's buckets, which are read and never written. The service and the key are those of the environment, as for
//! files of our own in S3.

use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{GetOptions, GetResult, ObjectStore as _, RetryConfig};

use super::connect;
use crate::outbound;

/// Characters.
const KEY_MAX: usize = 1_024;
/// For how long a service that does not answer is asked again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens files in buckets. Cloning is shallow.
#[derive(Clone)]
pub struct Buckets(Arc<[(String, String)]>);

impl std::fmt::Debug for Buckets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Buckets(…)")
    }
}

impl Buckets {
    /// With the usual variables: `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …
    #[must_use]
    pub fn of_environment() -> Self {
        Self(connect::variables().into())
    }

    /// The same, with those variables given.
    #[must_use]
    pub fn with(variables: Vec<(String, String)>) -> Self {
        Self(variables.into())
    }

    /// A file, unless it still is the one with this tag.
    ///
    /// # Errors
    /// What the service says; `NotModified` when it is the one with this tag.
    pub async fn open(&self, bucket: &str, key: &str, but: Option<&str>) -> object_store::Result<GetResult> {
        outbound::use_tls();
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: PATIENCE,
            ..RetryConfig::default()
        };
        let store = connect::configured(bucket, self.0.to_vec()).with_retry(retry).build()?;
        let options = GetOptions {
            if_none_match: but.map(str::to_owned),
            ..GetOptions::default()
        };
        store.get_opts(&Path::parse(key)?, options).await
    }
}

/// Whether there can be such a bucket with such a file.
///
/// # Errors
/// What is wrong, in words for whoever typed it.
pub(crate) fn check_names(bucket: &str, key: &str) -> Result<(), String> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let is_bucket = (3..=63).contains(&bucket.len()) && bucket.bytes().all(is_name);
    if !is_bucket {
        return Err(
            "Enter the name of a bucket behind s3://, in small letters, such as s3://bucket/prices.csv.".to_owned(),
        );
    }
    if key.is_empty()
        || key.len() > KEY_MAX
        || key.ends_with('/')
        || Path::parse(key).is_err()
        || key.contains(char::is_control)
    {
        return Err("Enter the name of a file in the bucket, such as s3://bucket/prices.csv.".to_owned());
    }
    Ok(())
}
