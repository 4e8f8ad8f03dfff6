//! Starts the process that reads a workbook, and takes its rows.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::child::{PROBLEM, PROGRESS};
use super::{Pictures, Sheet, too_large};
use crate::config::Config;
use crate::error::Result;
use crate::problem::Problem;
use crate::storage::StoredFile;

/// Seconds of work for one workbook. A sheet of a million rows takes a tenth of them.
const SECONDS: u64 = 600;

/// Reads workbooks, each in a process of its own. Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Workbooks {
    /// The program and its first arguments.
    pub command: Vec<OsString>,
    /// Bytes of memory of that process.
    pub memory: u64,
    /// Bytes of all pictures of one sheet.
    pub pictures_max: u64,
    /// Where a copy of a workbook lies while it is read.
    pub scratch_dir: PathBuf,
    /// Workbooks that are looked at beforehand at the same time; the others wait.
    places: Arc<Semaphore>,
}

/// Processes that may look at workbooks at the same time, besides the one that reads for the running import.
const PLACES: usize = 2;

/// A workbook at hand: a file without a name, which is gone when nobody has it open any more.
#[derive(Debug)]
pub struct Copied {
    file: File,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

impl Workbooks {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            command: config.workbook_reader.clone(),
            memory: config.workbook_memory,
            pictures_max: config.upload_limit,
            scratch_dir: config.scratch_dir.clone(),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// The beginnings of the sheets of a stored workbook.
    ///
    /// # Errors
    /// When it is none, or damaged, or takes too much to be read.
    pub async fn sheets(&self, stored: StoredFile) -> Result<Vec<Sheet>> {
        // It is never closed.
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        let workbooks = self.clone();
        tokio::task::spawn_blocking(move || workbooks.look(&workbooks.copy(stored)?)).await?
    }

    /// Copies a stored workbook to where its parts can be reached in any order. Must run on a thread that may block.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room.
    pub fn copy(&self, mut stored: impl Read) -> Result<Copied> {
        std::fs::create_dir_all(&self.scratch_dir)?;
        let mut file = tempfile::tempfile_in(&self.scratch_dir)?;
        let mut digest = Sha256::new();
        let mut block = vec![0; 1024 * 1024];
        loop {
            let read = stored.read(&mut block)?;
            if read == 0 {
                break;
            }
            digest.update(&block[..read]);
            file.write_all(&block[..read])?;
        }
        file.rewind()?;
        let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Copied { file, sha256 })
    }

    fn look(&self, workbook: &Copied) -> Result<Vec<Sheet>> {
        let mut text = String::new();
        let mut output = self.start(workbook, ["look".into()])?;
        match output.read_to_string(&mut text) {
            Ok(_) => Ok(serde_json::from_str(&text)?),
            Err(error) => Err(refusal(&error).map_or_else(|| error.into(), Into::into)),
        }
    }

    /// The rows of a sheet as CSV with commas, each on the line of its number. The names of pictures on it go into these columns, counted
    /// from 0; without any, they are left out.
    ///
    /// # Errors
    /// When the process cannot be started; what is wrong with the workbook turns up while its rows are read.
    pub fn rows(&self, workbook: &Copied, sheet: &str, pictures: &[usize]) -> Result<WorkbookText> {
        let columns: Vec<String> = pictures.iter().map(usize::to_string).collect();
        Ok(self.start(workbook, ["rows".into(), sheet.into(), columns.join(",").into()])?)
    }

    /// The pictures of a sheet: those that lie on it, and those in cells.
    ///
    /// # Errors
    /// When the process cannot be started; what is wrong with the workbook turns up while they are read.
    pub fn pictures(&self, workbook: &Copied, sheet: &str) -> Result<Pictures> {
        let most = self.pictures_max;
        let text = self.start(workbook, ["pictures".into(), sheet.into(), most.to_string().into()])?;
        Ok(Pictures::new(text, most))
    }

