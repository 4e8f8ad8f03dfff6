//! A schedule as somebody wants it to be, checked.

pub use super::times::WhenText;

use super::source::Source;
use super::{AfterCheck, Schedule, When, times};
use crate::imports::ImportKind;
use crate::imports::options::ImportOptions;
use crate::outbound::destination::Policy;
use crate::problem::{FieldError, Problem};
use crate::webhooks::draft::checked_headers;

/// Characters.
const NAME_MAX: usize = 100;
const SHEET_MAX: usize = 31;
/// Per cent of the rows, if nobody says otherwise.
pub const PROBLEM_PERCENT: i64 = 1;

/// Headers by which a part of a file is asked for, or none: those are ours.
const OWN_HEADERS: [&str; 7] = [
    "accept",
    "accept-encoding",
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// A header's name, and its value if that is to change.
pub type HeaderText = (String, Option<String>);

/// What is wanted, before it is checked. What is `None` is not to be changed, or gets its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleText {
    pub name: Option<String>,
    pub address: Option<String>,
    /// `Some(None)`: none.
    pub header: Option<Option<HeaderText>>,
    pub kind: Option<String>,
    pub options: Option<ImportOptions>,
    /// Blank for none.
    pub sheet: Option<String>,
    pub when: Option<WhenText>,
    pub after_check: Option<String>,
    pub problem_percent: Option<i64>,
    pub enabled: Option<bool>,
}

/// The same, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleDraft {
    pub name: String,
    /// None: as it is.
    pub(super) source: Option<Source>,
    /// None: as it is.
    pub header: Option<Option<HeaderText>>,
    pub kind: ImportKind,
    pub options: ImportOptions,
    pub sheet: Option<String>,
    pub when: When,
    pub after_check: AfterCheck,
    pub problem_percent: i64,
    /// None: as it is.
    pub enabled: Option<bool>,
}

impl ScheduleText {
    /// The same without what may be a secret.
    pub(super) fn without_secrets(&self) -> Self {
        let path = |address: &String| address.split('?').next().unwrap_or_default().to_owned();
        Self {
            header: None,
            address: self.address.as_ref().map(path),
            ..self.clone()
        }
    }

    /// What is missing gets its default, for a request that replaces everything.
    #[must_use]
    pub fn or_default(self) -> Self {
        Self {
            name: self.name.or_else(|| Some(String::new())),
            address: self.address.or_else(|| Some(String::new())),
            header: self.header.or(Some(None)),
            kind: self.kind.or_else(|| Some(ImportKind::Products.as_str().to_owned())),
            options: self.options.or_else(|| Some(ImportOptions::default())),
            sheet: self.sheet.or_else(|| Some(String::new())),
            when: self.when.or_else(|| {
                Some(WhenText::At {
                    time: String::new(),
                    days: None,
                })
            }),
            after_check: self
                .after_check
                .or_else(|| Some(AfterCheck::default().as_str().to_owned())),
            problem_percent: self.problem_percent.or(Some(PROBLEM_PERCENT)),
            enabled: self.enabled.or(Some(true)),
        }
    }

