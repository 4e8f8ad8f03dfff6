//! Bytes of one request on their way into an upload. Wherever the request breaks off, what has arrived is kept.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use sha2::digest::common::hazmat::{SerializableState as _, SerializedState};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout};

use super::{KEPT, Upload, folder_of, in_use, more_than_announced, own, random_name, store};
use crate::audit::Actor;
use crate::database::clock::now;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::services::Services;
use crate::storage::{Piece, Waiting};

/// Pieces of one upload: enough for the largest file in requests of 64 KB, and a list that fits into memory.
const PIECES_MAX: usize = 10_000;
/// A request that says nothing for that long has broken off: its client may be gone without a word.
const SILENCE: Duration = Duration::from_secs(15);
/// Well within the lease.
const RENEWAL: Duration = Duration::from_secs(2);

/// Adds the bytes of a request to an upload of which `offset` bytes are there. It goes on when whoever asked has gone, to keep what came.
///
/// # Errors
/// 404 for an upload that is not there or somebody else's, 409 when another number of bytes is there, 423 while another request
/// adds to it, 413 for more bytes than the upload has, 507 when the disk has no room for the rest.
pub async fn receive<E: Display + Send>(
    services: &Services,
    owner: &Actor,
    id: &str,
    offset: u64,
    bytes: impl Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin + 'static,
) -> Result<Upload> {
    let (services, owner, id) = (services.clone(), owner.clone(), id.to_owned());
    tokio::spawn(async move {
        let mut receiving = Receiving::begin(&services, &owner, &id, offset).await?;
        let received = receiving.run(bytes).await;
        store::release(services.database.writer(), &id, &receiving.holder).await?;
        received?;
        Ok(own(&services.database, &owner, &id).await?.into())
    })
    .await?
}

struct Receiving {
    services: Services,
    id: String,
    holder: String,
    length: u64,
    /// Bytes that are kept; those of the waiting chunks follow.
    stored: u64,
    waiting: Waiting,
    /// Of all bytes, the waiting ones too.
    digest: Sha256,
    renewed: Instant,
}

impl Receiving {
    async fn begin(services: &Services, owner: &Actor, id: &str, offset: u64) -> Result<Self> {
        own(&services.database, owner, id).await?;
        let holder = random_name();
        if !store::hold(services.database.writer(), id, &holder).await? {
            return Err(in_use().into());
        }
        // Only now nobody else adds to it.
        let checked = Self::checked(services, owner, id, offset, &holder).await;
        if checked.is_err() {
            store::release(services.database.writer(), id, &holder).await?;
        }
        checked
    }

    async fn checked(services: &Services, owner: &Actor, id: &str, offset: u64, holder: &str) -> Result<Self> {
        let row = own(&services.database, owner, id).await?;
        let digest = digest(&row.digest)?;
        let upload = Upload::from(row);
        if upload.stored != offset {
            let detail = format!(
                "{} bytes of this upload are there, and the request begins at {offset}. Ask how far it is and go on from there.",
                upload.stored
            );
            return Err(Problem::conflict(detail).into());
        }
        services.disks.check(upload.length - upload.stored).await?;
        if store::pieces(services.database.writer(), id).await?.len() >= PIECES_MAX {
            let detail = "This upload came in too many small requests. Begin it again and send at least 64 KB in each.";
            return Err(Problem::conflict(detail).into());
        }
        Ok(Self {
            services: services.clone(),
            id: id.to_owned(),
            holder: holder.to_owned(),
            length: upload.length,
            stored: upload.stored,
            waiting: Waiting::default(),
            digest,
            renewed: Instant::now(),
        })
    }

    async fn run<E: Display>(
        &mut self,
        mut bytes: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    ) -> Result<()> {
        loop {
            match timeout(SILENCE, bytes.next()).await {
                Ok(Some(Ok(chunk))) => self.take(chunk).await?,
                Ok(None) => break,
                Ok(Some(Err(error))) => {
                    tracing::info!(%error, upload = self.id, "an upload broke off and can go on");
                    break;
                }
                Err(_) => {
                    tracing::info!(upload = self.id, "an upload fell silent and can go on");
                    break;
                }
            }
            self.renew().await?;
        }
        self.keep().await
    }

    async fn take(&mut self, mut chunk: Bytes) -> Result<()> {
        if self.stored + self.waiting.size() + chunk.len() as u64 > self.length {
            self.keep().await?;
            return Err(more_than_announced(self.length).into());
        }
        while !chunk.is_empty() {
            // What is kept goes with the digest of just that.
            self.digest.update(self.waiting.fill(&mut chunk));
            if self.waiting.is_full() {
                self.keep().await?;
            }
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<()> {
        if self.renewed.elapsed() < RENEWAL {
            return Ok(());
        }
        self.renewed = Instant::now();
        if store::hold(self.services.database.writer(), &self.id, &self.holder).await? {
            Ok(())
        } else {
            Err(in_use().into())
        }
    }

    /// Stores what waits, and only then counts it.
    async fn keep(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = Piece::new(&folder_of(&self.id), self.stored, self.waiting.size());
        let storage = &self.services.storage;
        storage.keep_piece(&piece.key, self.waiting.take()).await?;
        let kept = store::Kept {
            id: &self.id,
            holder: &self.holder,
            position: i64::try_from(self.stored).unwrap_or(i64::MAX),
            piece: &piece,
            digest: state(&self.digest),
            expires_at: now() + KEPT,
        };
        match store::add_piece(&self.services.database, kept).await {
            Ok(true) => {
                self.stored += piece.size;
                Ok(())
            }
            Ok(false) => {
                storage.delete(&piece.key).await?;
                Err(in_use().into())
            }
            // Whether it counts is not known; what does not is removed with the upload.
            Err(error) => Err(error),
        }
    }
}

/// A digest that is not finished, as bytes.
pub(super) fn state(digest: &Sha256) -> Vec<u8> {
    digest.serialize().to_vec()
}

/// The digest that these bytes are the state of.
pub(super) fn digest(state: &[u8]) -> Result<Sha256> {
    let unreadable = || Error::Stored("the state of an upload's digest cannot be read".into());
    let state = SerializedState::<Sha256>::try_from(state).map_err(|_| unreadable())?;
    Sha256::deserialize(&state).map_err(|_| unreadable())
}