    fn start(&self, workbook: &Copied, what: impl IntoIterator<Item = OsString>) -> io::Result<WorkbookText> {
        let mut file = workbook.file.try_clone()?;
        file.rewind()?;
        let (program, first) = self
            .command
            .split_first()
            .ok_or_else(|| io::Error::other("no program is named that reads workbooks"))?;
        let mut child = Command::new(program)
            .args(first)
            .args([self.memory.to_string(), SECONDS.to_string()])
            .args(what)
            // Settings hold passwords, and this process reads what strangers have made.
            .env_clear()
            // Nor does it hold on to addresses it no longer uses: its limit is one of those.
            .env("MALLOC_CONF", "retain:false,background_thread:false,narenas:1")
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let news = Arc::new(News::default());
        let listener = child.stderr.take().map(|stderr| {
            let news = news.clone();
            let span = tracing::Span::current();
            std::thread::spawn(move || span.in_scope(|| news.listen(BufReader::new(stderr))))
        });
        let output = child.stdout.take();
        Ok(WorkbookText {
            child: Running(child),
            output,
            news,
            listener,
        })
    }
}

/// What the process says besides the rows.
#[derive(Debug, Default)]
struct News {
    taken: AtomicU64,
    of: AtomicU64,
    problem: Mutex<Option<Problem>>,
}

impl News {
    fn listen(&self, lines: impl io::BufRead) {
        for line in lines.lines().map_while(io::Result::ok) {
            if let Some(progress) = line.strip_prefix(PROGRESS)
                && let Some((taken, of)) = progress.split_once(' ')
            {
                self.taken.store(taken.parse().unwrap_or(0), Ordering::Relaxed);
                self.of.store(of.parse().unwrap_or(0), Ordering::Relaxed);
            } else if let Some(problem) = line.strip_prefix(PROBLEM) {
                *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = serde_json::from_str(problem).ok();
            } else {
                tracing::info!(line, "from the process that reads a workbook");
            }
        }
    }
}

/// Ends the process when nobody wants its rows any more.
#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The rows of a sheet on their way, as text. It ends with an error if the process could not read all of them; [`refusal`] says why.
#[derive(Debug)]
pub struct WorkbookText {
    output: Option<ChildStdout>,
    news: Arc<News>,
    child: Running,
    listener: Option<JoinHandle<()>>,
}

impl WorkbookText {
    /// How much of the sheet has been read, from 0 to 1, to be asked from elsewhere.
    pub fn progress(&self) -> impl Fn() -> f64 + Send + 'static + use<> {
        let news = self.news.clone();
        move || {
            let of = news.of.load(Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
            let share = news.taken.load(Ordering::Relaxed) as f64 / of.max(1) as f64;
            share.min(1.0)
        }
    }

    fn outcome(&mut self) -> io::Result<()> {
        let status = self.child.0.wait()?;
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
        if status.success() {
            return Ok(());
        }
        tracing::info!(%status, "the process that reads a workbook has failed");
        let said = self.news.problem.lock().unwrap_or_else(PoisonError::into_inner).take();
        Err(io::Error::other(Refusal(said.unwrap_or_else(exhausted))))
    }
}

impl Read for WorkbookText {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(output) = &mut self.output else { return Ok(0) };
        let read = output.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            self.output = None;
            self.outcome()?;
        }
        Ok(read)
    }
}

/// It was ended from outside: by its limits, or because the machine has no memory left.
fn exhausted() -> Problem {
    too_large("Reading the workbook took more memory or time than is allowed for one file.")
}

#[derive(Debug, thiserror::Error)]
#[error("{}", .0.detail)]
struct Refusal(Problem);

/// What is wrong with the workbook, if that is why its rows could not be read.
#[must_use]
pub fn refusal(error: &io::Error) -> Option<Problem> {
    Some(error.get_ref()?.downcast_ref::<Refusal>()?.0.clone())
}
