//! The file of an import is read, checked and put into the stage, piece by piece.

use std::collections::HashSet;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::check::{Checker, KnownFile};
use super::reading::{self, ReadError};
use super::review::Alarm;
use super::sheet_pictures;
use super::stage::{self, GATHERED, GatheredPicture, PROBLEMS, Pieces, SEEN, SeenKey, StagedRow, StoredProblem};
use super::statements::FileStatements;
use super::work::{Stop, Work};
use super::{Phase, found};
use crate::error::Error;

pub(super) async fn checker(work: &Work) -> Result<Checker, Stop> {
    let sheet_pictures = sheet_pictures::kept(work).await?;
    let ids = if work.claim.format.uses("catalog_id") {
        crate::catalogs::ids(work.database.reader()).await?
    } else {
        HashSet::new()
    };
    let claim = &work.claim;
    let file = KnownFile {
        import: claim.id,
        kind: claim.kind,
        format: &claim.format,
        options: &claim.options,
        corrects: claim.corrects,
        sheet_pictures,
    };
    Ok(Checker::new(&file, ids))
}

/// Reads the file into the stage and says how many rows are there, and what looks like damage.
pub(super) async fn read(
    work: &mut Work,
    statements: &FileStatements,
    checker: Checker,
) -> Result<(i64, Vec<Alarm>), Stop> {
    work.reporter.begin(Phase::Reading, "Reading the file").await?;
    forget_problems(work).await?;
    found::gather(&mut work.bulk).await?;
    for statement in &statements.create_stage {
        work.bulk.execute(statement, &[]).await?;
    }
    let file = work.storage.open(&work.claim.file_key).await.map_err(missing)?;
    let size = file.size();
    let format = work.claim.format.clone();
    let (sender, mut receiver) = mpsc::channel(4);
    let (wish, workbooks, row_limit) = (work.wish.clone(), work.workbooks.clone(), work.row_limit);
    let span = tracing::Span::current();
    let reader = spawn_blocking(move || {
        let _here = span.entered();
        let rows = reading::open(file, &format, &workbooks).map_err(unreadable)?;
        stage::read_all(rows, checker, &sender, &wish, row_limit)
    });
    let staged = store_pieces(work, statements, &mut receiver, size).await;
    // A reader whose pieces nobody takes any more ends by itself.
    drop(receiver);
    let read = reader.await?;
    let staged = staged?;
    let read = read?;
    if read.sha256 == work.claim.sha256 {
        Ok((staged, read.alarms))
    } else {
        Err(Stop::Refused(CHANGED.to_owned()))
    }
}

/// An attempt finds all problems again, but for those of batches that an earlier one has applied: what others had changed, and
/// pictures that could not be fetched since.
async fn forget_problems(work: &mut Work) -> Result<(), Stop> {
    const FOUND_AGAIN: &str = "kind NOT IN ('changed_since', 'picture_unreachable')";
    let has_applied = work.claim.checkpoint.is_some();
    found::forget(work, if has_applied { FOUND_AGAIN } else { "TRUE" }).await
}

const CHANGED: &str = "The stored file is not the one that was uploaded: its checksum differs. Nothing was changed. Upload the file again.";

pub(super) fn missing(error: Error) -> Stop {
    if error.is_missing_file() {
        let refusal = "The uploaded file is no longer in the store. Nothing was changed. Upload it again.";
        return Stop::Refused(refusal.to_owned());
    }
    error.into()
}

pub(super) fn unreadable(error: ReadError) -> Stop {
    match error {
        ReadError::Io(error) => missing(error.into()),
        ReadError::Workbook(problem) => Stop::Refused(format!("{} Nothing was changed.", problem.detail)),
        other => Stop::Refused(format!(
            "The file cannot be read on: {other}. Nothing was changed. Check the quotation marks of that row and upload the file again."
        )),
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        unreadable(error)
    }
}

async fn store_pieces(
    work: &mut Work,
    statements: &FileStatements,
    pieces: &mut mpsc::Receiver<Pieces>,
    size: u64,
) -> Result<i64, Stop> {
    let (mut read, mut failed, mut staged) = (0, 0, 0);
    let mut waiting = Waiting::default();
    let at_once = if work.bulk.is_postgres() { AT_ONCE } else { 0 };
    while let Some(piece) = pieces.recv().await {
        work.wish.check()?;
        read += piece.read;
        failed += piece.failed;
        staged += i64::try_from(piece.rows.len()).unwrap_or(i64::MAX);
        waiting.rows.extend(piece.rows);
        waiting.seen.extend(piece.seen);
        waiting.pictures.extend(piece.pictures);
        waiting.problems.extend(piece.problems);
        if waiting.rows.len() + waiting.problems.len() >= at_once {
            store(work, statements, std::mem::take(&mut waiting)).await?;
        }
        let progress = &mut work.reporter.progress;
        progress.read = progress.read.max(read);
        progress.failed = progress.failed.max(failed);
        work.reporter.report(share(piece.consumed, size), read).await?;
    }
    store(work, statements, waiting).await?;
    let progress = &mut work.reporter.progress;
    (progress.read, progress.failed, progress.total) = (read, failed, Some(read));
    Ok(staged)
}

/// Pieces that are written together: over a network each writing costs a wait, because the database hears the end of the rows only once it has
/// acknowledged them.
#[derive(Default)]
struct Waiting {
    rows: Vec<StagedRow>,
    seen: Vec<SeenKey>,
    pictures: Vec<GatheredPicture>,
    problems: Vec<StoredProblem>,
}

/// Rows and problems that are written at once over a network, at least. In a file on this machine each piece is written as it comes.
const AT_ONCE: usize = 16_000;

/// Problems go into a table that everybody sees, so they are written under the fencing token.
async fn store(work: &mut Work, statements: &FileStatements, waiting: Waiting) -> Result<(), Stop> {
    let Waiting {
        rows,
        seen,
        pictures,
        problems,
    } = waiting;
    work.bulk.load(&statements.stage, rows).await?;
    work.bulk.load(&SEEN, seen).await?;
    work.bulk.load(&GATHERED, pictures).await?;
    if problems.is_empty() {
        return Ok(());
    }
    work.bulk.begin().await?;
    work.bulk.load(&PROBLEMS, problems).await?;
    work.commit_ours().await
}

#[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
