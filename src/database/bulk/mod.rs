//! Bulk work: one connection of its own to the database, with scratch tables beside it that nobody else sees.
//!
//! SQLite: a real prepared statement on one `rusqlite` connection, the scratch in an attached database without a journal.
//! PostgreSQL: `COPY`, the scratch in unlogged tables. The scratch may vanish in a crash; it can always be made again.
//!
//! Statements are written once for both. `$1` is a parameter; `{scratch:stage}` names a scratch table; `{unlogged}` and `{text}` stand
//! where their words differ.

mod postgres;
pub(crate) mod scratch;
mod sqlite;

use std::borrow::Cow;
use std::path::Path;

use sea_orm::Value;
use time::OffsetDateTime;

use crate::database::checkpoints::{AtWork, Checkpoints};
use crate::database::sql::Sql;
use crate::database::turn::{Held, Turn};
use crate::database::{CHANGING, Database, Engine};
use crate::error::{Error, Result};

/// A value that goes into a table or a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Bool(bool),
    Text(&'a str),
    Moment(OffsetDateTime),
}

/// What [`crate::database::sql::Sql`] binds.
impl<'a> TryFrom<&'a Value> for Cell<'a> {
    type Error = Error;

    fn try_from(value: &'a Value) -> Result<Self> {
        Ok(match value {
            Value::BigInt(Some(number)) => Self::Int(*number),
            Value::Bool(Some(truth)) => Self::Bool(*truth),
            Value::String(Some(text)) => Self::Text(text),
            Value::TimeDateTimeWithTimeZone(Some(moment)) => Self::Moment(*moment),
            other => return Err(Error::Stored(format!("a condition with the value {other:?}"))),
        })
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}

impl From<Option<bool>> for Cell<'_> {
    fn from(truth: Option<bool>) -> Self {
        truth.map_or(Self::Null, Self::Bool)
    }
}

/// A row on its way into a table.
pub(crate) trait Record: Send + 'static {
    /// Hands its cells, in the order of the table's columns, to `sink`.
    fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>);
}

/// Where rows go: a table as statements name it, and its columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub name: &'static str,
    pub columns: Cow<'static, [&'static str]>,
}

/// The connection and its scratch. Dropping it closes the connection; [`Bulk::close`] also removes the scratch.
pub(crate) struct Bulk {
    session: Session,
    scratch: String,
    turn: Turn,
    /// During a transaction in SQLite.
    held: Option<Held>,
    /// A transaction has begun, or was about to, and nobody has seen it end.
    is_open: bool,
    _at_work: Option<AtWork>,
}

enum Session {
    Sqlite(sqlite::Session),
    Postgres(Box<postgres::Session>),
}

/// Stops the statement that the connection is busy with.
#[derive(Clone)]
pub(crate) enum Interrupt {
    Sqlite(sqlite::Interrupt),
    Postgres(postgres::Interrupt),
}

impl Bulk {
    /// Opens a connection with an empty scratch called `scratch`, which no other running work may use.
    pub async fn open(database: &Database, scratch_dir: &Path, scratch: &str) -> Result<Self> {
        let session = match database.engine() {
            Engine::Sqlite { path } => {
                let file = scratch::file(scratch_dir, scratch);
                Session::Sqlite(sqlite::Session::open(path.clone(), file).await?)
            }
            Engine::Postgres => Session::Postgres(Box::new(postgres::Session::open(database.writer()).await?)),
        };
        Ok(Self {
            session,
            scratch: scratch.to_owned(),
            turn: database.turn().clone(),
            held: None,
            is_open: false,
            _at_work: database.checkpoints.as_deref().map(Checkpoints::at_work),
        })
    }

    /// From here on statements touch a small part of each table, not all of it.
    pub async fn prepare_for_small_steps(&mut self) -> Result<()> {
        match &mut self.session {
            Session::Sqlite(session) => session.prepare_for_small_steps().await,
            Session::Postgres(session) => session.prepare_for_small_steps().await,
        }
    }

    /// From here on statements read whole tables, as at the beginning.
    pub async fn prepare_for_whole_tables(&mut self) -> Result<()> {
        match &mut self.session {
            Session::Sqlite(session) => session.prepare_for_whole_tables().await,
            Session::Postgres(session) => session.prepare_for_whole_tables().await,
        }
    }

    /// Writes rows at the end of a table.
    pub async fn load<R: Record>(&mut self, table: &Table, rows: Vec<R>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let name = self.in_dialect(table.name);
        match &mut self.session {
            Session::Sqlite(session) => session.load(name, &table.columns, rows).await,
            Session::Postgres(session) => session.load(&name, &table.columns, &rows).await,
        }
    }

