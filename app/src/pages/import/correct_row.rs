//! One problem row: what is wrong, the cells to blame in open fields, the others folded away.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::imports::correction::{CorrectableColumn, CorrectableRow};

use crate::{components::field::described_by, components::field_error::FieldError, draft::Form, wording::grouped};

/// Lines of a field that holds a text of several.
const LINES: std::ops::RangeInclusive<usize> = 2..=8;

/// One cell as its field shows it.
struct CellField {
    name: String,
    label: String,
    text: String,
    error: Option<String>,
    has_lines: bool,
}

#[component]
pub fn RowFields(row: CorrectableRow, columns: Vec<CorrectableColumn>, form: Form) -> impl IntoView {
    let number = row.row;
    let name = format!("row_{number}");
    let errors = errors(&row, &form);
    let is_refused = errors.contains_key(&name);
    let error = errors.get(&name).cloned().map(|error| {
        let name = name.clone();
        view! { <FieldError name error /> }
    });
    let described_by = error.is_some().then(|| format!("{name}-error"));
    let (open, folded) = fields(&row, &columns, &form, &errors);
    let surplus = (!row.surplus.is_empty()).then(|| {
        let cells = row.surplus.join(" | ");
        view! {
            <p class="wrap-anywhere">"Behind the last column stands: " <span class="font-mono text-sm">{cells}</span></p>
        }
    });
    // Where the whole row is wrong, any of its cells may be to blame.
    let folded = (!folded.is_empty()).then(|| {
        let cells = cells(folded);
        view! {
            <details class="group" open=is_refused>
                <summary>"Other cells of this row"</summary>
                {cells}
            </details>
        }
    });
    let product = product(&row, &columns).map(|product| view! { <p class="text-muted wrap-anywhere">{product}</p> });
    let leave = format!("leave_{number}");
    let is_left = form.value(&leave).is_some();
    view! {
        <fieldset class="card min-w-0" id=name aria-describedby=described_by>
            <legend class="card-title float-left w-full">"Row " {grouped(number)}</legend>
            <div class="clear-both flex flex-col gap-3">
                {product} {error} {surplus} {cells(open)} {folded}
                {(!row.cells.is_empty())
                    .then(|| {
                        view! {
                            <label class="choice self-start">
                                <input type="checkbox" id=leave.clone() name=leave value="true" checked=is_left />
                                "Leave this row out"
                            </label>
                        }
                    })}
            </div>
        </fieldset>
    }
    .into_any()
}

/// By what people know the row: `LAMP-2, Floor lamp`, as far as its file says so.
fn product(row: &CorrectableRow, columns: &[CorrectableColumn]) -> Option<String> {
    let of_field = |field: &str| {
        let place = columns
            .iter()
            .position(|column| column.field.as_deref() == Some(field))?;
        let text = row.cells.get(place)?.trim();
        (!text.is_empty()).then(|| text.chars().take(100).collect::<String>())
    };
    let known: Vec<String> = ["sku", "name"].into_iter().filter_map(of_field).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// What is wrong, by the names of the fields: what the last attempt has left, or else why the row was not used.
fn errors(row: &CorrectableRow, form: &Form) -> BTreeMap<String, String> {
    let mut errors: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |field: String, message: &str| match errors.get_mut(&field) {
        Some(known) => {
            known.push(' ');
            known.push_str(message);
        }
        None => {
            errors.insert(field, message.to_owned());
        }
    };
    if row.cells.is_empty() {
        let advice = "The row is too long to be corrected here. Download the rows with problems and correct it there.";
        add(format!("row_{}", row.row), advice);
        return errors;
    }
    let refused = form.problem.as_ref().filter(|problem| !problem.errors.is_empty());
    match refused {
        Some(problem) => {
            for error in &problem.errors {
                add(error.field.clone(), &error.message);
            }
        }
        None => {
            for reason in &row.reasons {
                let field = match reason.column {
                    Some(column) => format!("cell_{}_{column}", row.row),
                    None => format!("row_{}", row.row),
                };
                add(field, &reason.message);
            }
        }
    }
    errors
}

/// The fields that are open, and those that are folded away.
fn fields(
    row: &CorrectableRow,
    columns: &[CorrectableColumn],
    form: &Form,
    errors: &BTreeMap<String, String>,
) -> (Vec<CellField>, Vec<CellField>) {
    let (mut open, mut folded) = (Vec::new(), Vec::new());
    for (column, text) in columns.iter().zip(&row.cells) {
        let name = format!("cell_{}_{}", row.row, column.place);
        let error = errors.get(&name).cloned();
        let was_blamed = row.reasons.iter().any(|reason| reason.column == Some(column.place));
        let is_open = was_blamed || error.is_some();
        if column.field.is_none() && !is_open {
            continue;
        }
        let field = CellField {
            label: column.name.clone(),
            has_lines: column.field.as_deref() == Some("description") || text.contains(['\n', '\r']),
            text: form.value(&name).unwrap_or_else(|| text.clone()),
            name,
            error,
        };
        if is_open { open.push(field) } else { folded.push(field) }
    }
    (open, folded)
}

fn cells(fields: Vec<CellField>) -> AnyView {
    if fields.is_empty() {
        return ().into_any();
    }
    let fields: Vec<_> = fields.into_iter().map(|field| view! { <Cell field /> }).collect();
    view! { <div class="grid items-start gap-4 sm:grid-cols-2 lg:grid-cols-3">{fields}</div> }.into_any()
}

#[component]
fn Cell(field: CellField) -> impl IntoView {
    let CellField {
        name,
        label,
        text,
        error,
        has_lines,
    } = field;
    let is_wrong = error.is_some().then_some("true");
    let described_by = described_by(&name, false, error.is_some());
    let input = if has_lines {
        let rows = text.lines().count().clamp(*LINES.start(), *LINES.end());
        // The first line break after the tag belongs to HTML, not to the text.
        let inner = format!("\n{text}");
        view! {
            <textarea
                class="input"
                id=name.clone()
                name=name.clone()
                rows=rows
                dir="auto"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=is_wrong
            >
                {inner}
            </textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                class="input"
                type="text"
                id=name.clone()
                name=name.clone()
                value=text
                dir="auto"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=is_wrong
            />
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label class="label wrap-anywhere" for=name.clone()>
                {label}
            </label>
            {error.map(|error| view! { <FieldError name error /> })}
            {input}
        </div>
    }
    .into_any()
}
