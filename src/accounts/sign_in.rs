//! Signing in, and the limit to trying.
//!
//! Every attempt is written down before its password is looked at, so that a hundred at the same moment are no way around the limit. Who
//! tries from elsewhere is not kept out by others: the narrow limit is for one account from one address.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, sea_query::ExprTrait as _,
};
use time::{Duration, OffsetDateTime};

use super::staff::SignedIn;
use super::{Passwords, staff};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::sign_in_attempt::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::fold::fold;
use crate::problem::Problem;

/// Attempts count for so long.
const WINDOW: Duration = Duration::minutes(15);
/// Attempts for one account from one address …
const OF_ACCOUNT_FROM_ADDRESS: u64 = 5;
/// … from one address, whatever the account …
const FROM_ADDRESS: u64 = 50;
/// … and for one account, wherever from.
const OF_ACCOUNT: u64 = 100;
/// Characters of an address that are kept.
const EMAIL_MAX: usize = 254;

/// Somebody at the door.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub from: Option<&'a str>,
}

/// The account of that address and password, if both are right. Takes as long when there is no such account.
///
/// # Errors
/// 429 after too many attempts.
pub async fn authenticate(database: &Database, passwords: &Passwords, who: &SignIn<'_>) -> Result<Option<SignedIn>> {
    let db = database.writer();
    let key: String = fold(who.email)
        .chars()
        .filter(|c| !c.is_control())
        .take(EMAIL_MAX)
        .collect();
    let from = who.from.unwrap_or_default().to_owned();
    admit(db, &key, &from).await?;
    let found = staff::check_password(db, passwords, &key, who.password).await?;
    let actor = Actor {
        name: found
            .as_ref()
            .map_or_else(|| key.clone(), |found| found.user.email.clone()),
        address: who.from.map(str::to_owned),
    };
    let Some(found) = found else {
        audit::record(db, &actor, Action::SignInRefused, None, None).await?;
        return Ok(None);
    };
    let transaction = database.begin().await?;
    forget_attempts(&transaction, &key, &from).await?;
    staff::note_sign_in(&transaction, found.user.id).await?;
    let object = Object::new(ObjectKind::User, found.user.id, found.user.email.clone());
    audit::record(&transaction, &actor, Action::SignedIn, Some(object), None).await?;
    transaction.commit().await?;
    Ok(Some(found))
}

/// Notes an attempt at the password of an account.
///
/// # Errors
/// 429 after too many.
pub(super) async fn admit(db: &impl ConnectionTrait, key: &str, from: &str) -> Result<()> {
    let attempt = ActiveModel {
        email_key: Set(key.to_owned()),
        address: Set(from.to_owned()),
        tried_at: Set(now()),
        ..Default::default()
    };
    attempt.insert(db).await?;
    refuse_too_many(db, key, from).await
}

/// Attempts before the right one no longer count.
pub(super) async fn forget_attempts(db: &impl ConnectionTrait, key: &str, from: &str) -> Result<()> {
    let of_both = Column::EmailKey.eq(key).and(Column::Address.eq(from));
    Entity::delete_many().filter(of_both).exec(db).await?;
    Ok(())
}

async fn refuse_too_many(db: &impl ConnectionTrait, key: &str, from: &str) -> Result<()> {
    let since = now() - WINDOW;
    Entity::delete_many()
        .filter(Column::TriedAt.lte(since))
        .exec(db)
        .await?;
    let of_account = Column::EmailKey.eq(key);
    let from_address = Column::Address.eq(from);
    for (attempts, most) in [
        (of_account.clone().and(from_address.clone()), OF_ACCOUNT_FROM_ADDRESS),
        (from_address, FROM_ADDRESS),
        (of_account, OF_ACCOUNT),
    ] {
        let attempts = Entity::find().filter(attempts);
        if attempts.clone().count(db).await? > most {
            let oldest = attempts.order_by_asc(Column::Id).one(db).await?;
            return Err(too_many(oldest.map(|attempt| attempt.tried_at)).into());
        }
    }
    Ok(())
}

fn too_many(oldest: Option<OffsetDateTime>) -> Problem {
    let left = oldest.map_or(WINDOW, |oldest| oldest + WINDOW - now());
    let minutes = (left.whole_seconds().clamp(1, 3_600) + 59) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let message = format!("Too many attempts. Try again in {minutes} {unit}.");
    Problem::new(429, "Too many attempts", message.clone()).with_field("email", message)
}
