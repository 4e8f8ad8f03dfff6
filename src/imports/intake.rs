//! Intake: an upload becomes a stored file and an import that waits.
//!
//! The bytes are streamed to the store and hashed on the way; only their beginning is looked at here. What is refused leaves nothing
//! behind.

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use sha2::Sha256;

use super::matching::{self, match_columns, memory};
use super::options::{ImportOptions, Missing, OtherColumns};
use super::queue::{self, Added, NewImport};
use super::reading::Sample;
use super::returned;
use super::sniff;
use super::store;
use super::{FileFormat, Import, ImportKind, ImportStep};
use crate::audit::{self, Action, Actor};
use crate::catalogs;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::services::Services;
use crate::storage::{self, Storage, Upload, Written};
use crate::uploads::{self, Whole};

/// Characters of a file name that are kept, to show it again.
const FILE_NAME_MAX: usize = 200;

/// Who uploads what.
#[derive(Clone, Debug)]
pub struct Intake {
    pub kind: ImportKind,
    /// As the browser sent it: shown to people, never used as a path.
    pub file_name: String,
    pub created_by: Actor,
    /// Names this upload, so that sending it twice makes one import.
    pub idempotency_key: Option<String>,
    pub options: ImportOptions,
    pub stops: StopsAt,
    /// The sheet of a workbook, if somebody has named one.
    pub sheet: Option<String>,
}

/// How far an import goes by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopsAt {
    /// To its end.
    #[default]
    Nothing,
    /// What it would do is found out, and somebody confirms.
    Check,
    /// The same; and where a column is in doubt, somebody is asked before that.
    Match,
}

impl Intake {
    /// An import that goes to its end, with the usual options.
    #[must_use]
    pub fn at_once(kind: ImportKind, file_name: impl Into<String>, created_by: Actor) -> Self {
        Self {
            kind,
            file_name: file_name.into(),
            created_by,
            idempotency_key: None,
            options: ImportOptions::default(),
            stops: StopsAt::Nothing,
            sheet: None,
        }
    }
}

/// A stored file that has not become an import yet: it must be handed to [`begin`] or [`discard`].
#[derive(Clone, Debug)]
pub struct Stored {
    key: String,
    size: u64,
    sha256: String,
}

impl Stored {
    pub(crate) fn new(key: String, size: u64, digest: &Sha256) -> Self {
        let sha256 = storage::hex(digest);
        Self { key, size, sha256 }
    }

    #[must_use]
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Of its bytes, in hexadecimal.
    #[must_use]
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }
}

/// Makes an import of a stored file. A file that is being imported already gives that import.
///
/// # Errors
/// When the file is not one that can be imported; it is removed then.
pub async fn begin(services: &Services, intake: Intake, stored: Stored) -> Result<Import> {
    let added = add(services, intake, &stored, None).await;
    settle(services, stored, added).await
}

/// Makes an import of rows of `parent` that were corrected on a page: a file that is known without being looked at.
pub(super) async fn begin_corrected(
    services: &Services,
    intake: Intake,
    stored: Stored,
    parent: &Import,
    format: FileFormat,
) -> Result<Import> {
    let step = match intake.stops {
        StopsAt::Nothing => ImportStep::Apply,
        StopsAt::Check | StopsAt::Match => ImportStep::Check,
    };
    // Also once it waits for somebody, when the same file could be imported again.
    if let Some(same) = queue::correction_of(services.database.writer(), parent.job_id, &stored.sha256, step).await? {
        return settle(services, stored, Ok(Added::Known(same))).await;
    }
    let found = Found {
        format,
        step,
        options: corrected(&services.database, parent.options.clone()).await?,
        corrects: Some(parent.job_id),
    };
    let added = add(services, intake, &stored, Some(found)).await;
    settle(services, stored, added).await
}

/// Keeps the stored file of a new import, and no other.
async fn settle(services: &Services, stored: Stored, added: Result<Added>) -> Result<Import> {
    if !matches!(added, Ok(Added::New(_))) {
        discard(&services.storage, stored).await?;
    }
    let (Added::New(id) | Added::Known(id)) = added?;
    super::get(services.database.writer(), id).await
}

