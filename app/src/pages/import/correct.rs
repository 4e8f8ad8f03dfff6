//! The problem rows of an import, each cell in a field of its own.

use leptos::prelude::*;
use stockroom::{
    imports::correction::{Correctable, CorrectableColumn, OFFERED_MAX},
    problem::{FieldError, Problem},
};

use super::{correct_row::RowFields, problems::Download};
use crate::{
    components::{
        banner::{Banner, Tone},
        error_summary::ErrorSummary,
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
    },
    draft::Form,
    error::AppError,
    fields::use_fields,
    pages::{awaited, id_in_address, named},
    paths, request,
    server_fns::imports::get_correctable,
    title::PageTitle,
    wording::{self, counted, grouped},
};

#[component]
pub fn CorrectPage() -> impl IntoView {
    let id = id_in_address();
    if !request::may_edit() {
        return view! {
            <PageTitle text="Correct rows" />
            <PageHeader title="Correct rows" />
            <NotAllowed />
        }
        .into_any();
    }
    // Whatever is no row is before all of them.
    let after = use_fields().get("after").and_then(|row| row.parse().ok()).unwrap_or(0);
    awaited(async move {
        match named(id, "import", async |id| get_correctable(id, after).await).await {
            Ok(correctable) => view! { <Rows correctable after /> }.into_any(),
            Err(AppError(problem)) => view! { <NotCorrectable problem /> }.into_any(),
        }
    })
}

#[component]
fn NotCorrectable(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Rows not shown" />
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title="Correct rows" />
        <ProblemView heading="The rows of this import cannot be corrected here." problem />
    }
    .into_any()
}

#[component]
fn Rows(correctable: Correctable, after: i64) -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::from(draft);
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let heading = format!("Correct rows of {}", wording::job(&correctable.import).to_lowercase());
    let problem = form
        .problem
        .clone()
        .map(|problem| in_summary(problem, &correctable.columns));
    let id = correctable.import.job_id;
    let (is_empty, is_too_many) = (correctable.rows.is_empty(), correctable.total > OFFERED_MAX);
    let body = if is_too_many {
        view! {
            <Banner tone=Tone::Info title="There are too many rows to correct here">
                <p>"Download them, correct them in a spreadsheet, and import that file: it needs no matching."</p>
            </Banner>
            <Download id />
        }
        .into_any()
    } else if is_empty {
        view! {
            <p>"No rows are left to correct."</p>
        }
        .into_any()
    } else {
        view! { <Fields correctable after form /> }.into_any()
    };
    view! {
        <PageTitle text=format!("{mark}{heading}") />
        {problem.map(|problem| view! { <ErrorSummary problem fields=&["cell_", "row_"] /> })}
        <p class="mb-2 text-sm">
            <a class="link" href=paths::import(id)>
                "← Import #"
                {id}
            </a>
        </p>
        <PageHeader title=heading />
        {body}
    }
    .into_any()
}

#[component]
fn Fields(correctable: Correctable, after: i64, form: Form) -> impl IntoView {
    let Correctable {
        import,
        columns,
        rows,
        total,
        next,
    } = correctable;
    let id = import.job_id;
    let is_part = after > 0 || next.is_some();
    let shown = rows.len() as i64;
    let extent = is_part.then(|| {
        let shown = counted(shown, "row is shown", "rows are shown");
        format!(
            " {shown} of {}. What you type is kept only if you send it.",
            grouped(total)
        )
    });
    let was_refused = form.problem.as_ref().is_some_and(|problem| !problem.errors.is_empty());
    let guarded = form.guarded();
    let blocks: Vec<_> = rows
        .into_iter()
        .map(|row| view! { <RowFields row columns=columns.clone() form=form.clone() /> })
        .collect();
    view! {
        <p class="mb-4 text-muted wrap-anywhere">
            "These rows of “" {import.file_name}
            "” could not be used. Correct their cells. You see what the corrected rows would change before anything changes." {extent}
        </p>
        <form
            method="post"
            action=paths::correct_import(id, (after > 0).then_some(after))
            novalidate
            class="flex flex-col gap-4"
            data-guarded=guarded
            data-saves
        >
            {blocks}
            <div class="flex flex-wrap items-center gap-2">
                <button class="btn btn-primary" name="do" value="check">
                    "Check corrections"
                </button>
                {was_refused
                    .then(|| {
                        view! {
                            <button class="btn btn-secondary" name="do" value="without">
                                "Leave out the rows that are still wrong"
                            </button>
                        }
                    })}
                <a class="btn btn-secondary" href=paths::import(id)>
                    "Cancel"
                </a>
                <p class="text-warn" data-unsaved hidden>
                    "Unsaved changes"
                </p>
            </div>
        </form>
        <Others id after next />
    }
    .into_any()
}

/// The ways to the rows that are not on this page.
#[component]
fn Others(id: i64, after: i64, next: Option<i64>) -> impl IntoView {
    let first = (after > 0).then(|| {
        view! {
            <a class="link" href=paths::correct_import(id, None)>
                "First rows"
            </a>
        }
    });
    let next = next.map(|next| {
        view! {
            <a class="link" href=paths::correct_import(id, Some(next))>
                "Next rows"
            </a>
        }
    });
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="mt-4 flex flex-wrap gap-4" aria-label="Other rows">
                {first}
                {next}
            </nav>
        }
    })
}

/// In the summary nobody sees which row and column a message stands beside.
fn in_summary(problem: Problem, columns: &[CorrectableColumn]) -> Problem {
    let errors = problem.errors.into_iter().map(|error| FieldError {
        message: place(&error.field, columns)
            .map_or(error.message.clone(), |place| format!("{place}: {}", error.message)),
        field: error.field,
    });
    Problem {
        errors: errors.collect(),
        ..problem
    }
}

/// “Row 17, Price”, of the field `cell_17_3`.
fn place(field: &str, columns: &[CorrectableColumn]) -> Option<String> {
    let number = |text: &str| text.parse::<i64>().ok().map(grouped);
    if let Some(row) = field.strip_prefix("row_") {
        return Some(format!("Row {}", number(row)?));
    }
    let (row, column) = field.strip_prefix("cell_")?.split_once('_')?;
    let column: usize = column.parse().ok()?;
    let column = columns.iter().find(|known| known.place == column)?;
    Some(format!("Row {}, {}", number(row)?, column.name))
}
