//! Rows as people and programs see them, and what of them is sealed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AfterCheck, Run, Schedule};
use crate::audit::{Actor, Object, ObjectKind};
use crate::entities::{schedule, schedule_run};
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;
use crate::webhooks::CustomHeader;
use crate::webhooks::vault::Vault;

/// What sealed bytes are.
const SECRET: &str = "schedule secret";

/// What nobody is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Secret {
    /// Whole, with what stands behind its question mark.
    pub address: String,
    /// Of the header.
    pub value: Option<String>,
}

impl Secret {
    pub fn of(row: &schedule::Model, vault: &Vault) -> Result<Self> {
        Ok(serde_json::from_slice(&vault.unseal(SECRET, &row.secret)?)?)
    }

    pub fn sealed(&self, vault: &Vault) -> Result<Vec<u8>> {
        Ok(vault.seal(SECRET, &serde_json::to_vec(self)?))
    }

    /// What every request carries.
    pub fn header(&self, row: &schedule::Model) -> Option<CustomHeader> {
        Some(CustomHeader {
            name: row.header_name.clone()?,
            value: self.value.clone()?,
        })
    }
}

pub(super) fn object(row: &schedule::Model) -> Object {
    Object::new(ObjectKind::Schedule, row.id, row.name.clone())
}

/// Who does what a schedule does by itself.
pub(super) fn actor(row: &schedule::Model) -> Actor {
    Actor::from(format!("schedule {}", row.name).as_str())
}

fn word<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(Error::from)
}

pub(super) fn run(row: schedule_run::Model) -> Result<Run> {
    Ok(Run {
        id: row.id,
        schedule_id: row.schedule_id,
        cause: word(&row.cause)?,
        status: word(&row.status)?,
        started_by: row.started_by,
        import_id: row.import_id,
        detail: row.detail,
        attempts: row.attempts,
        created_at: row.created_at.into(),
        finished_at: row.finished_at.map(Timestamp::from),
    })
}

pub(super) fn schedule(row: schedule::Model, last_run: Option<Run>) -> Result<Schedule> {
    let after_check = row.after_check.parse::<AfterCheck>();
    Ok(Schedule {
        id: row.id,
        kind: word(&row.kind)?,
        options: serde_json::from_str(&row.options)?,
        when: serde_json::from_str(&row.timing)?,
        after_check: after_check.map_err(|()| Error::Stored(format!("{} after a check", row.after_check)))?,
        status: word(&row.status)?,
        name: row.name,
        address: row.address,
        header_name: row.header_name,
        sheet: row.sheet,
        problem_percent: row.problem_percent,
        paused_at: row.paused_at.map(Timestamp::from),
        paused_because: row.paused_because,
        next_run_at: row.next_run_at.map(Timestamp::from),
        last_run,
        failures: row.failures,
        created_by: row.created_by,
        updated_by: row.updated_by,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}
