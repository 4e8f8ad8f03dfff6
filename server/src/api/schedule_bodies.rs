//! What comes over the wire to create or change a schedule.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stockroom::imports::options::{Clearable, ImportOptions};
use stockroom::problem::Problem;
use stockroom::schedules::draft::{HeaderText, ScheduleText, WhenText};
use utoipa::ToSchema;

use super::bodies::{Body, nothing_left, object, text, wrong};

/// A schedule to be. What is missing gets its default. Fields of an answer that nobody can set may stay in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `schedule` reads")]
pub struct ScheduleBody {
    /// Unique without regard to case.
    #[schema(min_length = 1, max_length = 100, pattern = r"[^\s]")]
    name: String,
    /// Where the file is: https, unless whoever runs Stockroom allows http, and no address of a private network; or `s3://bucket/key`, read
    /// with the keys of the server. As it was answered, it stays as it is.
    #[schema(max_length = 2000, pattern = r"^(https?|s3)://")]
    address: String,
    /// A header that every request carries, or null.
    header: Option<HeaderBody>,
    /// What the rows are.
    #[schema(default = "products", nullable = false)]
    kind: Option<String>,
    /// How its rows are taken, by the same words as the fields of an upload.
    #[schema(value_type = Option<Object>)]
    options: Option<BTreeMap<String, String>>,
    /// The sheet of a workbook, where there are several.
    #[schema(max_length = 31)]
    sheet: Option<String>,
    when: WhenBody,
    /// `apply`: what was checked is applied when nothing trips, and waits for a person otherwise; `wait`: it always waits.
    #[schema(default = "apply", nullable = false)]
    after_check: Option<String>,
    /// Per cent of the rows that may have problems in a file that is applied.
    #[schema(minimum = 0, maximum = 100, default = 1, nullable = false)]
    problem_percent: Option<i64>,
    #[schema(default = true, nullable = false)]
    enabled: Option<bool>,
}

/// What changes of a schedule. What is missing stays as it is, and what nobody can set is refused.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `schedule_changes` reads")]
pub struct ScheduleChangesBody {
    /// Unique without regard to case.
    #[schema(min_length = 1, max_length = 100, pattern = r"[^\s]", nullable = false)]
    name: Option<String>,
    /// Where the file is: https, unless whoever runs Stockroom allows http, and no address of a private network; or `s3://bucket/key`, read
    /// with the keys of the server. As it was answered, it stays as it is.
    #[schema(max_length = 2000, pattern = r"^(https?|s3)://", nullable = false)]
    address: Option<String>,
    /// A header that every request carries, or null.
    header: Option<HeaderBody>,
    /// What the rows are.
    #[schema(nullable = false)]
    kind: Option<String>,
    /// All options, by the same words as the fields of an upload. What is missing gets its default.
    #[schema(value_type = Option<Object>)]
    options: Option<BTreeMap<String, String>>,
    /// The sheet of a workbook, where there are several.
    #[schema(max_length = 31)]
    sheet: Option<String>,
    #[schema(nullable = false)]
    when: Option<WhenBody>,
    /// `apply`: what was checked is applied when nothing trips, and waits for a person otherwise; `wait`: it always waits.
    #[schema(nullable = false)]
    after_check: Option<String>,
    /// Per cent of the rows that may have problems in a file that is applied.
    #[schema(minimum = 0, maximum = 100, nullable = false)]
    problem_percent: Option<i64>,
    #[schema(nullable = false)]
    enabled: Option<bool>,
}

/// A header of a request. Its value is never answered; null keeps the one that is there.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `header` reads")]
pub struct HeaderBody {
    #[schema(pattern = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
    name: String,
    #[schema(max_length = 1000, pattern = r"^[ -~]*$")]
    value: Option<String>,
}

/// Either `every`, or `at` with or without `days`. Times are those of the shop's zone.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `when` reads")]
pub struct WhenBody {
    /// Minutes.
    #[schema(minimum = 15, maximum = 10080)]
    every: Option<i64>,
    /// Hour and minute.
    #[schema(pattern = r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$")]
    at: Option<String>,
    /// null for each day.
    #[schema(min_items = 1)]
    days: Option<Vec<String>>,
}

/// Fields of answers that nobody can set.
pub const READ_ONLY_OF_SCHEDULES: [&str; 11] = [
    "id",
    "status",
    "paused_at",
    "paused_because",
    "next_run_at",
    "last_run",
    "failures",
    "created_by",
    "updated_by",
    "created_at",
    "updated_at",
];

/// Options that are a word; `catalog_id` and `clear` stand beside them.
pub const WORDS_OF_OPTIONS: [&str; 6] = [
    "mode",
    "on_problems",
    "duplicates",
    "unknown_catalogs",
    "missing",
    "other_columns",
];

