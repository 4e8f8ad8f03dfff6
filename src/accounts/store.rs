//! Queries of accounts and API keys.

use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, SqlErr,
};

use super::{ApiKey, Passwords, Role, User, api_key as key};
use crate::database::clock::now;
use crate::entities::{api_key, user};
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::problem::Problem;

/// Somebody who may sign in from now on.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    pub email: &'a str,
    pub password: &'a str,
    pub role: Role,
}

/// # Errors
/// When the address is none or taken, or the password too short.
pub async fn create_user(db: &impl ConnectionTrait, passwords: &Passwords, new: NewUser<'_>) -> Result<User> {
    let email = checked(new.email)?;
    let row = user::ActiveModel {
        email: Set(email.to_owned()),
        email_key: Set(fold(email).into_owned()),
        password_hash: Set(passwords.hash(new.password).await?),
        role: Set(new.role.as_str().to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    match row.insert(db).await {
        Ok(row) => signed_in(row),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            let message = format!("There is an account for {email} already. Sign in with it, or use another address.");
            Err(Problem::conflict(message.clone()).with_field("email", message).into())
        }
        Err(error) => Err(error.into()),
    }
}

fn checked(email: &str) -> Result<&str> {
    let email = email.trim();
    let well_formed = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if well_formed && email.len() <= 254 && !email.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(email);
    }
    let message = "Enter an email address, such as name@example.com.";
    Err(Problem::unprocessable(message).with_field("email", message).into())
}

/// Whether anybody can sign in yet.
///
/// # Errors
/// When the database fails.
pub async fn any_user(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(user::Entity::find().count(db).await? > 0)
}

/// The account of that address and password, if both are right. Takes as long when there is no such account.
///
/// # Errors
/// When the database fails.
pub async fn authenticate(
    db: &impl ConnectionTrait,
    passwords: &Passwords,
    email: &str,
    password: &str,
) -> Result<Option<User>> {
    let row = user::Entity::find()
        .filter(user::Column::EmailKey.eq(&*fold(email)))
        .one(db)
        .await?;
    let right = passwords
        .verify(password, row.as_ref().map(|row| row.password_hash.as_str()))
        .await?;
    let Some(row) = row.filter(|_| right) else {
        return Ok(None);
    };
    let mut seen: user::ActiveModel = row.clone().into();
    seen.last_sign_in_at = Set(Some(now()));
    seen.update(db).await?;
    signed_in(row).map(Some)
}

/// # Errors
/// When the database fails.
pub async fn find_user(db: &impl ConnectionTrait, id: i64) -> Result<Option<User>> {
    user::Entity::find_by_id(id).one(db).await?.map(signed_in).transpose()
}

/// Stores a new key and hands it out, this once.
///
/// # Errors
/// When the name is blank or the database fails.
pub async fn create_api_key(db: &impl ConnectionTrait, name: &str, role: Role) -> Result<ApiKey> {
    let name = name.trim();
    if name.is_empty() || name.len() > 200 {
        return Err(Problem::unprocessable("Enter a name for the key, such as the program that will use it.").into());
    }
    let new = ApiKey::generate();
    let row = api_key::ActiveModel {
        name: Set(name.to_owned()),
        prefix: Set(new.prefix().to_owned()),
        key_hash: Set(key::hash(new.as_str())),
        role: Set(role.as_str().to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    row.insert(db).await?;
    Ok(new)
}

/// The name and the role of a valid key.
///
/// # Errors
/// When the database fails.
pub async fn user_of_api_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<(String, Role)>> {
    let valid = api_key::Column::KeyHash
        .eq(key::hash(key))
        .and(api_key::Column::RevokedAt.is_null());
    let Some(row) = api_key::Entity::find().filter(valid).one(db).await? else {
        return Ok(None);
    };
    let role = row.role.parse().map_err(Error::Stored)?;
    Ok(Some((row.name, role)))
}

fn signed_in(row: user::Model) -> Result<User> {
    let role = row.role.parse().map_err(Error::Stored)?;
    Ok(User {
        id: row.id,
        email: row.email,
        role,
    })
}
