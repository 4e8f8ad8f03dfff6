//! Uploads that come in several requests and may break off: what has arrived is kept, for a day, and whoever began goes on from there.
//!
//! The bytes lie as pieces in the file store, and a row says which pieces count. A piece counts once it is stored for good, so an offset that
//! was told is never taken back. One request at a time adds to an upload; it holds it by a lease, on whichever node it is.

mod receiving;
mod store;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use sha2::Sha256;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use receiving::receive;

use crate::audit::Actor;
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::upload::{ActiveModel, Model};
use crate::error::{Error, Result};
use crate::imports::intake::{Stored, too_large};
use crate::jobs::{Outcome, Task};
use crate::problem::Problem;
use crate::services::Services;
use crate::storage::Storage;

/// For how long an upload is kept after its last byte.
const KEPT: time::Duration = time::Duration::days(1);
/// Uploads that one person or key may have begun and not completed.
const BEGUN_MAX: u64 = 50;
/// Bytes of what a program says about its file.
const METADATA_MAX: usize = 1_000;
/// For how long somebody who asks waits for a request that is just ending.
const ENDING: Duration = Duration::from_secs(3);

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Names it in its address; nobody can guess it.
    pub id: String,
    pub file_name: String,
    /// As it was sent.
    pub metadata: String,
    /// Bytes of the whole file …
    pub length: u64,
    /// … and those that are there.
    pub stored: u64,
    pub expires_at: OffsetDateTime,
}

impl From<Model> for Upload {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            file_name: row.file_name,
            metadata: row.metadata,
            length: u64::try_from(row.length).unwrap_or(0),
            stored: u64::try_from(row.stored).unwrap_or(0),
            expires_at: row.expires_at,
        }
    }
}

/// Begins an upload of `length` bytes. `metadata` is written as tus writes it: names and values in Base64, of which `filename` counts.
///
/// # Errors
/// 413 for a file over the limit, 400 for metadata that cannot be read, 409 when too many uploads are begun, 507 when the disk has no room.
pub async fn create(services: &Services, owner: &Actor, length: u64, metadata: &str) -> Result<Upload> {
    if length > services.config.upload_limit {
        return Err(too_large(services.config.upload_limit).into());
    }
    let file_name = file_name(metadata)?;
    services.disks.check(length).await?;
    if store::count_of(services.reader(), &owner.name).await? >= BEGUN_MAX {
        let detail = format!(
            "You have begun {BEGUN_MAX} uploads that are not complete. Complete or delete one of them, or wait a day."
        );
        return Err(Problem::conflict(detail).into());
    }
    let begun = now();
    let row = ActiveModel {
        id: Set(random_name()),
        owner: Set(owner.name.clone()),
        file_name: Set(file_name),
        metadata: Set(metadata.to_owned()),
        length: Set(i64::try_from(length).unwrap_or(i64::MAX)),
        stored: Set(0),
        digest: Set(receiving::state(&Sha256::default())),
        lease_owner: Set(None),
        lease_until: Set(0),
        created_at: Set(begun),
        expires_at: Set(begun + KEPT),
    };
    Ok(row.insert(services.database.writer()).await?.into())
}

/// How far an upload is. A request that is just ending is waited for, so that its last bytes are counted.
///
/// # Errors
/// 404 for an upload that is not there, is over, or is somebody else's.
pub async fn look(services: &Services, owner: &Actor, id: &str) -> Result<Upload> {
    let db = services.database.writer();
    let until = Instant::now() + ENDING;
    while store::is_held(db, id).await? && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    find(services, owner, id).await
}

/// The same, as it is at this moment.
///
/// # Errors
/// 404 for an upload that is not there, is over, or is somebody else's.
pub async fn find(services: &Services, owner: &Actor, id: &str) -> Result<Upload> {
    Ok(own(&services.database, owner, id).await?.into())
}

/// What a request is told that brings more bytes than the upload was announced with.
#[must_use]
pub fn more_than_announced(length: u64) -> Problem {
    let detail = format!(
        "The upload was announced with {length} bytes, and this request brings more. Begin it again with the right length."
    );
    Problem::new(413, "The file is too large", detail)
}

