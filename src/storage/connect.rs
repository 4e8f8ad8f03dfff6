//! Opening the store that an address names, and finding out whether it answers.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error as StoreError, RetryConfig};

use super::{Place, Storage};
use crate::disk::Disks;
use crate::error::Result;
use crate::outbound;
use crate::problem::Problem;

/// For how long a service that does not answer is asked again when the program starts.
const PATIENCE: Duration = Duration::from_secs(10);

impl Storage {
    /// Opens `file://path`, creating the folder, or `s3://bucket/prefix`, by the usual variables of the environment: `AWS_ENDPOINT_URL`,
    /// `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …
    ///
    /// # Errors
    /// When the address is of another kind, the folder cannot be made, or the service does not answer as it should.
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, variables()).await
    }

    /// The same, with those variables given.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_with(url: &str, variables: Vec<(String, String)>) -> Result<Self> {
        let place = |folder: Option<&str>| Place {
            address: url.trim_end_matches('/').into(),
            folder: folder.map(|folder| FilePath::new(folder).into()),
        };
        if let Some(folder) = url.strip_prefix("file://") {
            in_folder(folder, place(Some(folder)))
        } else if let Some(bucket) = url.strip_prefix("s3://") {
            in_bucket(bucket, variables, place(None)).await
        } else {
            let detail = format!("STORAGE_URL must begin with file:// or s3://, but is {url}.");
            Err(Problem::bad_request(detail).into())
        }
    }
}

fn in_folder(folder: &str, place: Place) -> Result<Storage> {
    std::fs::create_dir_all(FilePath::new(folder))?;
    let open = || LocalFileSystem::new_with_prefix(folder).map(|store| store.with_automatic_cleanup(true));
    Ok(Storage {
        store: Arc::new(open()?),
        durable: Arc::new(open()?.with_fsync(true)),
        place,
        disks: Disks::default(),
    })
}

async fn in_bucket(path: &str, variables: Vec<(String, String)>, place: Place) -> Result<Storage> {
    outbound::use_tls();
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        let detail = "STORAGE_URL names no bucket. It is written like s3://bucket/prefix.";
        return Err(Problem::bad_request(detail).into());
    }
    let builder = configured(bucket, variables);
    let service = Service {
        bucket: bucket.to_owned(),
        endpoint: builder.get_config_value(&AmazonS3ConfigKey::Endpoint),
    };
    let asked_soon = RetryConfig {
        max_retries: 3,
        retry_timeout: PATIENCE,
        ..RetryConfig::default()
    };
    let build = |builder: AmazonS3Builder| builder.build().map_err(|error| service.refused(&error));
    service.check(&build(builder.clone().with_retry(asked_soon))?).await?;
    let store = Arc::new(PrefixStore::new(build(builder)?, Path::from(prefix)));
    Ok(Storage {
        store: store.clone(),
        durable: store,
        place,
        disks: Disks::default(),
    })
}

/// Those of the environment. What is no text is none of them.
pub(super) fn variables() -> Vec<(String, String)> {
    let environment = std::env::vars_os();
    let texts = environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    texts.collect()
}

pub(super) fn configured(bucket: &str, variables: Vec<(String, String)>) -> AmazonS3Builder {
    let mut builder = AmazonS3Builder::new();
    for (name, value) in variables {
        let name = name.to_ascii_lowercase();
        if let (true, Ok(key)) = (name.starts_with("aws_"), name.parse::<AmazonS3ConfigKey>()) {
            builder = builder.with_config(key, value);
        }
    }
    let keys = [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint];
    let is_plain = keys.iter().filter_map(|key| builder.get_config_value(key));
    let is_plain = is_plain.into_iter().any(|endpoint| endpoint.starts_with("http://"));
    let builder = if is_plain {
        builder.with_allow_http(true)
    } else {
        builder
    };
    builder.with_bucket_name(bucket)
}

/// What is asked for files, for the words that say what is wrong with it.
struct Service {
    bucket: String,
    endpoint: Option<String>,
}

impl Service {
    /// Lists the bucket, which needs the service, its bucket and a key that is right.
    async fn check(&self, store: &AmazonS3) -> Result<()> {
        let one = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        match store.list_paginated(None, one).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refused(&error).into()),
        }
    }

    fn refused(&self, error: &StoreError) -> Problem {
        let Self { bucket, endpoint } = self;
        let service = endpoint.as_deref().unwrap_or("Amazon S3");
        tracing::error!(
            error = error as &dyn std::error::Error,
            "the file store does not answer"
        );
        // The library does not tell these apart when it lists; the codes are S3's own.
        let answer = format!("{error:?}");
        let says = |codes: &[&str]| codes.iter().any(|code| answer.contains(code));
        let detail = if says(&["NoSuchBucket"]) {
            format!(
                "There is no bucket {bucket} at {service}. Make it, or correct STORAGE_URL, AWS_REGION or AWS_ENDPOINT_URL."
            )
        } else if says(&["AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"]) {
            format!(
                "{service} does not let this program at the bucket {bucket}. Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
                 what that key may do."
            )
        } else {
            format!(
                "{service} does not answer for the bucket {bucket}. Look at AWS_ENDPOINT_URL, AWS_REGION and the service itself; the log \
                 has its answer."
            )
        };
        Problem::new(503, "The file store cannot be used", detail)
    }
}