    /// Runs one statement and says how many rows it changed.
    pub async fn execute(&mut self, statement: &str, parameters: &[Cell<'_>]) -> Result<u64> {
        let statement = self.in_dialect(statement);
        match &mut self.session {
            Session::Sqlite(session) => session.execute(statement, parameters).await,
            Session::Postgres(session) => session.execute(statement, parameters).await,
        }
    }

    /// The same for a statement that was put together with its values.
    pub async fn execute_sql(&mut self, sql: Sql) -> Result<u64> {
        let (statement, values) = sql.into_parts();
        let cells = values.iter().map(Cell::try_from).collect::<Result<Vec<_>>>()?;
        self.execute(&statement, &cells).await
    }

    /// The first row of a query whose columns are all whole numbers.
    pub async fn numbers<const N: usize>(&mut self, query: &str, parameters: &[Cell<'_>]) -> Result<[i64; N]> {
        let query = self.in_dialect(query);
        match &mut self.session {
            Session::Sqlite(session) => session.numbers(query, parameters).await,
            Session::Postgres(session) => session.numbers(query, parameters).await,
        }
    }

    /// The one text that a query finds, if any.
    pub async fn text(&mut self, query: &str, parameters: &[Cell<'_>]) -> Result<Option<String>> {
        let query = self.in_dialect(query);
        match &mut self.session {
            Session::Sqlite(session) => session.text(query, parameters).await,
            Session::Postgres(session) => session.text(query, parameters).await,
        }
    }

    /// Begins a transaction that writes. In SQLite nobody else of this process writes until it is over.
    pub async fn begin(&mut self) -> Result<()> {
        self.held = None;
        if self.is_postgres() {
            self.is_open = true;
            return self.execute("BEGIN", &[]).await.map(drop);
        }
        let held = self.turn.wait().await;
        self.is_open = true;
        self.execute("BEGIN IMMEDIATE", &[]).await?;
        self.held = Some(held);
        Ok(())
    }

    /// Whether somebody waits for the end of its transaction.
    pub fn is_wanted(&self) -> bool {
        self.held.is_some() && self.turn.is_wanted()
    }

    /// Whether people or programs change products meanwhile, as far as this process can see.
    pub fn are_others_at_work(&self) -> bool {
        self.turn.are_others_at_work()
    }

    /// Begins a transaction that changes products; see [`Database::begin_change`].
    pub async fn begin_change(&mut self) -> Result<()> {
        self.begin().await?;
        if self.is_postgres() {
            self.execute(CHANGING, &[]).await?;
        }
        Ok(())
    }

    pub async fn commit(&mut self) -> Result<()> {
        // The next one may ask already: what SQLite does after a commit keeps nobody from writing.
        self.held = None;
        self.execute("COMMIT", &[]).await?;
        self.is_open = false;
        Ok(())
    }

    pub async fn rollback(&mut self) -> Result<()> {
        let rolled_back = self.execute("ROLLBACK", &[]).await;
        self.held = None;
        self.is_open = false;
        rolled_back.map(drop)
    }

    /// Ends a transaction in which a statement has failed, if there is one: PostgreSQL complains where there is none. It may be gone already;
    /// either way nothing of it stays.
    pub async fn abandon(&mut self) {
        if self.is_open {
            drop(self.rollback().await);
        }
    }

    pub fn interrupt(&self) -> Interrupt {
        match &self.session {
            Session::Sqlite(session) => Interrupt::Sqlite(session.interrupt()),
            Session::Postgres(session) => Interrupt::Postgres(session.interrupt()),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.session, Session::Postgres(_))
    }

    /// Removes the scratch and closes the connection.
    pub async fn close(mut self, tables: &[&str]) -> Result<()> {
        self.drop_tables(tables).await?;
        match self.session {
            Session::Sqlite(session) => session.close().await,
            Session::Postgres(session) => session.close().await,
        }
    }

    /// Closes the connection and leaves the scratch to be read by others, without these tables. See [`scratch`].
    pub async fn keep(mut self, without: &[&str]) -> Result<()> {
        self.drop_tables(without).await?;
        match self.session {
            Session::Sqlite(session) => session.keep().await,
            Session::Postgres(session) => session.close().await,
        }
    }

    async fn drop_tables(&mut self, tables: &[&str]) -> Result<()> {
        for table in tables {
            self.execute(&format!("DROP TABLE IF EXISTS {table}"), &[]).await?;
        }
        Ok(())
    }

    /// Its name, by which others find what [`Bulk::keep`] leaves.
    pub fn scratch(&self) -> &str {
        &self.scratch
    }

    fn in_dialect(&self, statement: &str) -> String {
        match self.session {
            Session::Sqlite(_) => in_dialect(statement, "scratch.", "", "TEXT"),
            Session::Postgres(_) => {
                let scratch = format!("{}_", self.scratch);
                in_dialect(statement, &scratch, "UNLOGGED", "TEXT COLLATE \"C\"")
            }
        }
    }
}

fn in_dialect(statement: &str, scratch: &str, unlogged: &str, text: &str) -> String {
    let mut sql = String::with_capacity(statement.len() + 64);
    let mut rest = statement;
    while let Some((before, after)) = rest.split_once("{scratch:") {
        let (table, tail) = after.split_once('}').unwrap_or((after, ""));
        sql.push_str(before);
        sql.push_str(scratch);
        sql.push_str(table);
        rest = tail;
    }
    sql.push_str(rest);
    sql.replace("{unlogged}", unlogged).replace("{text}", text)
}

impl Interrupt {
    /// Has no effect when the connection is idle.
    pub async fn stop(&self) {
        match self {
            Self::Sqlite(interrupt) => interrupt.stop(),
            Self::Postgres(interrupt) => interrupt.stop().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn others_write_after_a_transaction_and_also_after_one_that_fails() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let database = Database::connect(&format!("sqlite://{}/shop.db", folder.path().display())).await?;
        let mut bulk = Bulk::open(&database, folder.path(), "import_1_1").await?;
        bulk.begin().await?;
        let mut other = Box::pin(database.begin());
        assert!(futures::poll!(&mut other).is_pending());
        assert!(bulk.is_wanted());
        bulk.execute("INSERT INTO nowhere VALUES (1)", &[])
            .await
            .expect_err("there is no such table");
        bulk.abandon().await;
        other.await?.commit().await?;
        bulk.begin().await?;
        bulk.commit().await?;
        bulk.abandon().await;
        database.begin().await?.commit().await?;
        bulk.close(&[]).await?;
        database.close().await
    }
}
