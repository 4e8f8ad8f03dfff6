//! Bulk work in SQLite: one `rusqlite` connection on a thread of its own.
//!
//! Always the same thread, because the C library's allocator keeps memory for each thread that ever asked for some: a cache that is
//! filled from many threads is paid for many times.
//!
//! sqlx hands every statement to a worker thread and waits for it, which costs more than the insert itself; half a million
//! rows want a prepared statement in a plain loop.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, InterruptHandle, OptionalExtension as _, ToSql, params_from_iter};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::{Cell, Record};
use crate::error::Result;
use crate::timestamp::Timestamp;

/// Kilobytes of pages of the database: batches want them for the indexes that they change.
const SMALL_STEPS: &str = "PRAGMA main.cache_size = -24000";
/// SQLite sorts in as much memory as this cache may take, and is faster in less of it.
const WHOLE_TABLES: &str = "PRAGMA main.cache_size = -8000";

pub(super) struct Session {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
    interrupt: Interrupt,
    scratch: PathBuf,
}

/// A piece of work for the connection's thread.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

#[derive(Clone)]
pub(crate) struct Interrupt(Arc<InterruptHandle>);

impl Interrupt {
    pub(super) fn stop(&self) {
        self.0.interrupt();
    }
}

impl Session {
    pub(super) async fn open(database: PathBuf, scratch: PathBuf) -> Result<Self> {
        let connection = spawn_blocking({
            let scratch = scratch.clone();
            move || connect(&database, &scratch)
        })
        .await??;
        let interrupt = Interrupt(Arc::new(connection.get_interrupt_handle()));
        let (jobs, todo) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("bulk".to_owned())
            .spawn(move || work(connection, &todo))?;
        Ok(Self {
            jobs,
            thread,
            interrupt,
            scratch,
        })
    }

    pub(super) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    pub(super) async fn prepare_for_small_steps(&self) -> Result<()> {
        self.on_thread(|connection| connection.execute_batch(SMALL_STEPS)).await
    }

    pub(super) async fn prepare_for_whole_tables(&self) -> Result<()> {
        self.on_thread(|connection| connection.execute_batch(WHOLE_TABLES))
            .await
    }

    pub(super) async fn load<R: Record>(&self, table: String, columns: &[&str], rows: Vec<R>) -> Result<()> {
        let width = columns.len();
        let places = vec!["?"; width].join(",");
        let insert = format!("INSERT INTO {table} ({}) VALUES ({places})", columns.join(","));
        self.on_thread(move |connection| {
            // A savepoint, because the caller may have begun a transaction.
            let savepoint = connection.savepoint()?;
            {
                let mut insert = savepoint.prepare_cached(&insert)?;
                for row in &rows {
                    let mut cells = Vec::with_capacity(width);
                    row.cells(&mut cells);
                    insert.execute(params_from_iter(cells))?;
                }
            }
            savepoint.commit()
        })
        .await
    }

    pub(super) async fn execute(&self, statement: String, parameters: &[Cell<'_>]) -> Result<u64> {
        let parameters = owned(parameters);
        self.on_thread(move |connection| {
            let changed = connection
                .prepare_cached(&numbered(&statement))?
                .execute(params_from_iter(parameters))?;
            Ok(changed as u64)
        })
        .await
    }

    pub(super) async fn numbers<const N: usize>(&self, query: String, parameters: &[Cell<'_>]) -> Result<[i64; N]> {
        let parameters = owned(parameters);
        self.on_thread(move |connection| {
            let mut query = connection.prepare_cached(&numbered(&query))?;
            query.query_row(params_from_iter(parameters), |row| {
                let mut numbers = [0; N];
                for (index, number) in numbers.iter_mut().enumerate() {
                    *number = row.get::<_, Option<i64>>(index)?.unwrap_or(0);
                }
                Ok(numbers)
            })
        })
        .await
    }

    pub(super) async fn text(&self, query: String, parameters: &[Cell<'_>]) -> Result<Option<String>> {
        let parameters = owned(parameters);
        self.on_thread(move |connection| {
            let mut query = connection.prepare_cached(&numbered(&query))?;
            let found = query
                .query_row(params_from_iter(parameters), |row| row.get::<_, Option<String>>(0))
                .optional()?;
            Ok(found.flatten())
        })
        .await
    }

    pub(super) async fn close(self) -> Result<()> {
        let scratch = self.scratch.clone();
        self.keep().await?;
        spawn_blocking(move || remove(&scratch)).await?
    }

    /// Closes the connection; its scratch stays.
    pub(super) async fn keep(self) -> Result<()> {
        let Self { jobs, thread, .. } = self;
        drop(jobs);
        // It has nothing left to do; if its last piece of work panicked, whoever waited for that has been told.
        spawn_blocking(move || drop(thread.join())).await?;
        Ok(())
    }

    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| drop(answer.send(work(connection))));
        let gone = || std::io::Error::other("the thread of the bulk connection has ended");
        self.jobs.send(job).map_err(|_| gone())?;
        Ok(answered.await.map_err(|_| gone())??)
    }
}

fn work(mut connection: Connection, todo: &mpsc::Receiver<Job>) {
    while let Ok(job) = todo.recv() {
        job(&mut connection);
    }
}

fn connect(database: &Path, scratch: &Path) -> Result<Connection> {
    if let Some(folder) = scratch.parent() {
        std::fs::create_dir_all(folder)?;
    }
    remove(scratch)?;
    let connection = Connection::open(database)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.execute("ATTACH ? AS scratch", [scratch.to_string_lossy()])?;
    // The scratch is made again after a crash, so it needs neither journal nor fsync. A larger log between checkpoints lets
    // many batches change the same index page before it is written back; what is left at the end is left to [`Checkpoints`].
    connection.execute_batch(
        "PRAGMA main.journal_mode = WAL; PRAGMA main.synchronous = NORMAL; PRAGMA busy_timeout = 15000;
         PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 40000;
         PRAGMA scratch.journal_mode = OFF; PRAGMA scratch.synchronous = OFF;
         PRAGMA temp_store = FILE; PRAGMA analysis_limit = 400;",
    )?;
    connection.execute_batch(WHOLE_TABLES)?;
    Ok(connection)
}

pub(super) fn remove(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// `$1` is a name to SQLite; `?1` is the first parameter. Other dollars belong to paths in JSON.
fn numbered(statement: &str) -> String {
    let mut numbered = String::with_capacity(statement.len());
    let mut rest = statement.chars().peekable();
    while let Some(character) = rest.next() {
        let is_parameter = character == '$' && rest.peek().is_some_and(char::is_ascii_digit);
        numbered.push(if is_parameter { '?' } else { character });
    }
    numbered
}

fn owned(cells: &[Cell<'_>]) -> Vec<Value> {
    cells
        .iter()
        .map(|cell| match cell {
            Cell::Null => Value::Null,
            Cell::Int(number) => Value::Integer(*number),
            Cell::Bool(truth) => Value::Integer(i64::from(*truth)),
            Cell::Text(text) => Value::Text((*text).to_owned()),
            Cell::Moment(moment) => Value::Text(Timestamp::from(*moment).to_string()),
        })
        .collect()
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Moment(moment) => return Ok(Timestamp::from(*moment).to_string().into()),
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
