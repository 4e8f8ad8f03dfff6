//! `stockroom import`: one file, from here to its report, by the same intake and the same importer as an upload.
//!
//! A server beside it may take the work; so this watches the import's row and never what its own importer does.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use futures::{Stream, stream};
use stockroom::audit::Actor;
use stockroom::catalogs;
use stockroom::database::clock::now;
use stockroom::imports::intake::{self, Intake, StopsAt};
use stockroom::imports::options::{
    Choice, Clearable, Duplicates, ImportOptions, Missing, Mode, OnProblems, OtherColumns, UnknownCatalogs,
};
use stockroom::imports::{self, Answer, Import, ImportKind};
use stockroom::problem::Problem;
use stockroom::services::Services;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::bar::Bar;
use super::interrupts::{Interrupt, Interrupts};
use super::report::{Ending, Report};
use crate::cli::Settings;
use crate::schema;

/// What `--help` says at its end.
const EXIT_STATUS: &str = "Exit status:
  0  all rows went in; with --check, all would
  1  nothing more went in: refused, failed or cancelled, or the command line is wrong
  2  it went in, or with --check would, but for rows with problems
  3  nothing was changed: it must be confirmed, on its page or with --yes

Ctrl-C cancels the import; pressed again, the command leaves it to the next worker.";

