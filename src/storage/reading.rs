//! Files on their way out of the store.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::Piece;
use crate::error::{Error, Result};

/// Bytes that are asked for at once when a file is read, and that are kept of it in memory.
pub(super) const BLOCK: u64 = 2 * 1024 * 1024;

/// A stored file as a blocking reader. It must be read outside the async threads.
pub struct StoredFile {
    store: Arc<dyn ObjectStore>,
    /// What has not been read, the first of them from `next` on.
    pieces: VecDeque<Piece>,
    next: u64,
    size: u64,
    block: Bytes,
    runtime: Handle,
}

impl StoredFile {
    pub(super) fn new(store: Arc<dyn ObjectStore>, pieces: Vec<Piece>) -> Self {
        Self {
            store,
            size: pieces.iter().map(|piece| piece.size).sum(),
            pieces: pieces.into(),
            next: 0,
            block: Bytes::new(),
            runtime: Handle::current(),
        }
    }

    /// Bytes of the whole file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All that has not been read, block by block, for whoever sends it on. Ends early, with an error, when the store fails.
    #[must_use]
    pub fn into_blocks(mut self) -> mpsc::Receiver<Result<Bytes>> {
        let (sender, blocks) = mpsc::channel(1);
        self.runtime.clone().spawn(async move {
            loop {
                let block = self.next_block().await.map_err(Error::from);
                let is_last = block.as_ref().map_or(true, Bytes::is_empty);
                // Nobody listens any more, or there is nothing else to hear.
                if matches!(&block, Ok(block) if block.is_empty()) || sender.send(block).await.is_err() || is_last {
                    return;
                }
            }
        });
        blocks
    }

    /// The next bytes of the store; none at the end.
    pub(super) async fn next_block(&mut self) -> object_store::Result<Bytes> {
        while self.pieces.front().is_some_and(|piece| self.next >= piece.size) {
            self.pieces.pop_front();
            self.next = 0;
        }
        let Some(piece) = self.pieces.front() else {
            return Ok(Bytes::new());
        };
        let range = self.next..piece.size.min(self.next + BLOCK);
        self.next = range.end;
        self.store.get_range(&Path::from(piece.key.as_str()), range).await
    }
}

impl Read for StoredFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.is_empty() {
            let runtime = self.runtime.clone();
            self.block = runtime.block_on(self.next_block()).map_err(io::Error::other)?;
        }
        let taken = self.block.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&self.block.split_to(taken));
        Ok(taken)
    }
}
