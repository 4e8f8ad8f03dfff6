//! Signing in, and the limit to trying.
//!
//! Every attempt is written down before its password is looked at, so that a hundred at the same moment are no way around the limit. Who
//! tries from elsewhere is not kept out by others: the narrow limit is for one account from one address.
//!
//! Of a lock-out the audit log has one line in a quarter of an hour, not one for each attempt: whoever tries without end shall not fill it.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DatabaseBackend, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select, sea_query::ExprTrait as _,
};
use time::{Duration, OffsetDateTime};

use super::staff::SignedIn;
use super::{Passwords, User, staff};
use crate::audit::{self, Action, Actor, By, Object, ObjectKind};
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
    admit(database, &key, &from).await?;
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

/// Writes down that somebody has ended a session of theirs.
///
/// # Errors
/// When the database fails.
pub async fn note_sign_out(database: &Database, user: &User, actor: &Actor) -> Result<()> {
    let object = Object::new(ObjectKind::User, user.id, user.email.clone());
    audit::record_alone(database, actor, Action::SignedOut, Some(object), None).await
}

/// Notes an attempt at the password of an account.
///
/// # Errors
/// 429 after too many.
pub(super) async fn admit(database: &Database, key: &str, from: &str) -> Result<()> {
    let attempt = ActiveModel {
        email_key: Set(key.to_owned()),
        address: Set(from.to_owned()),
        tried_at: Set(now()),
        ..Default::default()
    };
    attempt.insert(database.writer()).await?;
    refuse_too_many(database, key, from).await
}

/// Attempts before the right one no longer count.
pub(super) async fn forget_attempts(db: &impl ConnectionTrait, key: &str, from: &str) -> Result<()> {
    let of_both = Column::EmailKey.eq(key).and(Column::Address.eq(from));
    Entity::delete_many().filter(of_both).exec(db).await?;
    Ok(())
}

/// What attempts are counted of.
#[derive(Clone, Copy, Debug)]
enum Limit {
    OfAccountFromAddress,
    FromAddress,
    OfAccount,
}

impl Limit {
    /// From the narrowest on.
    const ALL: [Self; 3] = [Self::OfAccountFromAddress, Self::FromAddress, Self::OfAccount];

    fn most(self) -> u64 {
        match self {
            Self::OfAccountFromAddress => OF_ACCOUNT_FROM_ADDRESS,
            Self::FromAddress => FROM_ADDRESS,
            Self::OfAccount => OF_ACCOUNT,
        }
    }

    /// As the log says it.
    fn in_words(self) -> &'static str {
        match self {
            Self::OfAccountFromAddress => "one account from one address",
            Self::FromAddress => "one address",
            Self::OfAccount => "one account",
        }
    }

    fn attempts(self, key: &str, from: &str) -> Select<Entity> {
        let (of_account, from_address) = (Column::EmailKey.eq(key), Column::Address.eq(from));
        Entity::find().filter(match self {
            Self::OfAccountFromAddress => of_account.and(from_address),
            Self::FromAddress => from_address,
            Self::OfAccount => of_account,
        })
    }

    /// Whose line in the log tells of the same lock-out.
    fn by<'a>(self, key: &'a str, from: &'a str) -> By<'a> {
        let (name, address) = (Some(key), Some(from));
        match self {
            Self::OfAccountFromAddress => By { name, address },
            Self::FromAddress => By { name: None, address },
            Self::OfAccount => By { name, address: None },
        }
    }
}

async fn refuse_too_many(database: &Database, key: &str, from: &str) -> Result<()> {
    let db = database.writer();
    let since = now() - WINDOW;
    Entity::delete_many()
        .filter(Column::TriedAt.lte(since))
        .exec(db)
        .await?;
    let mut exceeded = None;
    let mut last = None;
    for limit in Limit::ALL {
        let attempts = limit.attempts(key, from);
        let made = attempts.clone().count(db).await?;
        if made > limit.most() {
            exceeded = Some(limit);
            // Once this one is over, too, the next one is the last of as many as may be.
            let in_the_way = attempts.order_by_asc(Column::Id).offset(made - limit.most());
            let tried_at = in_the_way.one(db).await?.map(|attempt| attempt.tried_at);
            last = Ord::max(last, tried_at);
        }
    }
    let Some(widest) = exceeded else { return Ok(()) };
    // The widest, so that no new line comes with each account that is tried from an address, or with each address that tries an account.
    tell(database, widest, key, from).await?;
    Err(too_many(last).into())
}

/// Writes the line of a lock-out, unless it is there.
async fn tell(database: &Database, limit: Limit, key: &str, from: &str) -> Result<()> {
    let fields = serde_json::json!({"limit": limit.most(), "of": limit.in_words()});
    let since = now() - WINDOW;
    let by = limit.by(key, from);
    if audit::is_there(database.writer(), Action::SignInLocked, by, &fields, since).await? {
        return Ok(());
    }
    let transaction = database.begin().await?;
    if transaction.get_database_backend() == DatabaseBackend::Postgres {
        // Of many who come here at the same moment, one goes on.
        let oldest = limit.attempts(key, from).order_by_asc(Column::Id).lock_exclusive();
        oldest.one(&transaction).await?;
    }
    if !audit::is_there(&transaction, Action::SignInLocked, by, &fields, since).await? {
        let actor = Actor {
            name: key.to_owned(),
            address: Some(from.to_owned()),
        };
        audit::record(&transaction, &actor, Action::SignInLocked, None, Some(fields)).await?;
    }
    Ok(transaction.commit().await?)
}

/// `last` is the last attempt that must be over before another one is looked at.
fn too_many(last: Option<OffsetDateTime>) -> Problem {
    let left = last.map_or(WINDOW, |last| last + WINDOW - now());
    let seconds = left.whole_seconds().clamp(1, 3_600);
    let minutes = (seconds + 59) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let message = format!("Too many attempts. Try again in {minutes} {unit}.");
    Problem::new(429, "Too many attempts", message.clone())
        .with_field("email", message)
        .with_retry_after(u32::try_from(seconds).unwrap_or_default())
}
