//! The file of an import as it was uploaded, for whoever wants it back.

use std::io::Read as _;

use bytes::Bytes;
use sea_orm::ConnectionTrait;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::store;
use crate::database::Database;
use crate::entities::import::Model;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::storage::{Storage, StoredFile};

/// Bytes that are sent at once.
const PIECE: usize = 256 * 1024;

/// A file on its way out.
#[derive(Debug)]
pub struct Original {
    /// As it was called.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Ends early, with an error, when the store fails.
    pub pieces: mpsc::Receiver<Result<Bytes>>,
}

/// The file of an import, piece by piece.
///
/// # Errors
/// 404 when there is no such import, it has no file, or the file is no longer stored.
pub async fn original(database: &Database, storage: &Storage, id: i64) -> Result<Original> {
    let (row, mut file) = open(database.reader(), storage, id).await?;
    let (sender, pieces) = mpsc::channel(2);
    let size = file.size();
    spawn_blocking(move || {
        let mut block = vec![0; PIECE];
        loop {
            let piece = match file.read(&mut block) {
                Ok(0) => return,
                Ok(length) => Ok(Bytes::copy_from_slice(&block[..length])),
                Err(error) => Err(Error::from(error)),
            };
            let is_last = piece.is_err();
            // Nobody listens any more.
            if sender.blocking_send(piece).is_err() || is_last {
                return;
            }
        }
    });
    Ok(Original {
        name: row.file_name,
        size,
        pieces,
    })
}

/// An import and its stored file.
pub(super) async fn open(db: &impl ConnectionTrait, storage: &Storage, id: i64) -> Result<(Model, StoredFile)> {
    let row = store::find(db, id).await?;
    if row.file_key.is_empty() {
        return Err(Problem::new(404, "Not found", "This job has no file.").into());
    }
    if row.file_removed_at.is_some() {
        return Err(no_longer_kept().into());
    }
    match storage.open(&row.file_key).await {
        Ok(file) => Ok((row, file)),
        Err(error) if error.is_missing_file() => Err(gone().into()),
        Err(error) => Err(error),
    }
}

/// What somebody is told who needs a file whose time is over.
fn no_longer_kept() -> Problem {
    let detail = "The file of this import is no longer kept: its time was over. Upload it again if you have it.";
    Problem::new(404, "The file is gone", detail)
}

fn gone() -> Problem {
    Problem::new(
        404,
        "The file is gone",
        "The file of this import is no longer in the store. Upload it again.",
    )
}