/// What is imported, and how its rows are taken.
#[derive(Debug, Args)]
#[command(after_help = EXIT_STATUS)]
pub struct ImportArgs {
    /// CSV file; `-` reads standard input.
    pub file: PathBuf,
    /// Find out what the file would do, and change nothing.
    #[arg(long)]
    pub check: bool,
    /// What the rows are.
    #[arg(long, default_value = "products", value_parser = ["products", "catalogs"])]
    pub kind: String,
    /// The sheet of an Excel workbook. Needed when several of its sheets could be meant.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The catalogue of products for which the file names none, by its name.
    #[arg(long, value_name = "NAME")]
    pub catalog: Option<String>,
    /// Which products the rows may touch.
    #[arg(long, value_parser = words::<Mode>(), default_value = Mode::default().as_str())]
    pub mode: String,
    /// What becomes of the good rows when others have problems.
    #[arg(long, value_parser = words::<OnProblems>(), default_value = OnProblems::default().as_str())]
    pub on_problems: String,
    /// What a SKU means that stands in several rows.
    #[arg(long, value_parser = words::<Duplicates>(), default_value = Duplicates::default().as_str())]
    pub duplicates: String,
    /// What becomes of a catalogue's name that the shop does not have.
    #[arg(long, value_parser = words::<UnknownCatalogs>(), default_value = UnknownCatalogs::default().as_str())]
    pub unknown_catalogs: String,
    /// What becomes of the catalogue's products that the file does not list.
    #[arg(long, value_parser = words::<Missing>(), default_value = Missing::default().as_str())]
    pub missing: String,
    /// What becomes of columns that go to no field.
    #[arg(long, value_parser = words::<OtherColumns>(), default_value = OtherColumns::default().as_str())]
    pub other_columns: String,
    /// What a blank cell does to the description.
    #[arg(long, value_parser = ["keep", "clear"], default_value = "keep")]
    pub blank_description: String,
    /// What a blank cell does to the price.
    #[arg(long, value_parser = ["keep", "clear"], default_value = "keep")]
    pub blank_price: String,
    /// What a blank cell does to the catalogue.
    #[arg(long, value_parser = ["keep", "clear"], default_value = "keep")]
    pub blank_catalog: String,
    /// What a blank cell does to an extra attribute.
    #[arg(long, value_parser = ["keep", "clear"], default_value = "keep")]
    pub blank_attributes: String,
    /// What a blank cell does to the pictures.
    #[arg(long, value_parser = ["keep", "clear"], default_value = "keep")]
    pub blank_pictures: String,
    /// It is meant: import without a check and without a question, whatever the file deletes or changes.
    #[arg(long, conflicts_with = "check")]
    pub yes: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// The words of a choice, each with what it means.
fn words<C: Choice>() -> PossibleValuesParser {
    let word = |choice: &C| PossibleValue::new(choice.as_str()).help(choice.label());
    C::ALL.iter().map(word).collect::<Vec<_>>().into()
}

/// Imports one file and prints what came of it.
///
/// # Errors
/// When the file cannot be read or is refused, or the database or the file store fails.
pub async fn import(settings: Settings, args: ImportArgs) -> anyhow::Result<ExitCode> {
    let services = Services::connect(settings.config()).await?;
    schema::update(&services.database).await?;
    services.vault.check(&services.database).await?;
    let mut session = Session {
        services: services.clone(),
        actor: Actor::from("command line"),
        interrupts: Interrupts::listen()?,
        bar: Bar::default(),
        is_cancelling: false,
    };
    let taken_in = session.take_in(&args).await?;
    let stop = CancellationToken::new();
    let importer = tokio::spawn(services.clone().run_imports(stop.clone()));
    let ended = session.see_through(taken_in.job_id, &args).await;
    // Whatever else is waiting is the next worker's.
    stop.cancel();
    importer.await?;
    // What somebody watches has nothing to do with how the import went.
    if let Err(error) = services.sampler().count(now()).await {
        tracing::warn!(%error, "what was counted is not written down");
    }
    let status = match ended? {
        Some(import) => finish(&services, &settings, import, &args).await?,
        None => left(taken_in.job_id),
    };
    services.database.close().await?;
    Ok(status)
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
async fn finish(
    services: &Services,
    settings: &Settings,
    import: Import,
    args: &ImportArgs,
) -> anyhow::Result<ExitCode> {
    let address = format!("{}/imports/{}", settings.public_address(), import.job_id);
    let groups = imports::problem_groups(services.reader(), import.job_id).await?;
    let report = Report {
        import,
        groups,
        address,
    };
    if args.json {
        println!("{}", report.json()?);
    } else {
        print!("{}", report.text());
    }
    Ok(report.ending().into())
}

#[expect(clippy::print_stderr, reason = "the person at the terminal reads this")]
fn left(import: i64) -> ExitCode {
    eprintln!("Import #{import} is left as it is. The next worker goes on with it.");
    Ending::Failed.into()
}

/// One run of the command, between its file and its report.
struct Session {
    services: Services,
    actor: Actor,
    interrupts: Interrupts,
    bar: Bar,
    is_cancelling: bool,
}

impl Session {
    /// Stores the file and makes an import of it.
    async fn take_in(&mut self, args: &ImportArgs) -> anyhow::Result<Import> {
        let services = &self.services;
        let intake = Intake {
            kind: match args.kind.as_str() {
                "catalogs" => ImportKind::Catalogs,
                _ => ImportKind::Products,
            },
            file_name: file_name(&args.file),
            created_by: self.actor.clone(),
            idempotency_key: None,
            options: options(services, args).await?,
            // Whoever has said that it is meant waits for one reading of the file, not for two.
            stops: if args.yes { StopsAt::Nothing } else { StopsAt::Check },
            sheet: args.sheet.clone(),
        };
        let pieces = Box::pin(pieces(open(&args.file)?, &mut self.interrupts));
        let stored = intake::receive(&services.storage, services.config.upload_limit, pieces)
            .await
            .map_err(Problem::from)?;
        let taken_in = intake::begin(services, intake, stored).await;
        Ok(taken_in.map_err(Problem::from)?)
    }

    /// Follows an import to its end, through the question if there is one; none when it was left to others.
    async fn see_through(&mut self, id: i64, args: &ImportArgs) -> anyhow::Result<Option<Import>> {
        let Some(import) = self.follow(id).await? else {
            return Ok(None);
        };
        let goes_on = match Ending::of(&import) {
            _ if import.progress.status.is_over() || args.check => false,
            Ending::AllIn | Ending::WithProblems => true,
            Ending::NeedsConfirmation => self.ask(&import, args).await?,
            Ending::Failed => false,
        };
        if !goes_on {
            return Ok(Some(import));
        }
        let answer = Answer {
            is_meant: true,
            review: import.review.as_ref().map(|review| review.scratch.as_str()),
        };
        imports::apply(&self.services.database, id, &self.actor, answer)
            .await
            .map_err(Problem::from)?;
        self.services.import_wake.wake();
        self.follow(id).await
    }

    async fn follow(&mut self, id: i64) -> anyhow::Result<Option<Import>> {
        let mut watch = self.services.watches.open(id).await?;
        while !watch.is_over() {
            self.bar.show(watch.import());
            let interrupt = tokio::select! {
                () = watch.news() => continue,
                interrupt = self.interrupts.next() => interrupt,
            };
            if interrupt == Interrupt::End || self.is_cancelling {
                self.bar.clear();
                return Ok(None);
            }
            self.is_cancelling = true;
            self.bar
                .say("Cancelling. Press Ctrl-C again to leave it to the next worker.");
            // One that has ended meanwhile is seen as it is.
            drop(imports::cancel(&self.services, id, &self.actor).await);
        }
        self.bar.clear();
        Ok(Some(watch.import().clone()))
    }

    /// Whether somebody at the terminal means it.
    #[expect(clippy::print_stderr, reason = "this is a question to the person at the terminal")]
    async fn ask(&mut self, import: &Import, args: &ImportArgs) -> anyhow::Result<bool> {
        let stdin = std::io::stdin();
        if is_standard_input(&args.file) || !stdin.is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(false);
        }
        for line in super::report::reasons(import) {
            eprintln!("{line}");
        }
        eprint!("Type yes to go on: ");
        let (sender, answer) = oneshot::channel();
        // A thread of its own: one of the runtime's would keep the program from ending before a line is typed.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = stdin.read_line(&mut line);
            let _ = sender.send(read.is_ok() && line.trim().eq_ignore_ascii_case("yes"));
        });
        Ok(tokio::select! {
            answer = answer => answer.unwrap_or(false),
            _ = self.interrupts.next() => {
                eprintln!();
                false
            }
        })
    }
}

