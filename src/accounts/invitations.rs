//! Invitations: a link with a secret, by which somebody chooses the password of the account that was made for them.

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use time::Duration;

use super::secret::{Secret, hash};
use super::staff::{SignedIn, checked_email, checked_name, locked, object, signed_in, taken};
use super::{Passwords, Role};
use crate::audit::{self, Action, Actor};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::user::{ActiveModel, Column, Entity, Model};
use crate::error::Result;
use crate::fold::fold;
use crate::problem::Problem;

/// How long an invitation can be accepted.
const INVITATION: Duration = Duration::days(7);

/// Invites somebody: whoever opens the link with the secret chooses the account's password.
///
/// # Errors
/// When the address is none or taken.
pub async fn invite(database: &Database, name: &str, email: &str, role: Role, actor: &Actor) -> Result<Secret> {
    let (name, email) = (checked_name(name)?, checked_email(email)?);
    let secret = Secret::invitation();
    let row = ActiveModel {
        name: Set(name.to_owned()),
        email: Set(email.to_owned()),
        email_key: Set(fold(email).into_owned()),
        password_hash: Set(String::new()),
        role: Set(role.as_str().to_owned()),
        created_at: Set(now()),
        invite_hash: Set(Some(secret.hash())),
        invite_expires_at: Set(Some(now() + INVITATION)),
        ..Default::default()
    };
    let transaction = database.begin().await?;
    let row = row.insert(&transaction).await.map_err(|error| taken(error, email))?;
    let fields = serde_json::json!({"role": role.as_str()});
    audit::record(
        &transaction,
        actor,
        Action::UserInvited,
        Some(object(&row)),
        Some(fields),
    )
    .await?;
    transaction.commit().await?;
    Ok(secret)
}

/// A new link for somebody who has lost theirs, or their password. Links before it are worth nothing.
///
/// # Errors
/// 404, and 409 for an account that is disabled.
pub async fn renew_invitation(database: &Database, id: i64, actor: &Actor) -> Result<(String, Secret)> {
    let transaction = database.begin().await?;
    let row = locked(&transaction, id).await?;
    if row.disabled_at.is_some() {
        return Err(Problem::conflict("This account is disabled. Enable it first.").into());
    }
    let secret = Secret::invitation();
    let mut changed: ActiveModel = row.clone().into();
    changed.invite_hash = Set(Some(secret.hash()));
    changed.invite_expires_at = Set(Some(now() + INVITATION));
    changed.update(&transaction).await?;
    audit::record(&transaction, actor, Action::UserInvited, Some(object(&row)), None).await?;
    transaction.commit().await?;
    Ok((row.email, secret))
}

/// Whose invitation that is.
///
/// # Errors
/// 404 when it is nobody's, or too old.
pub async fn invited(db: &impl ConnectionTrait, secret: &str) -> Result<String> {
    Ok(invitation(db, secret).await?.email)
}

async fn invitation(db: &impl ConnectionTrait, secret: &str) -> Result<Model> {
    let valid = Column::InviteHash
        .eq(hash(secret))
        .and(Column::InviteExpiresAt.gt(now()))
        .and(Column::DisabledAt.is_null());
    let row = Entity::find().filter(valid).one(db).await?;
    let detail = "This invitation has been used or is too old. Ask an administrator for a new link.";
    row.ok_or_else(|| Problem::new(404, "The invitation is not valid", detail).into())
}

/// Takes up an invitation: its account gets this password, and every session of before is over.
///
/// # Errors
/// 404 when the invitation is nobody's, 422 when the password is too short.
pub async fn accept(
    database: &Database,
    passwords: &Passwords,
    secret: &str,
    password: &str,
    from: Option<&str>,
) -> Result<SignedIn> {
    invitation(database.reader(), secret).await?;
    let password_hash = passwords.hash(password).await?;
    let transaction = database.begin().await?;
    // Whoever comes second with the same link waits here, and finds it used.
    let id = invitation(&transaction, secret).await?.id;
    locked(&transaction, id).await?;
    let row = invitation(&transaction, secret).await?;
    let actor = Actor {
        name: row.email.clone(),
        address: from.map(str::to_owned),
    };
    let mut changed: ActiveModel = row.clone().into();
    changed.password_hash = Set(password_hash);
    changed.invite_hash = Set(None);
    changed.invite_expires_at = Set(None);
    changed.session_epoch = Set(row.session_epoch + 1);
    changed.last_sign_in_at = Set(Some(now()));
    let row = changed.update(&transaction).await?;
    audit::record(&transaction, &actor, Action::UserJoined, Some(object(&row)), None).await?;
    transaction.commit().await?;
    signed_in(&row)
}
