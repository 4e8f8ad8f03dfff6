//! Scratch that has outlived its connection, for others to read. It is not safe from a crash of the machine: whoever finds it gone makes
//! it again.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::task::spawn_blocking;

use super::{in_dialect, sqlite};
use crate::database::{Database, Engine};
use crate::error::Result;

/// The one column of a query's rows, as text; none when the scratch is gone or damaged. `probe` is a table that it must have.
pub(crate) async fn texts(
    database: &Database,
    dir: &Path,
    scratch: &str,
    probe: &str,
    query: &str,
) -> Result<Option<Vec<String>>> {
    match database.engine() {
        Engine::Sqlite { .. } => {
            let (file, query) = (file(dir, scratch), in_dialect(query, "main.", "", "TEXT"));
            if !tokio::fs::try_exists(&file).await? {
                return Ok(None);
            }
            let read = spawn_blocking(move || read(&file, &query)).await?;
            if let Err(error) = &read {
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    scratch,
                    "kept scratch cannot be read"
                );
            }
            Ok(read.ok())
        }
        Engine::Postgres => {
            let backend = database.backend();
            let of_scratch = |sql: &str| in_dialect(sql, &format!("{scratch}_"), "UNLOGGED", "TEXT");
            let there = format!(
                "SELECT 1 AS there WHERE to_regclass('{}') IS NOT NULL",
                of_scratch(probe)
            );
            let db = database.reader();
            if db
                .query_one_raw(Statement::from_string(backend, there))
                .await?
                .is_none()
            {
                return Ok(None);
            }
            let rows = db
                .query_all_raw(Statement::from_string(backend, of_scratch(query)))
                .await?;
            Ok(Some(
                rows.iter()
                    .map(|row| row.try_get_by_index(0))
                    .collect::<std::result::Result<_, _>>()?,
            ))
        }
    }
}

/// Removes all scratch whose name `is_wanted` does not know. Names begin with `prefix`.
pub(crate) async fn sweep<F>(
    database: &Database,
    dir: &Path,
    prefix: &str,
    tables: &[&str],
    is_wanted: impl FnOnce() -> F,
) -> Result<()>
where
    F: Future<Output = Result<Vec<String>>>,
{
    let found = names(database, dir, prefix).await?;
    if found.is_empty() {
        return Ok(());
    }
    // Asked after the look around: what is made meanwhile is not among what was found.
    let wanted = is_wanted().await?;
    for scratch in found.iter().filter(|scratch| !wanted.contains(scratch)) {
        remove(database, dir, scratch, tables).await?;
    }
    Ok(())
}

/// Removes one, with these tables, if it is there.
pub(crate) async fn remove(database: &Database, dir: &Path, scratch: &str, tables: &[&str]) -> Result<()> {
    match database.engine() {
        Engine::Sqlite { .. } => sqlite::remove(&file(dir, scratch)),
        Engine::Postgres => {
            let transaction = database.begin().await?;
            // A process that is frozen in the middle of writing to it keeps it; it is removed another time.
            transaction.execute_unprepared("SET LOCAL lock_timeout = '2s'").await?;
            for table in tables {
                let drop = in_dialect(&format!("DROP TABLE IF EXISTS {table}"), &format!("{scratch}_"), "", "");
                if let Err(error) = transaction.execute_unprepared(&drop).await {
                    tracing::info!(%error, scratch, "scratch is in use and stays for now");
                    return Ok(transaction.rollback().await?);
                }
            }
            Ok(transaction.commit().await?)
        }
    }
}

/// All scratch whose name begins with `prefix`.
pub(crate) async fn names(database: &Database, dir: &Path, prefix: &str) -> Result<Vec<String>> {
    if let Engine::Sqlite { .. } = database.engine() {
        let (dir, prefix) = (dir.to_owned(), prefix.to_owned());
        return spawn_blocking(move || files(&dir, &prefix)).await?;
    }
    let sql = "SELECT DISTINCT regexp_replace(relname, '^((?:[a-z]+_)[0-9]+_[0-9]+)_.*$', '\\1') AS name FROM pg_class
        WHERE relkind = 'r' AND relpersistence = 'u' AND relname ~ $1 AND pg_table_is_visible(oid)";
    let pattern = format!("^{prefix}[0-9]+_[0-9]+_");
    let statement = Statement::from_sql_and_values(database.backend(), sql, [pattern.into()]);
    let rows = database.reader().query_all_raw(statement).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get("", "name"))
        .collect::<std::result::Result<_, _>>()?)
}

fn files(dir: &Path, prefix: &str) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(
            name.strip_suffix(".db")
                .filter(|name| name.starts_with(prefix))
                .map(str::to_owned),
        );
    }
    Ok(names)
}

pub(super) fn file(dir: &Path, scratch: &str) -> PathBuf {
    dir.join(format!("{scratch}.db"))
}

fn read(file: &Path, query: &str) -> Result<Vec<String>> {
    let connection =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
