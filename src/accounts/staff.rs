//! The staff: who may sign in, and as what.

use super::{Account, AccountStatus, Passwords, Preferences, Role, User, sign_in};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::database::Database;
use crate::database::clock::now;
use crate::entities::user::{ActiveModel, Column, Entity, Model};
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::problem::Problem;
use crate::timestamp::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DatabaseBackend,
    DatabaseTransaction, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    SqlErr,
};

/// Characters of a person's name.
const NAME_MAX: usize = 200;

/// Somebody who may sign in from now on.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub role: Role,
}

/// A person, and which of their sessions still count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub user: User,
    /// Sessions that began under a lower number are over.
    pub epoch: i64,
}

/// Adds an account that can sign in at once.
///
/// # Errors
/// When the address is none or taken, or the password too short.
pub async fn create_user(database: &Database, passwords: &Passwords, new: NewUser<'_>) -> Result<SignedIn> {
    let email = checked_email(new.email)?;
    let row = ActiveModel {
        email: Set(email.to_owned()),
        email_key: Set(fold(email).into_owned()),
        password_hash: Set(passwords.hash(new.password).await?),
        role: Set(new.role.as_str().to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    let transaction = database.begin().await?;
    let row = row.insert(&transaction).await.map_err(|error| taken(error, email))?;
    let actor = Actor::from(email);
    audit::record(&transaction, &actor, Action::UserJoined, Some(object(&row)), None).await?;
    transaction.commit().await?;
    signed_in(&row)
}

pub(super) fn taken(error: sea_orm::DbErr, email: &str) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = format!("There is an account for {email} already. Sign in with it, or use another address.");
            Problem::conflict(message.clone()).with_field("email", message).into()
        }
        _ => error.into(),
    }
}

pub(super) fn checked_email(email: &str) -> Result<&str> {
    let email = email.trim();
    let well_formed = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if well_formed && email.len() <= 254 && !email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(email);
    }
    Err(refusal("email", "Enter an email address, such as name@example.com."))
}

pub(super) fn checked_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(refusal("name", "Enter a name of at most 200 characters."))
}

fn refusal(field: &str, message: &str) -> Error {
    Problem::unprocessable(message).with_field(field, message).into()
}

pub(super) fn object(row: &Model) -> Object {
    Object::new(ObjectKind::User, row.id, row.email.clone())
}

/// Whether anybody can sign in yet.
///
/// # Errors
/// When the database fails.
pub async fn any_user(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().count(db).await? > 0)
}

/// Somebody whose session began under `epoch`, unless that is over or they may not sign in any more.
///
/// # Errors
/// When the database fails.
pub async fn find_user(db: &impl ConnectionTrait, id: i64, epoch: i64) -> Result<Option<User>> {
    let row = Entity::find_by_id(id).one(db).await?;
    let row = row.filter(|row| row.disabled_at.is_none() && row.session_epoch == epoch);
    row.map(|row| Ok(signed_in(&row)?.user)).transpose()
}

/// Everybody, in the order of their addresses.
///
/// # Errors
/// When the database fails.
pub async fn staff(db: &impl ConnectionTrait) -> Result<Vec<Account>> {
    let rows = Entity::find().order_by_asc(Column::EmailKey).all(db).await?;
    rows.iter().map(account).collect()
}

/// Gives an account another name or role.
///
/// # Errors
/// 404, and 409 when nobody would be left to look after the accounts.
pub async fn change(database: &Database, id: i64, name: &str, role: Role, actor: &Actor) -> Result<()> {
    let name = checked_name(name)?;
    let transaction = database.begin().await?;
    let admins = locked_admins(&transaction).await?;
    let row = locked(&transaction, id).await?;
    if role != Role::Admin {
        keep_an_admin(&admins, &row)?;
    }
    let mut fields = serde_json::Map::new();
    for (field, before, after) in [("name", row.name.as_str(), name), ("role", &row.role, role.as_str())] {
        if before != after {
            fields.insert(field.to_owned(), serde_json::json!([before, after]));
        }
    }
    if fields.is_empty() {
        return Ok(transaction.rollback().await?);
    }
    let mut changed: ActiveModel = row.clone().into();
    changed.name = Set(name.to_owned());
    changed.role = Set(role.as_str().to_owned());
    changed.update(&transaction).await?;
    audit::record(
        &transaction,
        actor,
        Action::UserChanged,
        Some(object(&row)),
        Some(fields.into()),
    )
    .await?;
    Ok(transaction.commit().await?)
}

/// Keeps somebody out from now on, in all their sessions. Their name stays beside what they did.
///
/// # Errors
/// 404; 409 for oneself and for the last administrator.
pub async fn disable(database: &Database, id: i64, actor: &Actor) -> Result<()> {
    let transaction = database.begin().await?;
    let admins = locked_admins(&transaction).await?;
    let row = locked(&transaction, id).await?;
    if row.email == actor.name {
        return Err(Problem::conflict("You cannot disable your own account. Ask another administrator.").into());
    }
    keep_an_admin(&admins, &row)?;
    if row.disabled_at.is_some() {
        return Ok(transaction.rollback().await?);
    }
    let mut changed: ActiveModel = row.clone().into();
    changed.disabled_at = Set(Some(now()));
    changed.invite_hash = Set(None);
    changed.session_epoch = Set(row.session_epoch + 1);
    changed.update(&transaction).await?;
    audit::record(&transaction, actor, Action::UserDisabled, Some(object(&row)), None).await?;
    Ok(transaction.commit().await?)
}