/// Makes an import of a finished upload, under the name that it was begun with. Asked again, it gives the same import.
///
/// # Errors
/// When the upload is not complete or its file not one that can be imported; the upload stays as it is then.
pub async fn begin_uploaded(services: &Services, intake: Intake, upload: &str) -> Result<Import> {
    let Services { database, storage, .. } = services;
    let finished = match uploads::take(database, storage, &intake.created_by, upload).await? {
        Whole::Imported(import) => return super::get(database.writer(), import).await,
        Whole::Ready(finished) => finished,
    };
    let intake = Intake {
        file_name: finished.file_name.clone(),
        ..intake
    };
    let added = add(services, intake, &finished.stored, None).await;
    match &added {
        Ok(Added::New(_)) => uploads::keep(database, finished).await?,
        Ok(Added::Known(_)) => uploads::discard(database, storage, finished).await?,
        Err(_) => uploads::let_go(database, storage, finished).await?,
    }
    let (Added::New(id) | Added::Known(id)) = added?;
    super::get(database.writer(), id).await
}

/// Removes a stored file that will not become an import.
///
/// # Errors
/// When the file store fails.
pub async fn discard(storage: &Storage, stored: Stored) -> Result<()> {
    storage.delete(&stored.key).await
}

/// The job that was made under this key.
pub(super) async fn known(database: &Database, idempotency_key: &str) -> Result<Option<Import>> {
    match queue::of_idempotency_key(database.reader(), idempotency_key).await? {
        Some(id) => Ok(Some(super::get(database.reader(), id).await?)),
        None => Ok(None),
    }
}

/// Streams an upload into the store.
///
/// # Errors
/// When it is larger than `limit` bytes or breaks off; nothing of it is kept then.
pub async fn receive<E: std::fmt::Display>(
    storage: &Storage,
    limit: u64,
    mut bytes: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
) -> Result<Stored> {
    let mut upload = storage.create(uploads::new_folder());
    while let Some(chunk) = bytes.next().await {
        let refused = match chunk {
            Ok(chunk) => write(&mut upload, chunk, limit).await.err(),
            Err(error) => Some(broken_off(&error)),
        };
        if let Some(error) = refused {
            upload.abort().await;
            return Err(error);
        }
    }
    let Written { key, size, sha256 } = upload.finish().await?;
    Ok(Stored { key, size, sha256 })
}

async fn write(upload: &mut Upload, chunk: Bytes, limit: u64) -> Result<()> {
    if upload.size() + chunk.len() as u64 > limit {
        return Err(too_large(limit).into());
    }
    upload.write(chunk).await
}

pub(crate) fn too_large(limit: u64) -> Problem {
    let message = format!("The selected file must be smaller than {} MB.", limit / 1024 / 1024);
    Problem::new(413, "The file is too large", message.clone()).with_field("file", message)
}

fn broken_off(error: &dyn std::fmt::Display) -> Error {
    tracing::info!(%error, "an upload broke off");
    Problem::bad_request("The upload broke off before the file was complete. Nothing was kept. Upload it again.").into()
}

/// `known`: what the file says of itself, where that need not be found out.
async fn add(services: &Services, intake: Intake, stored: &Stored, known: Option<Found>) -> Result<Added> {
    let database = &services.database;
    if intake.kind == ImportKind::Catalogs && intake.options != ImportOptions::default() {
        let detail = "These options are for files of products. A file of catalogues only adds those that are missing.";
        return Err(Problem::unprocessable(detail).into());
    }
    check_catalog(database, &intake.options).await?;
    let Found {
        format,
        step,
        options,
        corrects,
    } = match known {
        Some(known) => known,
        None => read_format(services, &intake, stored).await?,
    };
    let new = NewImport {
        kind: intake.kind,
        file_name: displayable(&intake.file_name),
        file_key: stored.key.clone(),
        file_size: i64::try_from(stored.size).unwrap_or(i64::MAX),
        sha256: stored.sha256.clone(),
        format,
        step,
        options,
        corrects,
        created_by: intake.created_by.name.clone(),
        idempotency_key: intake.idempotency_key,
    };
    let added = queue::add(database.writer(), new).await?;
    if let Added::New(id) = added {
        let import = super::get(database.writer(), id).await?;
        let uploaded = Some(store::object(&import));
        audit::record(
            database.writer(),
            &intake.created_by,
            Action::ImportUploaded,
            uploaded,
            None,
        )
        .await?;
    }
    Ok(added)
}