/// Ends an upload and removes what has arrived, unless an import has it.
///
/// # Errors
/// 404 for an upload that is not there, is over, or is somebody else's.
pub async fn delete(services: &Services, owner: &Actor, id: &str) -> Result<()> {
    let row = own(&services.database, owner, id).await?;
    remove(&services.database, &services.storage, &row.id).await
}

/// A whole upload, held so that it becomes one import.
pub(crate) struct Finished {
    pub stored: Stored,
    pub file_name: String,
    id: String,
    holder: String,
}

/// What an upload that shall become an import is.
pub(crate) enum Whole {
    Ready(Finished),
    /// An import has it already.
    Imported(i64),
}

/// Makes one file of an upload that is whole. It must be handed to [`keep`], [`let_go`] or [`discard`].
pub(crate) async fn take(database: &Database, storage: &Storage, owner: &Actor, id: &str) -> Result<Whole> {
    let gone = || {
        let detail = "This upload is not there any more. Upload the file again.";
        Problem::unprocessable(detail).with_field("file", detail)
    };
    let row = store::find(database.writer(), id, &owner.name)
        .await?
        .ok_or_else(gone)?;
    if let Some(import) = store::import_of(database.writer(), &key_of(id)).await? {
        return Ok(Whole::Imported(import));
    }
    if row.stored != row.length {
        let detail = format!(
            "The upload is not complete: {} of {} bytes are there. Send the rest first.",
            row.stored, row.length
        );
        return Err(Problem::conflict(detail).into());
    }
    let holder = random_name();
    if !store::hold(database.writer(), id, &holder).await? {
        return Err(in_use().into());
    }
    let key = storage
        .join(&folder_of(id), &store::pieces(database.writer(), id).await?)
        .await?;
    let size = u64::try_from(row.length).unwrap_or(0);
    Ok(Whole::Ready(Finished {
        stored: Stored::new(key, size, &receiving::digest(&row.digest)?),
        file_name: row.file_name,
        id: row.id,
        holder,
    }))
}

/// The import has the file from now on.
pub(crate) async fn keep(database: &Database, finished: Finished) -> Result<()> {
    store::release(database.writer(), &finished.id, &finished.holder).await
}

/// No import was made of it; it waits for another attempt.
pub(crate) async fn let_go(database: &Database, storage: &Storage, finished: Finished) -> Result<()> {
    storage.part(finished.stored.key()).await?;
    store::release(database.writer(), &finished.id, &finished.holder).await
}

/// Nobody needs it any more.
pub(crate) async fn discard(database: &Database, storage: &Storage, finished: Finished) -> Result<()> {
    remove(database, storage, &finished.id).await
}

async fn own(database: &Database, owner: &Actor, id: &str) -> Result<Model> {
    let row = store::find(database.writer(), id, &owner.name).await?;
    let gone = "There is no upload of yours at this address. It may have been deleted, or be older than a day. Begin it again.";
    row.ok_or_else(|| Problem::new(404, "Not found", gone).into())
}

/// Objects go before the row, so that a process that is killed between them is made good by the next sweep.
async fn remove(database: &Database, storage: &Storage, id: &str) -> Result<()> {
    let db = database.writer();
    store::end(db, id).await?;
    let mut kept = HashSet::new();
    if store::import_of(db, &key_of(id)).await?.is_some() {
        kept.extend(store::pieces(db, id).await?.into_iter().map(|piece| piece.key));
        kept.insert(key_of(id));
    }
    storage.clear(&folder_of(id), &kept).await?;
    store::forget(db, id).await
}

fn in_use() -> Problem {
    let detail = "Another request is sending to this upload. Wait a moment and ask how far it is.";
    Problem::new(423, "The upload is being written", detail)
}

const FOLDER: &str = "uploads";

