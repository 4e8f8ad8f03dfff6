//! Files in pieces: each piece is an object, and the file's own object is a list of them. So a large file that came in pieces is there
//! without being copied.

use std::collections::HashSet;
use std::path::Path as FilePath;
use std::time::SystemTime;
use std::{fs, io};

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutPayload};
use serde::{Deserialize, Serialize};

use super::Storage;
use crate::error::{Error, Result};

/// How the key of a list ends. Keys are ours, so no other file's does.
const LIST: &str = ".list";
/// Bytes of a piece. So many are in memory until it is full, and as many of the one before that is being stored.
const PIECE: u64 = 8 * 1024 * 1024;
const DELETED_AT_ONCE: usize = 8;

/// A part of a file, with its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub key: String,
    pub size: u64,
}

impl Piece {
    /// A piece of the file in a folder, beginning at a byte of it. It never has the name of another attempt at the same place.
    #[must_use]
    pub fn new(folder: &str, position: u64, size: u64) -> Self {
        let key = format!("{folder}/{position:012}-{:08x}", rand::random::<u32>());
        Self { key, size }
    }
}

/// Bytes that wait until there are enough for a piece.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    chunks: Vec<Bytes>,
    size: u64,
}

impl Waiting {
    /// Takes what there is room for from the beginning of a chunk, and shows what that was.
    pub fn fill(&mut self, chunk: &mut Bytes) -> &[u8] {
        let room = usize::try_from(PIECE - self.size).unwrap_or(usize::MAX);
        let part = chunk.split_to(room.min(chunk.len()));
        self.size += part.len() as u64;
        self.chunks.push(part);
        self.chunks.last().map_or(&[], AsRef::as_ref)
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    pub fn is_full(&self) -> bool {
        self.size == PIECE
    }

    /// All of it; nothing waits any more.
    pub fn take(&mut self) -> Vec<Bytes> {
        self.size = 0;
        std::mem::take(&mut self.chunks)
    }
}

impl Storage {
    /// Stores a piece: when this is over, it is there for good.
    ///
    /// # Errors
    /// When the store fails or has no room left.
    pub async fn keep_piece(&self, key: &str, bytes: impl IntoIterator<Item = Bytes>) -> Result<()> {
        let payload: PutPayload = bytes.into_iter().collect();
        self.disks.check(payload.content_length() as u64).await?;
        self.durable.put(&Path::from(key), payload).await?;
        Ok(())
    }

    /// Makes one file of the pieces that are stored in a folder, and gives its key. They belong to that file from then on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn join(&self, folder: &str, pieces: &[Piece]) -> Result<String> {
        let key = Self::key_of_list(folder);
        let list = serde_json::to_vec(pieces)?;
        self.durable.put(&Path::from(key.as_str()), list.into()).await?;
        Ok(key)
    }

    /// The key of the file that [`Self::join`] makes.
    #[must_use]
    pub fn key_of_list(folder: &str) -> String {
        format!("{folder}/whole{LIST}")
    }

    /// Takes the list away; the pieces stay.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn part(&self, list: &str) -> Result<()> {
        self.delete_object(list).await
    }

    /// Takes everything out of a folder that is not to be kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self, folder: &str, kept: &HashSet<String>) -> Result<()> {
        let found: Vec<ObjectMeta> = self.store.list(Some(&Path::from(folder))).try_collect().await?;
        let keys = found.into_iter().map(|object| object.location.to_string());
        let others: Vec<String> = keys.filter(|key| !kept.contains(key)).collect();
        self.delete_objects(&others).await
    }

    /// All objects in a folder and below it, with the second in which each was written, as the store tells the time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn written(&self, folder: &str) -> Result<Vec<(String, i64)>> {
        let found = self.store.list(Some(&Path::from(folder)));
        let all = found.map_ok(|object| (object.location.to_string(), object.last_modified.timestamp()));
        Ok(all.try_collect().await?)
    }

    /// Removes objects, whatever they are; those that are gone already are no error. All are tried.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_objects(&self, keys: &[String]) -> Result<()> {
        let deletions = keys
            .iter()
            .cloned()
            .map(|key| async move { self.delete_object(&key).await });
        let done: Vec<Result<()>> = stream::iter(deletions)
            .buffer_unordered(DELETED_AT_ONCE)
            .collect()
            .await;
        done.into_iter().collect()
    }

    /// Removes what processes were writing below a folder when they were killed, before a moment. It has names that no list shows, such as
    /// `KEY#1`; a bucket has nothing of that kind.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn sweep_unfinished(&self, folder: &str, before: SystemTime) -> Result<()> {
        let Some(root) = &self.place.folder else {
            return Ok(());
        };
        let folder = root.join(folder);
        tokio::task::spawn_blocking(move || sweep(&folder, before)).await??;
        Ok(())
    }
}

/// Of files in folders of that folder.
fn sweep(folder: &FilePath, before: SystemTime) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for inner in fs::read_dir(folder)? {
        let inner = inner?.path();
        if !inner.is_dir() {
            continue;
        }
        for file in fs::read_dir(&inner)? {
            let file = file?;
            if is_unfinished(&file.file_name().to_string_lossy()) && file.metadata()?.modified()? < before {
                fs::remove_file(file.path())?;
                // Only if nothing else is in it.
                drop(fs::remove_dir(&inner));
            }
        }
    }
    Ok(())
}

fn is_unfinished(name: &str) -> bool {
    name.rsplit_once('#')
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

pub(super) fn is_list(key: &str) -> bool {
    key.ends_with(LIST)
}

pub(super) async fn read(storage: &Storage, key: &str) -> Result<Vec<Piece>> {
    let list = storage.store.get(&Path::from(key)).await?.bytes().await?;
    Ok(serde_json::from_slice(&list)?)
}

/// The pieces of a file that is a list; none of any other, or of one that is gone.
pub(super) async fn listed(storage: &Storage, key: &str) -> Result<Vec<Piece>> {
    if !is_list(key) {
        return Ok(Vec::new());
    }
    match read(storage, key).await {
        Err(Error::Storage(object_store::Error::NotFound { .. })) => Ok(Vec::new()),
        read => read,
    }
}
