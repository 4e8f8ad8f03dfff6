//! Files on their way into the store. They go in as pieces, each of them flushed before the next one is: what the system holds back of a file
//! for later is what the database waits for when it flushes a few lines of its own to the same disk.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::pieces::{Piece, Waiting};
use super::{Storage, hex};
use crate::error::Result;

impl Storage {
    /// Begins a new file in a folder of its own.
    #[must_use]
    pub fn create(&self, folder: impl Into<String>) -> Upload {
        Upload {
            parts: Parts {
                storage: self.clone(),
                folder: folder.into(),
                pieces: Vec::new(),
                storing: None,
                is_over: false,
            },
            waiting: Waiting::default(),
            digest: Sha256::new(),
            size: 0,
        }
    }
}

/// A file on its way in. Dropped before its end, it is forgotten.
pub struct Upload {
    parts: Parts,
    waiting: Waiting,
    digest: Sha256,
    size: u64,
}

/// A file that came in.
#[derive(Clone, Debug)]
pub struct Written {
    pub key: String,
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Upload {
    /// # Errors
    /// When the store cannot keep up, fails, or has no room left.
    pub async fn write(&mut self, mut chunk: Bytes) -> Result<()> {
        self.size += chunk.len() as u64;
        while !chunk.is_empty() {
            self.digest.update(self.waiting.fill(&mut chunk));
            if self.waiting.is_full() {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// Bytes so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Makes the file visible. When this is over, it is there for good.
    ///
    /// # Errors
    /// When the last bytes cannot be stored.
    pub async fn finish(mut self) -> Result<Written> {
        self.keep().await?;
        Ok(Written {
            key: self.parts.join().await?,
            size: self.size,
            sha256: hex(&self.digest),
        })
    }

    /// Forgets what was written.
    pub async fn abort(mut self) {
        // To its end, also when nobody waits any more.
        drop(tokio::spawn(self.parts.forget()).await);
    }

    /// Stores what waits while more comes in.
    async fn keep(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.parts.store(&mut self.waiting).await
    }
}

struct Parts {
    storage: Storage,
    folder: String,
    /// Those that are stored, and the one that is being stored.
    pieces: Vec<Piece>,
    /// What is being written goes on when whoever waits for it goes away.
    storing: Option<JoinHandle<Result<()>>>,
    /// Whether the file is finished or given up.
    is_over: bool,
}

impl Drop for Parts {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.is_over, Handle::try_current()) {
            runtime.spawn(self.forget());
        }
    }
}

impl Parts {
    async fn store(&mut self, waiting: &mut Waiting) -> Result<()> {
        self.stored().await?;
        let position = self.pieces.iter().map(|piece| piece.size).sum();
        let piece = Piece::new(&self.folder, position, waiting.size());
        let (storage, key, bytes) = (self.storage.clone(), piece.key.clone(), waiting.take());
        self.pieces.push(piece);
        self.storing = Some(tokio::spawn(async move { storage.keep_piece(&key, bytes).await }));
        Ok(())
    }

    async fn join(&mut self) -> Result<String> {
        self.stored().await?;
        let (storage, folder, pieces) = (self.storage.clone(), self.folder.clone(), self.pieces.clone());
        self.storing = Some(tokio::spawn(
            async move { storage.join(&folder, &pieces).await.map(drop) },
        ));
        self.stored().await?;
        self.is_over = true;
        Ok(Storage::key_of_list(&self.folder))
    }

    async fn stored(&mut self) -> Result<()> {
        let Some(storing) = &mut self.storing else {
            return Ok(());
        };
        let stored = storing.await;
        self.storing = None;
        stored?
    }

    /// Removes all that was stored, in a future of its own.
    fn forget(&mut self) -> impl Future<Output = ()> + use<> {
        self.is_over = true;
        let (storage, storing) = (self.storage.clone(), self.storing.take());
        let mut keys: Vec<String> = self.pieces.drain(..).map(|piece| piece.key).collect();
        keys.push(Storage::key_of_list(&self.folder));
        async move {
            // Whatever becomes of what is being stored: it must not come after it was removed.
            if let Some(storing) = storing {
                drop(storing.await);
            }
            if let Err(error) = storage.delete_objects(&keys).await {
                tracing::warn!(%error, "an unfinished upload could not be removed");
            }
        }
    }
}