    /// A schedule made of this alone.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn whole(&self, policy: &Policy) -> Result<ScheduleDraft, Problem> {
        self.clone().or_default().over(None, policy)
    }

    /// `schedule` with these changes.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn on(&self, schedule: &Schedule, policy: &Policy) -> Result<ScheduleDraft, Problem> {
        self.over(Some(schedule), policy)
    }

    fn over(&self, before: Option<&Schedule>, policy: &Policy) -> Result<ScheduleDraft, Problem> {
        let mut faults = Faults(Vec::new());
        let name = faults.keep("name", kept(&self.name, before, |before| before.name.clone(), named));
        let source = faults.keep("address", self.source(before, policy));
        let header = faults.keep("header", self.header.as_ref().map(checked_header).transpose());
        let kind = faults.keep("kind", kept(&self.kind, before, |before| before.kind, kind_of));
        let options = self
            .options
            .clone()
            .or_else(|| before.map(|before| before.options.clone()));
        let options = faults.keep("options", options_for(options.unwrap_or_default(), kind));
        let sheet = kept(&self.sheet, before, |before| before.sheet.clone(), sheet_of);
        let sheet = faults.keep("sheet", sheet);
        let when = faults.keep_named(match (&self.when, before) {
            (Some(when), _) => times::checked(when),
            (None, Some(before)) => Ok(before.when.clone()),
            (None, None) => Err(("at", "Enter a time such as 03:00.".to_owned())),
        });
        let after_check = kept(
            &self.after_check,
            before,
            |before| before.after_check,
            |word| word.parse().map_err(|()| "Choose apply or wait.".to_owned()),
        );
        let after_check = faults.keep("after_check", after_check);
        let percent = self.problem_percent.or(before.map(|before| before.problem_percent));
        let percent = faults.keep("problem_percent", percent_of(percent.unwrap_or(PROBLEM_PERCENT)));
        match (name, source, header, kind, options, sheet, when, after_check, percent) {
            (
                Some(name),
                Some(source),
                Some(header),
                Some(kind),
                Some(options),
                Some(sheet),
                Some(when),
                Some(after_check),
                Some(problem_percent),
            ) => Ok(ScheduleDraft {
                name,
                source,
                header,
                kind,
                options,
                sheet,
                when,
                after_check,
                problem_percent,
                enabled: self.enabled,
            }),
            _ => Err(faults.problem()),
        }
    }

    /// An address as it is shown stands for the one that is there.
    fn source(&self, before: Option<&Schedule>, policy: &Policy) -> Result<Option<Source>, String> {
        match (&self.address, before) {
            (Some(text), Some(before)) if text.trim() == before.address => Ok(None),
            (Some(text), _) => Source::parse(text, policy).map(Some),
            (None, _) => Ok(None),
        }
    }
}

/// What was typed, checked; or what there is.
fn kept<T>(
    typed: &Option<String>,
    before: Option<&Schedule>,
    present: impl FnOnce(&Schedule) -> T,
    check: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    match (typed, before) {
        (Some(text), _) => check(text),
        (None, Some(before)) => Ok(present(before)),
        (None, None) => check(""),
    }
}

struct Faults(Vec<FieldError>);

impl Faults {
    fn keep<T>(&mut self, field: &'static str, checked: Result<T, String>) -> Option<T> {
        self.keep_named(checked.map_err(|message| (field, message)))
    }

    fn keep_named<T>(&mut self, checked: Result<T, (&'static str, String)>) -> Option<T> {
        let note = |(field, message): (&'static str, String)| {
            self.0.push(FieldError {
                field: field.to_owned(),
                message,
            });
        };
        checked.map_err(note).ok()
    }

    fn problem(self) -> Problem {
        let mut problem = Problem::unprocessable("The schedule cannot be saved as it is. Nothing was changed.");
        problem.errors = self.0;
        problem
    }
}

fn named(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter a name, such as the supplier's.".to_owned());
    }
    if text.chars().count() > NAME_MAX || text.chars().any(char::is_control) {
        return Err("Enter one line of at most 100 characters.".to_owned());
    }
    Ok(text.to_owned())
}

fn kind_of(word: &str) -> Result<ImportKind, String> {
    let known = ImportKind::ALL.into_iter().filter(|kind| kind.has_file());
    let mut found = known.filter(|kind| kind.as_str() == word.trim());
    found.next().ok_or_else(|| "Choose products or catalogs.".to_owned())
}

fn options_for(options: ImportOptions, kind: Option<ImportKind>) -> Result<ImportOptions, String> {
    if kind == Some(ImportKind::Catalogs) && options != ImportOptions::default() {
        let message = "These options are for files of products. A file of catalogues only adds those that are missing.";
        return Err(message.to_owned());
    }
    Ok(options)
}