/// Nobody guesses it, and nothing else has it.
fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// For a file that comes in one request. What is left of it when the process is killed goes as what other uploads leave.
pub(crate) fn new_folder() -> String {
    folder_of(&random_name())
}

fn folder_of(id: &str) -> String {
    format!("{FOLDER}/{id}")
}

/// The upload that an object belongs to.
fn id_of(key: &str) -> Option<&str> {
    let (folder, rest) = key.split_once('/')?;
    let (id, _) = rest.split_once('/')?;
    (folder == FOLDER).then_some(id)
}

fn key_of(id: &str) -> String {
    Storage::key_of_list(&folder_of(id))
}

/// The file's name of `filename d29ybGQuY3N2,filetype dGV4dC9jc3Y=`; empty where it is not said.
fn file_name(metadata: &str) -> Result<String> {
    let unreadable = |detail: &str| Error::from(Problem::bad_request(detail));
    if metadata.len() > METADATA_MAX {
        return Err(unreadable("Upload-Metadata must have at most 1,000 characters."));
    }
    let mut name = String::new();
    for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = BASE64
            .decode(value.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let wanted =
            "Upload-Metadata must be names and values, the values as Base64 of UTF-8: filename cHJpY2VzLmNzdg==.";
        let value = value.ok_or_else(|| unreadable(wanted))?;
        if key == "filename" {
            name = value;
        }
    }
    Ok(name)
}

/// Removes uploads whose time is over.
#[derive(Clone, Debug)]
pub struct Sweeper {
    pub database: Database,
    pub storage: Storage,
}

impl Task for Sweeper {
    async fn run_next(&self, _stop: &CancellationToken) -> Result<Outcome> {
        let Some(row) = store::expired(self.database.writer()).await? else {
            return Ok(Outcome::Idle);
        };
        remove(&self.database, &self.storage, &row.id).await?;
        Ok(Outcome::Worked)
    }
}

impl Sweeper {
    /// Removes what lies in the store of uploads that neither a row nor an import knows, a day after it was written: a piece that was stored just
    /// as its upload ended, by a process that was killed then or heard nothing from the database.
    ///
    /// # Errors
    /// When the database or the store fails.
    pub async fn sweep_orphans(&self, now: OffsetDateTime) -> Result<()> {
        let before = now - KEPT;
        self.storage.sweep_unfinished(FOLDER, before.into()).await?;
        let mut uploads: BTreeMap<String, (i64, Vec<String>)> = BTreeMap::new();
        for (key, written) in self.storage.written(FOLDER).await? {
            if let Some(id) = id_of(&key).map(str::to_owned) {
                let (last, keys) = uploads.entry(id).or_default();
                *last = written.max(*last);
                keys.push(key);
            }
        }
        // One that comes in one request has no row before it is an import, but always another piece.
        uploads.retain(|_, (last, _)| *last < before.unix_timestamp());
        for (id, (_, keys)) in uploads {
            // Asked after the look around: one that comes in several has its row before its first piece.
            if !store::is_known(self.database.writer(), &id).await? {
                tracing::info!(
                    upload = id,
                    objects = keys.len(),
                    "pieces of an upload that nobody knows are removed"
                );
                self.storage.delete_objects(&keys).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{file_name, folder_of, id_of};

    #[test]
    fn an_object_says_which_upload_it_belongs_to() {
        assert_eq!(
            id_of(&format!("{}/000000000000-1f", folder_of("9f86d0"))),
            Some("9f86d0")
        );
        for other in ["imports/9f86d0/whole", "uploads/9f86d0", "uploads"] {
            assert_eq!(id_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_name_of_a_file_is_read_from_its_metadata() {
        for (metadata, name) in [
            ("filename cHJpY2VzLmNzdg==", Some("prices.csv")),
            ("filetype dGV4dC9jc3Y=,filename w6QuY3N2", Some("ä.csv")),
            ("is_confidential", Some("")),
            ("", Some("")),
            ("filename prices.csv", None),
            ("filename /w==", None),
        ] {
            assert_eq!(file_name(metadata).ok().as_deref(), name, "{metadata}");
        }
    }
}
