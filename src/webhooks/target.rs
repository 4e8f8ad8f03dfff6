//! A webhook as a sender needs it, with everything unsealed that a call carries.

use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::signature::SigningSecret;
use super::subscribers::{bulk_of, events_of};
use super::vault::Vault;
use super::{BulkPolicy, CustomHeader, EventKind, secrets};
use crate::entities::webhook::{Entity, Model};
use crate::error::{Error, Result};

/// What sealed bytes are.
pub(super) const SECRET: &str = "webhook secret";
pub(super) const HEADERS: &str = "webhook headers";

pub(super) fn unsealed(vault: &Vault, sealed: &[u8]) -> Result<SigningSecret> {
    let bytes = vault.unseal(SECRET, sealed)?;
    SigningSecret::from_bytes(&bytes).ok_or_else(|| Error::Stored("a secret of another length".to_owned()))
}

pub(super) fn headers_of(row: &Model, vault: &Vault) -> Result<Vec<CustomHeader>> {
    match &row.headers {
        Some(sealed) => Ok(serde_json::from_slice(&vault.unseal(HEADERS, sealed)?)?),
        None => Ok(Vec::new()),
    }
}

/// All that a sender must know.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub row: Model,
    pub events: Vec<EventKind>,
    pub bulk: BulkPolicy,
    pub headers: Vec<CustomHeader>,
    /// The present one first.
    pub secrets: Vec<SigningSecret>,
}

/// A webhook as a sender needs it, if there is one.
pub(super) async fn target(db: &impl ConnectionTrait, vault: &Vault, id: i64, now: i64) -> Result<Option<Target>> {
    let Some(row) = Entity::find_by_id(id).one(db).await? else {
        return Ok(None);
    };
    let old = secrets::old(db, id, now).await?;
    let sealed = std::iter::once(&row.secret).chain(old.iter().map(|old| &old.secret));
    let secrets = sealed.map(|sealed| unsealed(vault, sealed)).collect::<Result<_>>()?;
    Ok(Some(Target {
        events: events_of(&row.events)?,
        bulk: bulk_of(&row.bulk_policy)?,
        headers: headers_of(&row, vault)?,
        secrets,
        row,
    }))
}