/// What a file says of itself.
struct Found {
    format: FileFormat,
    step: ImportStep,
    options: ImportOptions,
    corrects: Option<i64>,
}

/// Where the columns go, and what comes next.
async fn read_format(services: &Services, intake: &Intake, stored: &Stored) -> Result<Found> {
    let database = &services.database;
    let sample = Sample::of(&services.storage, &services.workbooks, &stored.key).await?;
    let wanted = sniff::Wanted {
        sheet: intake.sheet.clone(),
        ..sniff::Wanted::default()
    };
    let layout = sniff::layout(intake.kind, &sample, services.config.column_limit, &wanted)?;
    let mut options = intake.options.clone();
    let parent = returned::parent(database, intake.kind, &sample, &layout).await?;
    // Catalogues are staged without the rows that they came from, so that nobody could say which problems they solve.
    let joins = |parent: &&Import| parent.kind == ImportKind::Products;
    let corrects = parent.as_ref().filter(joins).map(|parent| parent.job_id);
    let mut matching = match parent {
        Some(parent) => {
            options = corrected(database, parent.options).await?;
            matching::match_as(intake.kind, &layout.headers, &parent.format)
        }
        None => {
            let remembered = memory::recall(database.reader(), intake.kind).await?;
            match_columns(intake.kind, &layout.headers, &remembered)
        }
    };
    // A catalogue has no attributes.
    if options.other_columns == OtherColumns::Keep && intake.kind == ImportKind::Products {
        matching::keep_others(&mut matching);
    }
    let is_certain = matching.is_certain && layout.doubt.is_none();
    let step = match (intake.stops, layout.doubt.clone().or(matching.doubt)) {
        (StopsAt::Nothing | StopsAt::Check, Some(doubt)) => return Err(doubt.into()),
        (StopsAt::Nothing, None) => ImportStep::Apply,
        (StopsAt::Match, _) if !is_certain => ImportStep::Match,
        (StopsAt::Check | StopsAt::Match, _) => ImportStep::Check,
    };
    Ok(Found {
        format: layout.with_columns(matching.columns),
        step,
        options,
        corrects,
    })
}

/// The options of an import for the few of its rows that come back: they list not all products of a catalogue.
pub(super) async fn corrected(database: &Database, parent: ImportOptions) -> Result<ImportOptions> {
    let catalog = parent.catalog_id;
    let is_there = match catalog {
        Some(catalog) => catalogs::exists(database.reader(), catalog).await?,
        None => false,
    };
    Ok(ImportOptions {
        missing: Missing::Ignore,
        catalog_id: catalog.filter(|_| is_there),
        ..parent
    })
}

/// The catalogue that products are to go to must be there.
pub(crate) async fn check_catalog(database: &Database, options: &ImportOptions) -> Result<()> {
    match options.catalog_id {
        Some(catalog) if !catalogs::exists(database.reader(), catalog).await? => {
            let message = "There is no such catalogue any more. Choose another.";
            Err(Problem::unprocessable(message).with_field("catalog_id", message).into())
        }
        _ => Ok(()),
    }
}

/// The last part of a path, without control characters, of a length that fits on a page.
fn displayable(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(FILE_NAME_MAX).collect();
    let clean = clean.trim();
    if clean.is_empty() || clean == "." || clean == ".." {
        "file".to_owned()
    } else {
        clean.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::displayable;

    #[test]
    fn a_file_name_is_shown_and_never_a_path() {
        for (sent, shown) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\prices.csv", "prices.csv"),
            ("a\0.csv", "a.csv"),
            ("", "file"),
            ("..", "file"),
            ("x.csv#1", "x.csv#1"),
            ("CON", "CON"),
        ] {
            assert_eq!(displayable(sent), shown);
        }
        assert_eq!(displayable(&"x".repeat(4_000)).len(), 200);
    }
}