fn sheet_of(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().count() > SHEET_MAX || text.chars().any(char::is_control) {
        return Err("Enter the name of a sheet, of at most 31 characters.".to_owned());
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn percent_of(percent: i64) -> Result<i64, String> {
    let message = || "Enter a number from 0 to 100.".to_owned();
    (0..=100).contains(&percent).then_some(percent).ok_or_else(message)
}

fn checked_header(header: &Option<HeaderText>) -> Result<Option<HeaderText>, String> {
    let Some(header) = header else { return Ok(None) };
    if OWN_HEADERS.contains(&header.0.trim().to_ascii_lowercase().as_str()) {
        return Err(format!(
            "The header {} is set by Stockroom. Leave it out.",
            header.0.trim()
        ));
    }
    let mut checked = checked_headers(std::slice::from_ref(header))?;
    Ok(checked.pop())
}

#[cfg(test)]
mod tests {
    use super::{ScheduleDraft, ScheduleText, WhenText};
    use crate::outbound::destination::Policy;
    use crate::schedules::{AfterCheck, When};

    fn text() -> ScheduleText {
        ScheduleText {
            name: Some(" Supplier ".to_owned()),
            address: Some("https://example.com/prices.csv".to_owned()),
            when: Some(WhenText::At {
                time: "3:00".to_owned(),
                days: None,
            }),
            ..ScheduleText::default()
        }
    }

    fn draft(text: &ScheduleText) -> ScheduleDraft {
        text.whole(&Policy::default()).expect("a draft")
    }

    fn faults(text: &ScheduleText) -> Vec<String> {
        let problem = text.whole(&Policy::default()).expect_err("it is refused");
        problem.errors.into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_left_out_has_a_default_that_is_careful() {
        let draft = draft(&text());
        assert_eq!(
            (draft.name.as_str(), draft.header, draft.sheet),
            ("Supplier", Some(None), None)
        );
        assert_eq!((draft.after_check, draft.problem_percent), (AfterCheck::Apply, 1));
        assert_eq!(draft.when.to_string(), "every day at 03:00");
    }

    #[test]
    fn every_field_that_cannot_be_used_is_named() {
        let wrong = ScheduleText {
            name: Some("two\nlines".to_owned()),
            address: Some("ftp://example.com".to_owned()),
            header: Some(Some(("Host".to_owned(), Some("a".to_owned())))),
            kind: Some("undo".to_owned()),
            sheet: Some("x".repeat(32)),
            when: Some(WhenText::Every(14)),
            after_check: Some("perhaps".to_owned()),
            problem_percent: Some(101),
            ..ScheduleText::default()
        };
        assert_eq!(
            faults(&wrong),
            [
                "name",
                "address",
                "header",
                "kind",
                "sheet",
                "every",
                "after_check",
                "problem_percent"
            ]
        );
        assert_eq!(faults(&ScheduleText::default()), ["name", "address", "at"]);
    }

    #[test]
    fn times_and_days_are_checked() {
        let with = |when| ScheduleText {
            when: Some(when),
            ..text()
        };
        let at = |time: &str, days: Option<&[&str]>| WhenText::At {
            time: time.to_owned(),
            days: days.map(|days| days.iter().map(|day| (*day).to_owned()).collect()),
        };
        assert_eq!(faults(&with(at("25:00", None))), ["at"]);
        assert_eq!(faults(&with(at("03:00", Some(&[])))), ["days"]);
        assert_eq!(faults(&with(at("03:00", Some(&["someday"])))), ["days"]);
        assert_eq!(faults(&with(WhenText::Every(10_081))), ["every"]);
        assert_eq!(draft(&with(WhenText::Every(15))).when, When::Every { minutes: 15 });
        let all = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        assert_eq!(
            draft(&with(at("03:00", Some(&all)))).when,
            draft(&with(at("03:00", None))).when
        );
    }

    #[test]
    fn headers_that_are_ours_are_refused() {
        for name in ["If-None-Match", "range", "Cookie", "a b", "Accept-Encoding"] {
            let header = Some(Some((name.to_owned(), Some("1".to_owned()))));
            assert_eq!(faults(&ScheduleText { header, ..text() }), ["header"], "{name}");
        }
        let header = Some(Some(("Authorization".to_owned(), Some("Bearer a\r\nb".to_owned()))));
        assert_eq!(faults(&ScheduleText { header, ..text() }), ["header"]);
    }
}
