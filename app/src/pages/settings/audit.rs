//! Who did what. It can be read and kept, and not changed.

use leptos::prelude::*;
use serde_json::Value;
use stockroom::{
    audit::{Action, AuditQuery, Entry, Object, ObjectKind},
    page::{Page, PageRequest},
};

use super::Tabs;
use crate::{
    components::{
        days::Days,
        labelled::{Labelled, options},
        page_header::PageHeader,
        pager::{Pager, Place},
        problem_view::ProblemView,
        table::{Cell, Column, Table},
        time::Time,
    },
    error::AppError,
    fields::{Fields, use_fields},
    pages::awaited,
    paths,
    search::{page_from, push_page},
    server_fns::staff::list_audit,
    title::PageTitle,
};

#[component]
pub fn AuditPage() -> impl IntoView {
    let fields = use_fields();
    let page = page_from(&fields);
    let query = AuditQuery::take(&mut fields.asked());
    let export = query.as_ref().map(AuditQuery::fields).unwrap_or_default();
    view! {
        <PageTitle text="Audit log" />
        <PageHeader title="Audit log">
            <a class="btn btn-secondary" href=paths::with_query(paths::AUDIT_EXPORT, &export) download="audit-log.csv">
                "Export (CSV)"
            </a>
        </PageHeader>
        <Tabs />
        <Filters fields />
        {awaited(async move {
            let found = match query {
                Ok(query) => list_audit(query.clone(), page).await.map(|page| (query, page)),
                Err(problem) => Err(problem.into()),
            };
            match found {
                Ok((_, page)) if page.items.is_empty() => view! { <Nothing /> }.into_any(),
                Ok((query, page)) => view! { <Found query page /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="The audit log could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Filters(fields: Fields) -> impl IntoView {
    let all = std::iter::once((String::new(), "All".to_owned()))
        .chain(Action::ALL.map(|action| (action.code().to_owned(), action.label().to_owned())))
        .collect();
    let actions = options(all, &fields.get("action").unwrap_or_default());
    let (who, object) = (fields.get("who"), fields.get("object"));
    view! {
        <form method="get" action=paths::AUDIT role="search" aria-label="Audit log" class="filters" autocomplete="off">
            <Labelled name="who" label="Who" hint=Some("A whole email address")>
                <input class="input" type="search" id="who" name="who" value=who aria-describedby="who-hint" />
            </Labelled>
            <Labelled name="action" label="Action">
                <select class="input" id="action" name="action" data-applies>
                    {actions}
                </select>
            </Labelled>
            <Labelled name="object" label="To what" hint=Some("A whole SKU, file name or email address")>
                <input class="input" type="search" id="object" name="object" value=object aria-describedby="object-hint" />
            </Labelled>
            <Days fields />
            <button class="btn btn-secondary sm:w-fit">"Apply"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"No entries in this period"</h2>
            <a class="btn btn-secondary" href=paths::AUDIT>
                "Show all entries"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn Found(query: AuditQuery, page: Page<Entry>) -> impl IntoView {
    let place = Place::from(&page);
    let address = Callback::new(move |page: PageRequest| {
        let mut fields = query.fields();
        push_page(&mut fields, &page);
        paths::with_query(paths::AUDIT, &fields)
    });
    view! {
        <AuditTable entries=page.items />
        <Pager place address />
    }
    .into_any()
}

#[component]
pub fn AuditTable(entries: Vec<Entry>) -> impl IntoView {
    let head = view! {
        <Column title="Time" />
        <Column title="Who" />
        <Column title="Action" />
        <Column title="From" />
        <Column title="Particulars" />
    };
    let body = entries.into_iter().map(row).collect_view().into_any();
    view! { <Table label="Audit log" head=head.into_any() body /> }.into_any()
}

fn row(entry: Entry) -> impl IntoView {
    let object = entry.object.map(|object| view! { " " <Named object /> });
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <Time moment=entry.made_at />
            </th>
            <Cell label="Who">
                <span class="wrap-anywhere">{entry.actor.name}</span>
            </Cell>
            <Cell label="Action">
                <span class="wrap-anywhere">{entry.action.label()} {object}</span>
            </Cell>
            <Cell label="From">{entry.actor.address.unwrap_or_else(|| "–".to_owned())}</Cell>
            <Cell label="Particulars">{particulars(entry.fields)}</Cell>
        </tr>
    }
}

/// What it was done to, with the way there where there is one.
#[component]
fn Named(object: Object) -> impl IntoView {
    let href = object.id.and_then(|id| match object.kind {
        ObjectKind::Product => Some(paths::product(id)),
        ObjectKind::Catalogue => Some(paths::catalogue(id)),
        ObjectKind::Import => Some(paths::import(id)),
        ObjectKind::Webhook => Some(paths::webhook(id)),
        ObjectKind::Schedule => Some(paths::schedule(id)),
        _ => None,
    });
    match href {
        Some(href) => view! { <a class="link" href=href>{object.name}</a> }.into_any(),
        None => view! { <strong>{object.name}</strong> }.into_any(),
    }
}

/// Behind a heading that opens, because there may be much of it.
fn particulars(fields: Option<Value>) -> AnyView {
    let Some(Value::Object(fields)) = fields.filter(|fields| fields.as_object().is_some_and(|map| !map.is_empty()))
    else {
        return view! { "–" }.into_any();
    };
    let lines: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| view! { <li class="wrap-anywhere">{in_words(&name, &value)}</li> })
        .collect();
    view! {
        <details>
            <summary class="link w-fit">"Show"</summary>
            <ul class="mt-1">{lines}</ul>
        </details>
    }
    .into_any()
}

fn in_words(name: &str, value: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => format!("“{}”", text.chars().take(200).collect::<String>()),
        other => other.to_string(),
    };
    let name = name.replace('_', " ");
    match value.as_array().map(Vec::as_slice) {
        Some([before, after]) => format!("{name}: {} → {}", plain(before), plain(after)),
        _ => format!("{name}: {}", plain(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::in_words;

    #[test]
    fn a_change_is_said_with_what_was_before() {
        assert_eq!(in_words("price_minor", &json!([null, 200])), "price minor: – → 200");
        assert_eq!(
            in_words("role", &json!(["admin", "editor"])),
            "role: “admin” → “editor”"
        );
        assert_eq!(in_words("updated", &json!(12)), "updated: 12");
    }
}
