//! Files on their way into the store.

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::Storage;
use crate::disk::Disk;
use crate::error::Result;

/// After so many bytes it is asked again whether there is room for as many.
const STRETCH: u64 = 16 * 1024 * 1024;

impl Storage {
    /// Begins a new file.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn create(&self, key: &str) -> Result<Upload> {
        let upload = self.store.put_multipart(&Path::from(key)).await?;
        Ok(Upload {
            writer: Some(WriteMultipart::new(upload)),
            digest: Sha256::new(),
            size: 0,
            disk: self.disk.clone(),
            room_until: 0,
        })
    }
}

/// A file on its way in. Dropped before its end, it is forgotten.
pub struct Upload {
    /// Until the file is finished or given up.
    writer: Option<WriteMultipart>,
    digest: Sha256,
    size: u64,
    disk: Disk,
    /// Bytes for which there was room when it was last asked.
    room_until: u64,
}

impl Upload {
    /// # Errors
    /// When the store cannot keep up, fails, or has no room left.
    pub async fn write(&mut self, chunk: Bytes) -> Result<()> {
        if self.size >= self.room_until {
            self.disk.check(STRETCH).await?;
            self.room_until = self.size + STRETCH;
        }
        self.digest.update(&chunk);
        self.size += chunk.len() as u64;
        if let Some(writer) = &mut self.writer {
            writer.wait_for_capacity(2).await?;
            writer.put(chunk);
        }
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
    pub async fn finish(mut self) -> Result<(u64, String)> {
        if let Some(writer) = self.writer.take() {
            writer.finish().await?;
        }
        Ok((self.size, hex(&std::mem::take(&mut self.digest))))
    }

    /// Forgets what was written.
    pub async fn abort(mut self) {
        if let Some(writer) = self.writer.take() {
            forget(writer).await;
        }
    }
}

impl Drop for Upload {
    /// A service keeps, and charges for, the parts of a file that nobody has finished or given up.
    fn drop(&mut self) {
        if let (Some(writer), Ok(runtime)) = (self.writer.take(), Handle::try_current()) {
            runtime.spawn(forget(writer));
        }
    }
}

async fn forget(writer: WriteMultipart) {
    if let Err(error) = writer.abort().await {
        tracing::warn!(%error, "an unfinished upload could not be removed");
    }
}

/// What a digest comes to, in hexadecimal.
pub(crate) fn hex(digest: &Sha256) -> String {
    let digest = digest.clone().finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
