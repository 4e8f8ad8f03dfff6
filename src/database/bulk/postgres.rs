//! Bulk work in PostgreSQL: `COPY` in its text format on one kept connection.
//!
//! Format: PostgreSQL documentation, `COPY`, "Text Format".

use std::fmt::Write as _;

use sea_orm::DatabaseConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgPool};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, Postgres, Row as _};

use super::{Cell, Record};
use crate::error::Result;
use crate::timestamp::Timestamp;

/// A batch that a power cut takes back is done again, because its checkpoint is taken back with it: so commits need not wait for the
/// disk. Whatever says that the work is over is committed elsewhere, and waits.
const SETTINGS: &str = "SET work_mem = '256MB'; SET maintenance_work_mem = '128MB'; SET jit = off;
    SET synchronous_commit = off; SET client_min_messages = warning";
/// A batch is small beside the tables it touches; a plan that reads one of them from end to end is always wrong for it.
const SMALL_STEPS: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off";
const WHOLE_TABLES: &str = "RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_seqscan";

pub(super) struct Session {
    connection: PgConnection,
    interrupt: Interrupt,
}

#[derive(Clone)]
pub(crate) struct Interrupt {
    pool: PgPool,
    process: i32,
}

impl Interrupt {
    pub(super) async fn stop(&self) {
        let cancel = sqlx::query("SELECT pg_cancel_backend($1)").bind(self.process);
        if let Err(error) = cancel.execute(&self.pool).await {
            tracing::warn!(%error, "a running statement could not be stopped");
        }
    }
}

impl Session {
    pub(super) async fn open(database: &DatabaseConnection) -> Result<Self> {
        let pool = database.get_postgres_connection_pool().clone();
        // Not one of the pool's: it keeps settings and may be left in the middle of a statement.
        let mut connection = pool.acquire().await?.detach();
        sqlx::raw_sql(SETTINGS).execute(&mut connection).await?;
        let process = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await?;
        Ok(Self {
            connection,
            interrupt: Interrupt { pool, process },
        })
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    pub(super) async fn prepare_for_small_steps(&mut self) -> Result<()> {
        sqlx::raw_sql(SMALL_STEPS).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn prepare_for_whole_tables(&mut self) -> Result<()> {
        sqlx::raw_sql(WHOLE_TABLES).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn load<R: Record>(&mut self, table: &str, columns: &[&str], rows: &[R]) -> Result<()> {
        let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(","));
        let text = copy_text(rows);
        let mut copy = self.connection.copy_in_raw(&statement).await?;
        if let Err(error) = copy.send(text.as_bytes()).await {
            copy.abort("the rows could not be sent").await?;
            return Err(error.into());
        }
        copy.finish().await?;
        Ok(())
    }

    pub(super) async fn execute(&mut self, statement: String, parameters: &[Cell<'_>]) -> Result<u64> {
        let query = bound(sqlx::query(AssertSqlSafe(statement)), parameters);
        Ok(query.execute(&mut self.connection).await?.rows_affected())
    }

    pub(super) async fn numbers<const N: usize>(&mut self, query: String, parameters: &[Cell<'_>]) -> Result<[i64; N]> {
        let row = bound(sqlx::query(AssertSqlSafe(query)), parameters)
            .fetch_one(&mut self.connection)
            .await?;
        let mut numbers = [0; N];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = row.try_get::<Option<i64>, _>(index)?.unwrap_or(0);
        }
        Ok(numbers)
    }

    pub(super) async fn text(&mut self, query: String, parameters: &[Cell<'_>]) -> Result<Option<String>> {
        let row = bound(sqlx::query(AssertSqlSafe(query)), parameters)
            .fetch_optional(&mut self.connection)
            .await?;
        Ok(match row {
            Some(row) => row.try_get(0)?,
            None => None,
        })
    }

    pub(super) async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

fn bound<'q>(query: Query<'q, Postgres, PgArguments>, parameters: &[Cell<'_>]) -> Query<'q, Postgres, PgArguments> {
    parameters.iter().fold(query, |query, cell| match cell {
        Cell::Null => query.bind(None::<i64>),
        Cell::Int(number) => query.bind(*number),
        Cell::Bool(truth) => query.bind(*truth),
        Cell::Text(text) => query.bind((*text).to_owned()),
        Cell::Moment(moment) => query.bind(*moment),
    })
}

fn copy_text<R: Record>(rows: &[R]) -> String {
    let mut text = String::with_capacity(rows.len() * 200);
    let mut cells = Vec::new();
    for row in rows {
        cells.clear();
        row.cells(&mut cells);
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            push_cell(&mut text, *cell);
        }
        text.push('\n');
    }
    text
}

fn push_cell(text: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Null => text.push_str("\\N"),
        Cell::Int(number) => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{number}");
        }
        Cell::Bool(truth) => text.push(if truth { 't' } else { 'f' }),
        Cell::Text(value) => push_escaped(text, value),
        Cell::Moment(moment) => text.push_str(Timestamp::from(moment).as_str()),
    }
}

fn push_escaped(text: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '\n', '\r', '\t']) {
        text.push_str(&rest[..at]);
        text.push_str(match rest.as_bytes()[at] {
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\t",
        });
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::{Cell, Record, copy_text};

    struct Two(&'static str, Option<i64>);

    impl Record for Two {
        fn cells<'a>(&'a self, sink: &mut Vec<Cell<'a>>) {
            sink.extend([Cell::Text(self.0), self.1.into()]);
        }
    }

    #[test]
    fn what_would_end_a_cell_or_a_row_is_escaped() {
        assert_eq!(
            copy_text(&[Two("a\tb\\N\r\nc", None), Two("", Some(-7))]),
            "a\\tb\\\\N\\r\\nc\t\\N\n\t-7\n"
        );
    }
}
