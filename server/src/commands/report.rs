//! What came of an import, in words or as JSON, and as the status with which the program ends.

use std::process::ExitCode;

use app::wording::{counted, duration, grouped, seconds_between};
use serde_json::{Value, json};
use stockroom::imports::options::OnProblems;
use stockroom::imports::plan::Proof;
use stockroom::imports::problem::{ProblemGroup, Severity};
use stockroom::imports::review::Review;
use stockroom::imports::{Import, ImportStatus};

use crate::api::import_views::ImportView;

/// Rows that are shown of each group of problems.
const EXAMPLES: usize = 5;

/// How an import has ended, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    AllIn = 0,
    Failed = 1,
    WithProblems = 2,
    NeedsConfirmation = 3,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

impl Ending {
    /// Of an import that is over, or that was checked and waits.
    pub fn of(import: &Import) -> Self {
        match (import.progress.status, &import.review) {
            (ImportStatus::Completed | ImportStatus::Undone, _) => Self::by_problems(import.progress.failed),
            (ImportStatus::AwaitingConfirmation, Some(review)) => Self::of_check(import, review),
            _ => Self::Failed,
        }
    }

    fn of_check(import: &Import, review: &Review) -> Self {
        if is_stopped(import, review) {
            Self::Failed
        } else if review.proof() == Proof::Nothing {
            Self::by_problems(review.failed)
        } else {
            Self::NeedsConfirmation
        }
    }

    fn by_problems(failed: i64) -> Self {
        if failed > 0 { Self::WithProblems } else { Self::AllIn }
    }
}

/// All rows were to be good, and some are not.
fn is_stopped(import: &Import, review: &Review) -> bool {
    import.options.on_problems == OnProblems::Stop && review.failed > 0
}

/// Why an import that was checked must be confirmed.
pub fn reasons(import: &Import) -> Vec<String> {
    let Some(review) = &import.review else {
        return Vec::new();
    };
    let deletes = (review.deleted > 0).then(|| {
        let products = counted(review.deleted, "product", "products");
        format!("It deletes {products}.")
    });
    let alarms = review.tripped().map(|alarm| {
        let examples: Vec<_> = alarm
            .examples
            .iter()
            .take(EXAMPLES)
            .map(|example| format!("“{}”", plain(&example.value)))
            .collect();
        let examples = if examples.is_empty() {
            String::new()
        } else {
            format!(": {}", examples.join(", "))
        };
        format!("{} ({}){examples}.", alarm.kind.title(), grouped(alarm.count))
    });
    deletes.into_iter().chain(alarms).collect()
}

pub struct Report {
    pub import: Import,
    pub groups: Vec<ProblemGroup>,
    /// The import's page.
    pub address: String,
}

impl Report {
    pub fn ending(&self) -> Ending {
        Ending::of(&self.import)
    }

    /// The import as the API shows it, its problems by cause, and where its page is.
    ///
    /// # Errors
    /// None that is known: all of it is plain data.
    pub fn json(&self) -> anyhow::Result<String> {
        let mut report = serde_json::to_value(ImportView::from(self.import.clone()))?;
        if let Value::Object(fields) = &mut report {
            fields.insert("problem_groups".to_owned(), json!(self.groups));
            fields.insert("address".to_owned(), json!(self.address));
            fields.insert("exit_status".to_owned(), json!(self.ending() as u8));
        }
        Ok(serde_json::to_string_pretty(&report)?)
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in self.lines() {
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.heading()];
        lines.extend(self.counts());
        if self.import.progress.status == ImportStatus::AwaitingConfirmation {
            lines.extend(self.what_is_missing());
        }
        for group in &self.groups {
            lines.push(String::new());
            lines.extend(group_in_words(group));
        }
        lines.extend([String::new(), format!("Look at it on {}", self.address)]);
        lines
    }

    fn heading(&self) -> String {
        let import = &self.import;
        let name = format!("Import #{} of {}", import.job_id, import.file_name);
        let progress = &import.progress;
        let detail = match progress.status {
            ImportStatus::AwaitingConfirmation => "checked. Nothing has changed yet.".to_owned(),
            ImportStatus::Completed => format!("finished{}.", self.duration()),
            ImportStatus::Failed => format!(
                "failed. {}",
                progress.error.clone().unwrap_or_else(|| progress.message.clone())
            ),
            _ => format!("{}.", progress.message),
        };
        format!("{name}: {detail}")
    }

    fn duration(&self) -> String {
        let ends = self.import.started_at.as_ref().zip(self.import.finished_at.as_ref());
        match ends.and_then(|(from, to)| seconds_between(from, to)) {
            Some(seconds) if seconds > 0 => format!(" in {}", duration(seconds)),
            _ => String::new(),
        }
    }

    fn counts(&self) -> Vec<String> {
        let progress = &self.import.progress;
        let of_check = self.import.review.as_ref();
        let of_check = of_check.filter(|_| progress.status == ImportStatus::AwaitingConfirmation);
        // A count of nothing is shown only where it is the news.
        let counts: Vec<(&str, i64, bool)> = match of_check {
            Some(review) => vec![
                ("would be added", review.created, true),
                ("would be updated", review.updated, true),
                ("would be deleted", review.deleted, false),
                ("would be restored", review.restored, false),
                ("not in the file", review.missing, false),
                ("values cleared", review.cleared, false),
                ("new catalogues", review.new_catalogs, false),
                ("unchanged", review.unchanged, true),
                ("with problems", review.failed, true),
            ],
            None => vec![
                ("added", progress.created, true),
                ("updated", progress.updated, true),
                ("unchanged", progress.unchanged, true),
                ("with problems", progress.failed, true),
                ("replaced by a later row", progress.superseded, false),
            ],
        };
        let shown = counts.into_iter().filter(|(_, count, always)| *always || *count != 0);
        shown
            .map(|(label, count, _)| format!("{:>11}  {label}", grouped(count)))
            .collect()
    }

    fn what_is_missing(&self) -> Vec<String> {
        let advice = match self.ending() {
            Ending::NeedsConfirmation => {
                "It must be confirmed: on its page, or by running the command again with --yes."
            }
            Ending::Failed => {
                "Rows have problems, and all rows are to be good. Correct them and import the file again."
            }
            _ => "It goes in when it is confirmed: on its page, or by running the command again without --check.",
        };
        let mut lines = vec![String::new()];
        lines.extend(reasons(&self.import));
        lines.push(advice.to_owned());
        lines
    }
}

fn group_in_words(group: &ProblemGroup) -> Vec<String> {
    let column = match &group.column {
        Some(column) => format!(", column “{}”", plain(column)),
        None => String::new(),
    };
    let warning = if group.severity == Severity::Warning {
        "Warning: "
    } else {
        ""
    };
    let rows = counted(group.rows, "row", "rows");
    let mut lines = vec![
        format!("{warning}{}{column}: {rows}", group.kind.title()),
        format!("  {}", group.kind.advice()),
    ];
    for problem in group.examples.iter().take(EXAMPLES) {
        let mut line = format!("  row {}", grouped(problem.row));
        if let Some(value) = &problem.value {
            line.push_str(&format!(": “{}”", plain(value)));
        }
        lines.push(line);
    }
    if group.rows > EXAMPLES as i64 {
        lines.push("  …".to_owned());
    }
    lines
}

/// What comes from a file, for a terminal, which obeys control characters.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
