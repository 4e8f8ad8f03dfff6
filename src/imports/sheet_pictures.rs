//! The pictures of a workbook, kept before its rows are read, so that a row only has to name them.

use std::collections::HashMap;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::parts::Parts;
use super::reading::ReadError;
use super::staging::{missing, unreadable};
use super::store;
use super::work::{Stop, Work};
use crate::database::Database;
use crate::pictures::{self, Reference};
use crate::storage::{Storage, StoredFile};
use crate::workbook::{Workbooks, refusal};

/// For each name that a picture has in the rows, its reference, or in words why it is not kept.
pub(super) type SheetPictures = HashMap<String, Result<Reference, String>>;

/// Keeps the pictures of the sheet that is read, or of the one whose rows come back corrected. Of a file that has to do with no workbook, and
/// of one whose pictures nobody wants, there are none.
pub(super) async fn kept(work: &Work) -> Result<SheetPictures, Stop> {
    let Some((sheet, file)) = source(work).await? else {
        return Ok(SheetPictures::new());
    };
    let keeper = Keeper {
        database: work.database.clone(),
        storage: work.storage.clone(),
        workbooks: work.workbooks.clone(),
        runtime: Handle::current(),
    };
    let wish = work.wish.clone();
    let span = tracing::Span::current();
    spawn_blocking(move || span.in_scope(|| keeper.keep_all(file, &sheet, || wish.check()))).await?
}

/// The sheet that has the pictures, and its file.
async fn source(work: &Work) -> Result<Option<(String, StoredFile)>, Stop> {
    let claim = &work.claim;
    if !Parts::of(&claim.format, claim.options.mode).pictures {
        return Ok(None);
    }
    if let Some(sheet) = &claim.format.sheet {
        let file = work.storage.open(&claim.file_key).await.map_err(missing)?;
        return Ok(Some((sheet.clone(), file)));
    }
    let Some(parent) = claim.corrects else { return Ok(None) };
    let row = store::find(work.database.reader(), parent).await?;
    let Some(sheet) = store::import(&row)?.format.sheet else {
        return Ok(None);
    };
    match work.storage.open(&row.file_key).await {
        Ok(file) => Ok(Some((sheet, file))),
        // Without it the rows say which of their pictures are missing.
        Err(error) if error.is_missing_file() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// It is used on a blocking thread.
struct Keeper {
    database: Database,
    storage: Storage,
    workbooks: Workbooks,
    runtime: Handle,
}

impl Keeper {
    fn keep_all(
        &self,
        file: StoredFile,
        sheet: &str,
        go_on: impl Fn() -> Result<(), Stop>,
    ) -> Result<SheetPictures, Stop> {
        let workbook = self.workbooks.copy(file).map_err(missing)?;
        let mut found = self.workbooks.pictures(&workbook, sheet)?;
        let mut kept = SheetPictures::new();
        while let Some(framed) = found.read_next().map_err(failed)? {
            go_on()?;
            let reference = match framed.content {
                Ok(bytes) => self
                    .runtime
                    .block_on(pictures::keep(&self.database, &self.storage, bytes.into()))?
                    .map_err(|unfit| unfit.to_string()),
                Err(problem) => Err(problem),
            };
            kept.insert(framed.name, reference);
        }
        Ok(kept)
    }
}

fn failed(error: std::io::Error) -> Stop {
    match refusal(&error) {
        Some(problem) => unreadable(ReadError::Workbook(problem)),
        None => error.into(),
    }
}