/// Lets somebody in again.
///
/// # Errors
/// 404.
pub async fn enable(database: &Database, id: i64, actor: &Actor) -> Result<()> {
    let transaction = database.begin().await?;
    let row = locked(&transaction, id).await?;
    if row.disabled_at.is_none() {
        return Ok(transaction.rollback().await?);
    }
    let mut changed: ActiveModel = row.clone().into();
    changed.disabled_at = Set(None);
    changed.update(&transaction).await?;
    audit::record(&transaction, actor, Action::UserEnabled, Some(object(&row)), None).await?;
    Ok(transaction.commit().await?)
}

/// Changes one's own password and ends one's other sessions: the one that goes on continues under the number that is given back.
///
/// # Errors
/// 422 when the present password is wrong or the new one too short.
pub async fn change_password(
    database: &Database,
    passwords: &Passwords,
    id: i64,
    (present, new): (&str, &str),
    actor: &Actor,
) -> Result<i64> {
    let row = Entity::find_by_id(id).one(database.reader()).await?;
    let row = row.ok_or_else(|| Problem::not_found("account"))?;
    let from = actor.address.as_deref().unwrap_or_default();
    sign_in::admit(database, &row.email_key, from).await?;
    if !passwords.verify(present, Some(&row.password_hash)).await? {
        return Err(refusal("present", "Your present password is not correct."));
    }
    let password_hash = passwords.hash(new).await?;
    let transaction = database.begin().await?;
    let verified = (row.password_hash, row.session_epoch);
    let row = locked(&transaction, id).await?;
    if (&row.password_hash, row.session_epoch) != (&verified.0, verified.1) {
        return Err(Problem::conflict("Your password was changed a moment ago. Sign in with the new one.").into());
    }
    sign_in::forget_attempts(&transaction, &row.email_key, from).await?;
    let epoch = row.session_epoch + 1;
    let mut changed: ActiveModel = row.clone().into();
    changed.password_hash = Set(password_hash);
    changed.session_epoch = Set(epoch);
    changed.invite_hash = Set(None);
    changed.update(&transaction).await?;
    audit::record(&transaction, actor, Action::PasswordChanged, Some(object(&row)), None).await?;
    transaction.commit().await?;
    Ok(epoch)
}

/// Keeps what somebody has decided for themselves.
///
/// # Errors
/// When the database fails.
pub async fn save_preferences(db: &impl ConnectionTrait, id: i64, preferences: &Preferences) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Preferences, Expr::val(serde_json::to_string(preferences)?))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The account of that folded address, if the password is its own.
pub(super) async fn check_password(
    db: &impl ConnectionTrait,
    passwords: &Passwords,
    email_key: &str,
    password: &str,
) -> Result<Option<SignedIn>> {
    let row = Entity::find().filter(Column::EmailKey.eq(email_key)).one(db).await?;
    // Who was invited has no password, and who is disabled has none that counts.
    let row = row.filter(|row| row.disabled_at.is_none() && !row.password_hash.is_empty());
    let right = passwords
        .verify(password, row.as_ref().map(|row| row.password_hash.as_str()))
        .await?;
    row.filter(|_| right).map(|row| signed_in(&row)).transpose()
}

pub(super) async fn note_sign_in(db: &impl ConnectionTrait, id: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LastSignInAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

pub(super) async fn locked(db: &DatabaseTransaction, id: i64) -> Result<Model> {
    let mut row = Entity::find_by_id(id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        row = row.lock_exclusive();
    }
    row.one(db).await?.ok_or_else(|| Problem::not_found("account").into())
}

/// All administrators who can sign in, kept from others until the transaction is over, so that two cannot remove each other. Locked before
/// anybody else, and in one order, so that two do not wait for each other.
async fn locked_admins(db: &DatabaseTransaction) -> Result<Vec<i64>> {
    let able = Condition::all()
        .add(Column::Role.eq(Role::Admin.as_str()))
        .add(Column::DisabledAt.is_null())
        .add(Column::PasswordHash.ne(""));
    let mut admins = Entity::find().filter(able).order_by_asc(Column::Id);
    if db.get_database_backend() == DatabaseBackend::Postgres {
        admins = admins.lock_exclusive();
    }
    Ok(admins.all(db).await?.into_iter().map(|admin| admin.id).collect())
}

/// Refuses what would leave nobody to look after the accounts.
fn keep_an_admin(admins: &[i64], leaving: &Model) -> Result<()> {
    let is_one = leaving.role == Role::Admin.as_str() && leaving.disabled_at.is_none();
    if !is_one || admins.iter().any(|admin| *admin != leaving.id) {
        return Ok(());
    }
    Err(Problem::conflict("This is the last administrator. Add another administrator first.").into())
}

pub(super) fn signed_in(row: &Model) -> Result<SignedIn> {
    Ok(SignedIn {
        user: User {
            id: row.id,
            email: row.email.clone(),
            role: row.role.parse().map_err(Error::Stored)?,
            preferences: serde_json::from_str(&row.preferences)?,
        },
        epoch: row.session_epoch,
    })
}

fn account(row: &Model) -> Result<Account> {
    let status = match (row.disabled_at, row.password_hash.is_empty()) {
        (Some(_), _) => AccountStatus::Disabled,
        (None, true) => AccountStatus::Invited,
        (None, false) => AccountStatus::Active,
    };
    Ok(Account {
        id: row.id,
        name: row.name.clone(),
        email: row.email.clone(),
        role: row.role.parse().map_err(Error::Stored)?,
        status,
        created_at: row.created_at.into(),
        last_sign_in_at: row.last_sign_in_at.map(Timestamp::from),
    })
}