/// A whole schedule, as an answer has it: fields that nobody can set may stay in.
///
/// # Errors
/// Names the field that cannot be read.
pub fn schedule(body: Body) -> Result<ScheduleText, Problem> {
    let mut fields = object(body)?;
    for name in READ_ONLY_OF_SCHEDULES {
        fields.remove(name);
    }
    schedule_fields(fields)
}

/// Only what changes.
///
/// # Errors
/// Names the field that cannot be read.
pub fn schedule_changes(body: Body) -> Result<ScheduleText, Problem> {
    schedule_fields(object(body)?)
}

fn schedule_fields(mut fields: Map<String, Value>) -> Result<ScheduleText, Problem> {
    let text = ScheduleText {
        name: text(&mut fields, "name")?,
        address: text(&mut fields, "address")?,
        header: fields.remove("header").map(header).transpose()?,
        kind: text(&mut fields, "kind")?,
        options: fields.remove("options").map(options).transpose()?,
        sheet: text(&mut fields, "sheet")?,
        when: fields.remove("when").map(when).transpose()?,
        after_check: text(&mut fields, "after_check")?,
        problem_percent: match fields.remove("problem_percent") {
            None => None,
            Some(value) => Some(
                value
                    .as_i64()
                    .ok_or_else(|| wrong("problem_percent", "a whole number"))?,
            ),
        },
        enabled: match fields.remove("enabled") {
            None => None,
            Some(Value::Bool(enabled)) => Some(enabled),
            Some(_) => return Err(wrong("enabled", "true or false")),
        },
    };
    nothing_left(&fields)?;
    Ok(text)
}

fn header(value: Value) -> Result<Option<HeaderText>, Problem> {
    let expected = || {
        wrong(
            "header",
            "an object such as {\"name\": \"Authorization\", \"value\": \"Bearer abc\"}, or null",
        )
    };
    let mut fields = match value {
        Value::Null => return Ok(None),
        Value::Object(fields) => fields,
        _ => return Err(expected()),
    };
    let name = text(&mut fields, "name")?.ok_or_else(expected)?;
    let value = match fields.remove("value") {
        None | Some(Value::Null) => None,
        Some(Value::String(value)) => Some(value),
        Some(_) => return Err(expected()),
    };
    nothing_left(&fields)?;
    Ok(Some((name, value)))
}

fn when(value: Value) -> Result<WhenText, Problem> {
    let expected = || {
        wrong(
            "when",
            "an object such as {\"every\": 60} or {\"at\": \"03:00\", \"days\": [\"mon\"]}",
        )
    };
    let Value::Object(mut fields) = value else {
        return Err(expected());
    };
    fields.retain(|_, value| !value.is_null());
    let every = fields.remove("every");
    let at = text(&mut fields, "at")?;
    let days = match fields.remove("days") {
        None => None,
        Some(Value::Array(words)) => {
            let words = words.into_iter().map(|word| word.as_str().map(str::to_owned)).collect();
            Some(Option::<Vec<String>>::ok_or_else(words, || {
                wrong("days", "a list such as [\"mon\", \"thu\"]")
            })?)
        }
        Some(_) => return Err(wrong("days", "a list such as [\"mon\", \"thu\"]")),
    };
    nothing_left(&fields)?;
    match (every, at, days) {
        (Some(every), None, None) => {
            let minutes = every
                .as_i64()
                .ok_or_else(|| wrong("every", "a whole number of minutes"))?;
            Ok(WhenText::Every(minutes))
        }
        (None, Some(time), days) => Ok(WhenText::At { time, days }),
        _ => Err(expected()),
    }
}

/// Options as an import shows them, read as an upload's form is.
fn options(value: Value) -> Result<ImportOptions, Problem> {
    let mut given = match value {
        Value::Null => Map::new(),
        Value::Object(given) => given,
        _ => return Err(wrong("options", "an object such as {\"mode\": \"update_only\"}")),
    };
    let mut fields = BTreeMap::new();
    match given.remove("clear") {
        None | Some(Value::Null) => {}
        Some(clear) => {
            let names: Vec<Clearable> = serde_json::from_value(clear).map_err(|_| {
                wrong(
                    "clear",
                    "a list of description, price, catalog, attributes and pictures",
                )
            })?;
            fields.extend(
                names
                    .into_iter()
                    .map(|field| (field.input().to_owned(), "clear".to_owned())),
            );
        }
    }
    for name in WORDS_OF_OPTIONS {
        if let Some(word) = text(&mut given, name)? {
            fields.insert(name.to_owned(), word);
        }
    }
    match given.remove("catalog_id") {
        None | Some(Value::Null) => {}
        Some(Value::Number(id)) => drop(fields.insert("catalog_id".to_owned(), id.to_string())),
        Some(_) => return Err(wrong("catalog_id", "a number or null")),
    }
    nothing_left(&given)?;
    ImportOptions::take(&mut fields).map_err(|mut problem| {
        problem.status = 422;
        problem
    })
}
