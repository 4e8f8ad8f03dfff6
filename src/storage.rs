//! Files: what people upload, kept under keys of ours in a store behind `object_store`.
//!
//! A person's file name never becomes a key or a path.

use std::io::{self, Read};
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use crate::error::Result;
use crate::problem::Problem;

/// Bytes that are asked for at once when a file is read, and that are kept of it in memory.
const BLOCK: u64 = 2 * 1024 * 1024;

#[derive(Clone, Debug)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
}

impl Storage {
    /// Opens `file://path`, creating the folder.
    ///
    /// # Errors
    /// When the address is of another kind or the folder cannot be made.
    pub fn connect(url: &str) -> Result<Self> {
        let Some(folder) = url.strip_prefix("file://") else {
            return Err(Problem::bad_request(format!("STORAGE_URL must begin with file://, but is {url}.")).into());
        };
        std::fs::create_dir_all(FilePath::new(folder))?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Begins a new file.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn create(&self, key: &str) -> Result<Upload> {
        let upload = self.store.put_multipart(&Path::from(key)).await?;
        Ok(Upload {
            writer: WriteMultipart::new(upload),
            digest: Sha256::new(),
            size: 0,
        })
    }

    /// # Errors
    /// When the store fails; a file that is already gone is no error.
    pub async fn delete(&self, key: &str) -> Result<()> {
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
        let path = Path::from(key);
        let length = self.store.head(&path).await?.size.min(length);
        // A store refuses an empty range.
        if length == 0 {
            Ok(Bytes::new())
        } else {
            Ok(self.store.get_range(&path, 0..length).await?)
        }
    }

    /// A reader for a blocking thread, which asks the store for one block at a time.
    ///
    /// # Errors
    /// When there is no such file or the store fails.
    pub async fn open(&self, key: &str) -> Result<StoredFile> {
        let path = Path::from(key);
        let size = self.store.head(&path).await?.size;
        Ok(StoredFile {
            store: self.store.clone(),
            path,
            size,
            next: 0,
            block: Bytes::new(),
            runtime: Handle::current(),
        })
    }
}

/// A file on its way in.
pub struct Upload {
    writer: WriteMultipart,
    digest: Sha256,
    size: u64,
}

impl Upload {
    /// # Errors
    /// When the store cannot keep up or fails.
    pub async fn write(&mut self, chunk: Bytes) -> Result<()> {
        self.digest.update(&chunk);
        self.size += chunk.len() as u64;
        self.writer.wait_for_capacity(2).await?;
        self.writer.put(chunk);
        Ok(())
    }

    /// Bytes so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Makes the file visible and says its size and SHA-256 in hexadecimal.
    ///
    /// # Errors
    /// When the last bytes cannot be stored.
    pub async fn finish(self) -> Result<(u64, String)> {
        self.writer.finish().await?;
        let digest = self.digest.finalize();
        Ok((self.size, digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// Forgets what was written.
    pub async fn abort(self) {
        if let Err(error) = self.writer.abort().await {
            tracing::warn!(%error, "an unfinished upload could not be removed");
        }
    }
}

/// A stored file as a blocking reader. It must be read outside the async threads.
pub struct StoredFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    next: u64,
    block: Bytes,
    runtime: Handle,
}

impl StoredFile {
    /// Bytes of the whole file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for StoredFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.is_empty() && self.next < self.size {
            let range = self.next..self.size.min(self.next + BLOCK);
            self.next = range.end;
            self.block = self
                .runtime
                .block_on(self.store.get_range(&self.path, range))
                .map_err(io::Error::other)?;
        }
        let taken = self.block.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.block.split_to(taken));
        Ok(taken)
    }
}
