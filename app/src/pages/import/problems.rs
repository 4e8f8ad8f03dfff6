//! What was wrong with rows of the file, grouped by cause, largest first as the server sends it.

use leptos::prelude::*;
use stockroom::imports::{
    Import,
    correction::OFFERED_MAX,
    problem::{ProblemGroup, RowProblem, Severity},
};

use crate::{
    components::{
        card::Card,
        table::{Cell, Column, Table},
    },
    paths, request,
    wording::{counted, grouped},
};

#[component]
pub fn Problems(import: Import, groups: Vec<ProblemGroup>, has_file: bool, open_rows: i64) -> impl IntoView {
    let id = import.job_id;
    let is_there = has_file && import.has_its_file();
    let has_problems = groups.iter().any(|group| group.severity == Severity::Problem);
    let groups: Vec<_> = groups
        .into_iter()
        .enumerate()
        .map(|(place, group)| view! { <Group group is_open=place == 0 /> })
        .collect();
    let title = if !has_file {
        "Kept as they are"
    } else if has_problems {
        "Rows with problems"
    } else {
        "Rows with warnings"
    };

    view! {
        <Card title>
            {(has_problems && is_there).then(|| view! { <Download id /> })}
            {(has_problems && is_there).then(|| view! { <Correct import open_rows /> })}
            {groups}
        </Card>
    }
    .into_any()
}

/// The way to correct them without a spreadsheet, where they are few.
#[component]
fn Correct(import: Import, open_rows: i64) -> impl IntoView {
    if !request::may_edit() || open_rows == 0 || import.check_correctable().is_err() {
        return ().into_any();
    }
    if open_rows > OFFERED_MAX {
        let advice = "More than 100 rows are too many to correct here: download them, correct them in a spreadsheet, and import that file.";
        return view! { <p class="mb-3 text-muted">{advice}</p> }.into_any();
    }
    view! {
        <p class="mb-3">
            <a class="link" href=paths::correct_import(import.job_id, None)>
                "Correct them here"
            </a>
        </p>
    }
    .into_any()
}

/// Rows with warnings were used, so they are not in that file.
#[component]
pub fn Download(id: i64) -> impl IntoView {
    view! {
        <p class="mb-3 flex flex-wrap gap-2">
            <a class="btn btn-secondary" href=paths::import_problems(id) rel="external" download="problems.csv">
                "Download rows with problems (CSV)"
            </a>
            <a class="btn btn-secondary" href=paths::import_problem_workbook(id) rel="external" download="problems.xlsx">
                "Download rows with problems (Excel)"
            </a>
        </p>
    }
    .into_any()
}

#[component]
fn Group(group: ProblemGroup, is_open: bool) -> impl IntoView {
    let title = group.kind.title();
    let rows = counted(group.rows, "row", "rows");
    let is_warning = group.severity == Severity::Warning;
    let shown = group.examples.len() as i64;
    let rest = (group.rows > shown).then(|| {
        format!(
            "The first {} are shown. The download has all of them.",
            counted(shown, "row", "rows")
        )
    });

    view! {
        <details class="group" open=is_open>
            <summary>
                <span class="font-semibold">{title}</span>
                " — "
                <span class="tabular-nums">{rows}</span>
                {is_warning.then(|| view! { <span class="tag tone-info ml-2">"Warning"</span> }.into_any())}
            </summary>
            <p class="my-2 text-muted">{group.kind.advice()}</p>
            <Examples label=title examples=group.examples />
            {rest.map(|rest| view! { <p class="mt-2 text-sm text-muted">{rest}</p> }.into_any())}
        </details>
    }
    .into_any()
}

#[component]
fn Examples(label: &'static str, examples: Vec<RowProblem>) -> impl IntoView {
    let head = view! {
        <Column title="Row" is_number=true />
        <Column title="Column" />
        <Column title="Value found" />
    };
    let body = examples
        .into_iter()
        .map(|example| view! { <Example example /> })
        .collect_view()
        .into_any();
    view! { <Table label head=head.into_any() body /> }.into_any()
}

#[component]
fn Example(example: RowProblem) -> impl IntoView {
    // Problems of jobs without a file have no row.
    let row = if example.row > 0 {
        grouped(example.row)
    } else {
        "–".to_owned()
    };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    view! {
        <tr role="row">
            <th role="rowheader" scope="row" class="number">
                <span class="sm:hidden">"Row "</span>
                {row}
            </th>
            <Cell label="Column">{or_dash(example.column)}</Cell>
            <Cell label="Value found">
                <span class="font-mono text-sm wrap-anywhere">{or_dash(example.value)}</span>
            </Cell>
        </tr>
    }
    .into_any()
}
