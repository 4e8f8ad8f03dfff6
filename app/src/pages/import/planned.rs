//! The changes that a file would make, old and new, a page at a time.

use leptos::prelude::*;
use stockroom::{
    changes::ChangeKind,
    imports::{
        preview::{ChangeFilter, PlannedChange, PlannedChanges},
        review::{CheckedField, Review},
    },
};

use crate::{
    components::{
        card::Card,
        problem_view::ProblemView,
        table::{Cell, Column, Table},
    },
    error::AppError,
    fields::use_fields,
    pages::{awaited, product::history::in_words},
    paths,
    server_fns::imports::list_planned_changes,
    wording::{counted, grouped},
};

#[component]
pub fn Planned(id: i64, review: Review) -> impl IntoView {
    let fields = use_fields();
    let mut asked = fields.to_map();
    let filter = ChangeFilter::take(&mut asked);
    let after = asked.get("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    if review.changes() == 0 {
        return ().into_any();
    }
    awaited(async move {
        let list = match filter {
            Ok(filter) => {
                let found = list_planned_changes(id, filter, after).await;
                let list = match found {
                    Ok(changes) => view! { <Changes id filter after changes /> }.into_any(),
                    Err(AppError(problem)) => {
                        view! { <ProblemView heading="The changes could not be loaded." problem /> }.into_any()
                    }
                };
                view! {
                    <Filters id filter review />
                    {list}
                }
                .into_any()
            }
            Err(problem) => view! { <ProblemView heading="The changes could not be loaded." problem /> }.into_any(),
        };
        view! {
            <div class="mt-4" id="changes">
                <Card title="Changes">{list}</Card>
            </div>
        }
        .into_any()
    })
    .into_any()
}

/// One link for each kind of change and each field, with its number.
#[component]
fn Filters(id: i64, filter: ChangeFilter, review: Review) -> impl IntoView {
    let link = |label: String, to: ChangeFilter| {
        let count = to.count(&review);
        let current = (to == filter).then_some("true");
        (count > 0 || to == filter).then(|| {
            view! {
                <li>
                    <a class="chip" href=paths::planned_changes(id, to, None) aria-current=current>
                        {label}
                        " "
                        <span class="tabular-nums">{grouped(count)}</span>
                    </a>
                </li>
            }
        })
    };
    let kind = |label: &str, kind: ChangeKind| {
        link(
            label.to_owned(),
            ChangeFilter {
                kind: Some(kind),
                ..ChangeFilter::default()
            },
        )
    };
    let fields: Vec<_> = review
        .fields
        .iter()
        .map(|count| {
            let of_field = ChangeFilter {
                field: Some(count.field),
                ..ChangeFilter::default()
            };
            link(label(count.field).to_owned(), of_field)
        })
        .collect();
    let cleared = ChangeFilter {
        cleared: true,
        ..ChangeFilter::default()
    };
    view! {
        <nav aria-label="Kinds of changes">
            <ul class="mb-3 flex flex-wrap gap-2">
                {link("All".to_owned(), ChangeFilter::default())} {kind("Added", ChangeKind::Create)}
                {kind("Updated", ChangeKind::Update)} {kind("Restored", ChangeKind::Restore)} {kind("Deleted", ChangeKind::Delete)}
                {fields} {link("Cleared".to_owned(), cleared)}
            </ul>
        </nav>
    }
    .into_any()
}

fn label(field: CheckedField) -> &'static str {
    match field {
        CheckedField::Name => "Name",
        CheckedField::Description => "Description",
        CheckedField::Price => "Price",
        CheckedField::Active => "Active",
        CheckedField::Catalog => "Catalogue",
        CheckedField::Parent => "Parent",
        CheckedField::Options => "Options",
        CheckedField::Attributes => "Extra attributes",
        CheckedField::Pictures => "Pictures",
    }
}

#[component]
fn Changes(id: i64, filter: ChangeFilter, after: i64, changes: PlannedChanges) -> impl IntoView {
    let head = view! {
        <Column title="SKU" />
        <Column title="Row" is_number=true />
        <Column title="What would change" />
    };
    let shown = counted(changes.items.len() as i64, "change", "changes");
    let of = format!("{shown} of {}", grouped(changes.total));
    let body: Vec<_> = changes
        .items
        .into_iter()
        .map(|change| view! { <ChangeRow change /> })
        .collect();
    let next = changes.next.map(|next| paths::planned_changes(id, filter, Some(next)));
    let first = (after > 0).then(|| paths::planned_changes(id, filter, None));
    view! {
        <Table label="Changes" head=head.into_any() body=body.into_any() />
        <nav aria-label="Pages of changes" class="pager">
            <p class="tabular-nums">{of}</p>
            <ul class="flex flex-wrap items-center gap-1">
                {first.map(|href| view! { <li><a class="btn btn-secondary" href=href>"First"</a></li> })}
                {next.map(|href| view! { <li><a class="btn btn-secondary" href=href>"Next"</a></li> })}
            </ul>
        </nav>
    }
    .into_any()
}

#[component]
fn ChangeRow(change: PlannedChange) -> impl IntoView {
    let row = change.row.map_or_else(|| "–".to_owned(), grouped);
    let sku = match change.product_id {
        Some(product) => {
            view! { <a class="link font-mono text-sm wrap-anywhere" href=paths::product(product)>{change.sku}</a> }
                .into_any()
        }
        None => view! { <span class="font-mono text-sm wrap-anywhere">{change.sku}</span> }.into_any(),
    };
    let lines: Vec<_> = in_words(change.kind, &change.fields, &[])
        .into_iter()
        .map(|line| view! { <li class="wrap-anywhere">{line}</li> })
        .collect();
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                {sku}
            </th>
            <Cell label="Row" is_number=true>
                {row}
            </Cell>
            <Cell label="What would change">
                <ul>{lines}</ul>
            </Cell>
        </tr>
    }
    .into_any()
}
