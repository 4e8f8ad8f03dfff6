//! Files: what people upload, kept under keys of ours in a store behind `object_store`: a folder, or a bucket of a service that speaks S3.
//!
//! A person's file name never becomes a key or a path. A file is one object, or several with a list of them ([`pieces`]); whoever reads it
//! does not see the difference.

pub mod buckets;
mod connect;
mod pieces;
mod reading;
mod writing;

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};

pub use pieces::Piece;
pub(crate) use pieces::Waiting;
pub use reading::StoredFile;
pub use writing::{Upload, Written};

use crate::disk::Disks;
use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    /// The same, for what is promised to be kept when the power fails a moment later.
    durable: Arc<dyn ObjectStore>,
    place: Place,
    /// Where it is a folder: those that must not run full.
    disks: Disks,
}

/// Where the files are.
#[derive(Clone, Debug)]
struct Place {
    /// As STORAGE_URL says it, which names no key.
    address: Arc<str>,
    /// `None` for a bucket, which is shared with other machines.
    folder: Option<Arc<FilePath>>,
}

impl Storage {
    /// Where the files are, as STORAGE_URL says it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.place.address
    }

    /// Whether processes on other machines reach the same files.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.place.folder.is_none()
    }

    /// The same store, which takes nothing more once one of the disks is nearly full.
    #[must_use]
    pub fn watching(self, disks: Disks) -> Self {
        Self { disks, ..self }
    }

    /// # Errors
    /// When the store fails; a file that is already gone is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let pieces = pieces::listed(self, key).await?;
        let keys: Vec<String> = pieces.into_iter().map(|piece| piece.key).collect();
        // The list last: it says what is left if this ends in between.
        self.delete_objects(&keys).await?;
        self.delete_object(key).await
    }

    async fn delete_object(&self, key: &str) -> Result<()> {
        match self.store.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The first bytes of a file, at most `length`.
    ///
    /// # Errors
    /// When there is no such file or the store fails.
    pub async fn beginning(&self, key: &str, length: u64) -> Result<Bytes> {
        let mut beginning = BytesMut::new();
        for piece in self.objects(key).await? {
            let wanted = piece.size.min(length - beginning.len() as u64);
            // A store refuses an empty range.
            if wanted == 0 {
                continue;
            }
            let bytes = self.store.get_range(&Path::from(piece.key), 0..wanted).await?;
            if bytes.len() as u64 == length {
                return Ok(bytes);
            }
            beginning.extend_from_slice(&bytes);
        }
        Ok(beginning.freeze())
    }

    /// A reader for a blocking thread, which asks the store for one block at a time.
    ///
    /// # Errors
    /// When there is no such file or the store fails.
    pub async fn open(&self, key: &str) -> Result<StoredFile> {
        Ok(StoredFile::new(self.store.clone(), self.objects(key).await?))
    }

    /// The objects that a file consists of, in order. Whoever empties a store by hand leaves lists of pieces that are gone.
    async fn objects(&self, key: &str) -> Result<Vec<Piece>> {
        if pieces::is_list(key) {
            let pieces = pieces::read(self, key).await?;
            if let Some(first) = pieces.first() {
                self.store.head(&Path::from(first.key.as_str())).await?;
            }
            return Ok(pieces);
        }
        let size = self.store.head(&Path::from(key)).await?.size;
        Ok(vec![Piece {
            key: key.to_owned(),
            size,
        }])
    }
}

/// What a digest comes to, in hexadecimal.
pub(crate) fn hex(digest: &Sha256) -> String {
    let digest = digest.clone().finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