/// The options as the form of the page would send them, so that they are checked in one place.
async fn options(services: &Services, args: &ImportArgs) -> anyhow::Result<ImportOptions> {
    let mut fields: BTreeMap<String, String> = [
        (Mode::FIELD, &args.mode),
        (OnProblems::FIELD, &args.on_problems),
        (Duplicates::FIELD, &args.duplicates),
        (UnknownCatalogs::FIELD, &args.unknown_catalogs),
        (Missing::FIELD, &args.missing),
        (Clearable::Description.input(), &args.blank_description),
        (Clearable::Price.input(), &args.blank_price),
        (OtherColumns::FIELD, &args.other_columns),
        (Clearable::Catalog.input(), &args.blank_catalog),
        (Clearable::Attributes.input(), &args.blank_attributes),
        (Clearable::Pictures.input(), &args.blank_pictures),
    ]
    .into_iter()
    .map(|(field, word)| (field.to_owned(), word.clone()))
    .collect();
    if let Some(name) = &args.catalog {
        let id = catalogs::named(services.reader(), name, "catalog")
            .await
            .map_err(Problem::from)?;
        fields.insert("catalog_id".to_owned(), id.to_string());
    }
    Ok(ImportOptions::take(&mut fields)?)
}

fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn file_name(file: &Path) -> String {
    if is_standard_input(file) {
        return "standard input".to_owned();
    }
    file.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn open(file: &Path) -> anyhow::Result<Box<dyn Read + Send>> {
    if is_standard_input(file) {
        return Ok(Box::new(std::io::stdin()));
    }
    let cannot = || format!("{} cannot be read", file.display());
    let opened = std::fs::File::open(file).with_context(cannot)?;
    if opened.metadata().with_context(cannot)?.is_dir() {
        anyhow::bail!("{} is a folder. Name a file in it.", file.display());
    }
    Ok(Box::new(opened))
}

/// The bytes as they come; an error when somebody interrupts, so that nothing is kept.
fn pieces(
    mut source: Box<dyn Read + Send>,
    interrupts: &mut Interrupts,
) -> impl Stream<Item = std::io::Result<Bytes>> + use<'_> {
    let (sender, receiver) = mpsc::channel(4);
    // A thread of its own, as in `ask`.
    std::thread::spawn(move || {
        let mut block = vec![0; 256 * 1024];
        loop {
            let piece = match source.read(&mut block) {
                Ok(0) => return,
                Ok(length) => Ok(Bytes::copy_from_slice(&block[..length])),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let ends = piece.is_err();
            if sender.blocking_send(piece).is_err() || ends {
                return;
            }
        }
    });
    stream::unfold((receiver, interrupts), async |(mut receiver, interrupts)| {
        let piece = tokio::select! {
            piece = receiver.recv() => piece?,
            _ = interrupts.next() => Err(std::io::Error::other("interrupted")),
        };
        Some((piece, (receiver, interrupts)))
    })
}
