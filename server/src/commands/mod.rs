//! What the binary does besides serving. `import` is one run of an import, with its `bar`, its `report` and its `interrupts`.

mod bar;
mod health;
pub mod import;
mod interrupts;
mod report;

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::Context as _;
use migration::{Migrate as _, Migrator};
use sea_orm::DatabaseConnection;
use stockroom::accounts::{self, NewApiKey, NewUser, Passwords};
use stockroom::audit::Actor;
use stockroom::database::Database;
use stockroom::problem::Problem;

pub use health::health;
pub use import::import;

use crate::cli::{ApiKeyAction, MigrateAction, Settings, UserAction};
use crate::schema;

/// # Errors
/// When the database cannot be reached or a change fails.
pub async fn migrate(settings: Settings, action: MigrateAction) -> anyhow::Result<()> {
    let database = Database::connect(&settings.database_url).await?;
    match action {
        MigrateAction::Up => schema::update(&database).await?,
        MigrateAction::Down => {
            schema::refuse_newer(&database).await?;
            Migrator::down(database.writer(), Some(1)).await?;
        }
        MigrateAction::Status => {
            schema::refuse_newer(&database).await?;
            print_status(database.writer()).await?;
        }
    }
    Ok(database.close().await?)
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
async fn print_status(db: &DatabaseConnection) -> anyhow::Result<()> {
    for migration in Migrator::get_migration_with_status(db).await? {
        println!(
            "{:<8} {}",
            migration.status().to_string().to_lowercase(),
            migration.name()
        );
    }
    Ok(())
}

/// # Errors
/// When the address is taken or none, the password too short, or the database cannot be reached.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub async fn user(settings: Settings, action: UserAction) -> anyhow::Result<()> {
    let UserAction::Add { email, role } = action;
    let (password, made_up) = password()?;
    let database = ready(&settings).await?;
    let new = NewUser {
        email: &email,
        password: &password,
        role,
    };
    let user = accounts::create_user(&database, &Passwords::default(), new)
        .await
        .map_err(Problem::from)?
        .user;
    println!("{} may sign in as {}.", user.email, user.role.as_str());
    if made_up {
        println!("Password: {password}");
    }
    Ok(database.close().await?)
}

/// The first line of standard input; at a terminal, or when nothing is there, one that is made up.
fn password() -> anyhow::Result<(String, bool)> {
    let mut typed = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin()
            .lock()
            .read_line(&mut typed)
            .context("the password could not be read")?;
    }
    let typed = typed.trim_end_matches(['\r', '\n']);
    if typed.is_empty() {
        Ok((format!("{:032x}", rand::random::<u128>()), true))
    } else {
        Ok((typed.to_owned(), false))
    }
}

/// # Errors
/// When the name is blank or the database cannot be reached.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub async fn api_key(settings: Settings, action: ApiKeyAction) -> anyhow::Result<()> {
    let ApiKeyAction::Create { name, role } = action;
    let new = NewApiKey {
        name: &name,
        role,
        days: None,
    };
    let database = ready(&settings).await?;
    let key = accounts::create_api_key(&database, new, &Actor::from("command line"))
        .await
        .map_err(Problem::from)?;
    println!("{}", key.as_str());
    Ok(database.close().await?)
}

async fn ready(settings: &Settings) -> anyhow::Result<Database> {
    let database = Database::connect(&settings.database_url).await?;
    schema::update(&database).await?;
    Ok(database)
}
