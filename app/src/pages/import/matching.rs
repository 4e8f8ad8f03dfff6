//! Where the columns of a file go, said by somebody: one form with the file's reading, its columns and the options.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{
    catalogs::CatalogNames,
    imports::{FileFormat, Import, ImportKind, MatchedBy, MatchedColumn, preview::Samples, rematching},
};

use super::{
    facts::field_label,
    options::{self, OptionFields},
    stepper::{Step, Stepper},
};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        error_summary::ErrorSummary,
        field::{Choice, Field, FieldKind},
        field_error::FieldError,
        table::{Cell, Column, Table},
        time::Time,
    },
    draft::{Form, FormDraft},
    pages::awaited,
    paths,
    server_fns::{catalogs::list_catalogs, imports::get_samples},
    wording::grouped,
};

const HEADER_ROW: FieldKind = FieldKind {
    name: "header_row",
    label: "Row that names the columns",
    hint: None,
    input_type: "text",
    input_mode: Some("numeric"),
    autocomplete: "off",
};

const ENCODINGS: [(&str, &str); 7] = [
    ("UTF-8", "UTF-8"),
    ("windows-1252", "Windows-1252 (Western Europe)"),
    ("macintosh", "Mac OS Roman"),
    ("windows-1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("UTF-16LE", "UTF-16 LE"),
    ("UTF-16BE", "UTF-16 BE"),
];
const SEPARATORS: [(&str, &str); 4] = [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Vertical bar")];

#[component]
pub fn Matching(import: Import, draft: Option<FormDraft>) -> impl IntoView {
    let id = import.job_id;
    awaited(async move {
        let chosen = import.options.catalog_id.into_iter().collect();
        let catalogs = list_catalogs(chosen).await.unwrap_or_default();
        let samples = get_samples(id).await.unwrap_or_default();
        view! { <MatchForm import samples catalogs draft /> }.into_any()
    })
}

#[component]
fn MatchForm(import: Import, samples: Samples, catalogs: CatalogNames, draft: Option<FormDraft>) -> impl IntoView {
    let id = import.job_id;
    let form = Form::of(draft, values(&import));
    let options = form.clone();
    view! {
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=FIELDS /> })}
        <Stepper at=Step::Match />
        <News samples=samples.clone() />
        <form method="post" action=paths::match_import(id) novalidate class="flex flex-col gap-4">
            <FileCard format=import.format.clone() form=form.clone() />
            {(import.kind == ImportKind::Products)
                .then(|| {
                    view! {
                        <Card title="Options">
                            <div class="flex flex-col gap-4">
                                <OptionFields form=options catalogs />
                            </div>
                        </Card>
                    }
                })}
            <Card title="Columns">
                <Columns import=import.clone() samples form />
            </Card>
            <div class="flex flex-wrap gap-2">
                <button class="btn btn-primary" name="do" value="check">
                    "Check file"
                </button>
                <button class="btn btn-secondary" formaction=paths::cancel_import(id)>
                    "Cancel"
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// All fields, so that the summary of problems can lead to them.
const FIELDS: &[&str] = &[
    "sheet",
    "encoding",
    "delimiter",
    "header_row",
    "mode",
    "catalog_id",
    "on_problems",
    "duplicates",
    "unknown_catalogs",
    "missing",
    "other_columns",
    "blank_description",
    "blank_price",
    "blank_catalog",
    "blank_attributes",
    "blank_pictures",
    "column_",
];

fn values(import: &Import) -> BTreeMap<String, String> {
    let format = &import.format;
    let mut values = options::values(&import.options);
    values.insert("sheet".to_owned(), format.sheet.clone().unwrap_or_default());
    values.insert("encoding".to_owned(), format.encoding.clone());
    values.insert("delimiter".to_owned(), format.delimiter.to_string());
    values.insert("header_row".to_owned(), format.header_row.to_string());
    for (place, column) in format.columns.iter().enumerate() {
        values.insert(format!("column_{place}"), column.field.clone().unwrap_or_default());
    }
    values
}

/// What is different from the last file of this kind, and whether it is the last one.
#[component]
pub fn News(samples: Samples) -> impl IntoView {
    let same = samples.same_file.map(|earlier| view! { <SameFile earlier /> });
    let list = |headers: &[String]| {
        headers
            .iter()
            .map(|header| format!("“{header}”"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let is_changed = !samples.new.is_empty() || !samples.gone.is_empty();
    let changed = is_changed.then(|| {
        let new = (!samples.new.is_empty()).then(|| view! { <p>"New: " {list(&samples.new)} "."</p> });
        let gone = (!samples.gone.is_empty()).then(|| view! { <p>"No longer there: " {list(&samples.gone)} "."</p> });
        view! {
            <Banner tone=Tone::Warning title="The columns are not those of the last file like this one">
                {new} {gone}
            </Banner>
        }
    });
    view! {
        {same}
        {changed}
    }
    .into_any()
}

/// Who imported exactly this file before, and what came of it.
#[component]
fn SameFile(earlier: Import) -> impl IntoView {
    let progress = &earlier.progress;
    let mut counts = format!(
        "{} added, {} updated",
        grouped(progress.created),
        grouped(progress.updated)
    );
    if progress.failed > 0 {
        counts.push_str(&format!(", {} with problems", grouped(progress.failed)));
    }
    let since = match earlier.undone_by {
        Some(_) => "It has been undone since.",
        None => "Importing it again changes what has been changed since.",
    };
    view! {
        <Banner tone=Tone::Info title="This file was imported before">
            <p>
                "The same file was imported on " <Time moment=earlier.created_at /> " by "
                <span class="wrap-anywhere">{earlier.created_by}</span> " as "
                <a class="link" href=paths::import(earlier.job_id)>
                    "import #"
                    {earlier.job_id}
                </a> ": " {counts} ". " {since}
            </p>
        </Banner>
    }
    .into_any()
}

/// How the file is read, each guess to be corrected.
#[component]
fn FileCard(format: FileFormat, form: Form) -> impl IntoView {
    let row = form.clone();
    let fields = match format.sheet.clone() {
        Some(sheet) => view! { <SheetChoice sheet sheets=format.sheets form /> }.into_any(),
        None => view! { <TextChoices encoding=format.encoding form /> }.into_any(),
    };
    view! {
        <Card title="How the file is read">
            <div class="grid items-start gap-4 sm:grid-cols-3">
                {fields}
                <Field kind=HEADER_ROW form=row />
            </div>
            <p class="mt-3">
                <button class="btn btn-secondary" name="do" value="read">
                    "Read again"
                </button>
            </p>
        </Card>
    }
    .into_any()
}

#[component]
fn TextChoices(encoding: String, form: Form) -> impl IntoView {
    let mut encodings: Vec<(String, String)> = pairs(&ENCODINGS);
    if !encodings.iter().any(|(value, _)| *value == encoding) {
        encodings.push((encoding.clone(), encoding));
    }
    view! {
        <Choice name="encoding" label="Encoding" all=encodings form=form.clone() />
        <Choice name="delimiter" label="Separator" all=pairs(&SEPARATORS) form />
    }
}

/// A hidden sheet is among them only if it was chosen by its name.
#[component]
fn SheetChoice(sheet: String, sheets: Vec<String>, form: Form) -> impl IntoView {
    let mut all = sheets;
    if !all.contains(&sheet) {
        all.push(sheet);
    }
    let all = all.into_iter().map(|name| (name.clone(), name)).collect();
    view! { <Choice name="sheet" label="Sheet" all form /> }
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(value, label)| ((*value).to_owned(), (*label).to_owned()))
        .collect()
}

#[component]
fn Columns(import: Import, samples: Samples, form: Form) -> impl IntoView {
    let head = view! {
        <Column title="Column in your file" />
        <Column title="First values" />
        <Column title="Goes to" />
        <Column title="Match" />
    };
    let kind = import.kind;
    let body: Vec<_> = import
        .format
        .columns
        .into_iter()
        .enumerate()
        .map(|(place, column)| {
            let values = samples.columns.get(place).cloned().unwrap_or_default();
            view! { <ColumnRow kind place column values form=form.clone() /> }
        })
        .collect();
    view! { <Table label="Columns" head=head.into_any() body=body.into_any() /> }.into_any()
}

#[component]
fn ColumnRow(kind: ImportKind, place: usize, column: MatchedColumn, values: Vec<String>, form: Form) -> impl IntoView {
    let name = format!("column_{place}");
    let chosen = form.value(&name).unwrap_or_default();
    let error = form.error(&name);
    let described_by = error.is_some().then(|| format!("{name}-error"));
    let header = if column.header.trim().is_empty() {
        format!("Column {}", place + 1)
    } else {
        column.header.clone()
    };
    let options: Vec<_> = std::iter::once((String::new(), "Do not import".to_owned()))
        .chain(
            rematching::fields(kind)
                .into_iter()
                .map(|field| (field.to_owned(), field_label(field))),
        )
        .map(|(value, label)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{label}</option> }
        })
        .collect();
    let samples: Vec<_> = values
        .into_iter()
        .map(|value| view! { <li class="font-mono text-sm wrap-anywhere">{value}</li> })
        .collect();
    let is_wrong = error.is_some().then_some("true");
    view! {
        <tr role="row">
            <th role="rowheader" scope="row" class="font-mono text-sm wrap-anywhere">
                {header.clone()}
            </th>
            <Cell label="First values">
                <ul>{samples}</ul>
            </Cell>
            <Cell label="Goes to">
                {error.map(|error| view! { <FieldError name=name.clone() error /> })}
                <select class="input" id=name.clone() name=name aria-label=format!("{header} goes to") aria-invalid=is_wrong aria-describedby=described_by>
                    {options}
                </select>
            </Cell>
            <Cell label="Match">{how(&column)}</Cell>
        </tr>
    }
    .into_any()
}

fn how(column: &MatchedColumn) -> AnyView {
    if let Some(guess) = &column.guess {
        let text = format!("Perhaps {}?", field_label(guess));
        return view! { <span class="tag tone-warn">{text}</span> }.into_any();
    }
    match (&column.field, column.by) {
        (None, _) => view! { <span class="text-subtle">"–"</span> }.into_any(),
        (Some(_), MatchedBy::Name) => view! { <span class="tag tone-success">"By its name"</span> }.into_any(),
        (Some(_), MatchedBy::Memory) => view! { <span class="tag tone-info">"As last time"</span> }.into_any(),
        (Some(_), MatchedBy::Person) => view! { <span class="tag tone-info">"By hand"</span> }.into_any(),
    }
}
