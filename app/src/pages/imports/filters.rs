//! Which jobs of the history are shown: a plain GET form, and what it filters by.

use leptos::prelude::*;
use stockroom::imports::{ImportKind, ImportStatus, Progress, query::ImportQuery};

use crate::{
    components::{
        chips::Chips,
        days::Days,
        labelled::{Labelled, options},
        status_tag::Status,
    },
    fields::Fields,
    paths, request,
};

#[component]
pub fn Filters(fields: Fields) -> impl IntoView {
    let value = |name: &str| fields.get(name).unwrap_or_default();
    let kinds = ImportKind::ALL.map(|kind| (kind.as_str().to_owned(), kind_label(kind).to_owned()));
    let statuses = ImportStatus::ALL.map(|status| (status.as_str().to_owned(), status_label(status).to_owned()));
    let (kinds, statuses) = (choices(kinds, &value("kind")), choices(statuses, &value("status")));
    let (file, by) = (fields.get("file"), fields.get("by"));
    view! {
        <form method="get" action=paths::IMPORTS role="search" aria-label="Imports" class="filters" autocomplete="off">
            <Labelled name="file" label="File name contains">
                <input class="input" type="search" id="file" name="file" value=file />
            </Labelled>
            <Labelled name="by" label="By">
                <input class="input" type="search" id="by" name="by" value=by />
            </Labelled>
            <Labelled name="kind" label="Kind">
                <select class="input" id="kind" name="kind" data-applies>
                    {kinds}
                </select>
            </Labelled>
            <Labelled name="status" label="Status">
                <select class="input" id="status" name="status" data-applies>
                    {statuses}
                </select>
            </Labelled>
            <Days fields />
            <button class="btn btn-secondary sm:w-fit">"Apply"</button>
        </form>
    }
    .into_any()
}

fn choices<const N: usize>(all: [(String, String); N], chosen: &str) -> impl IntoView + use<N> {
    let first = (String::new(), "All".to_owned());
    options(std::iter::once(first).chain(all).collect(), chosen)
}

/// What is filtered by, each with a link that removes it.
#[component]
pub fn Applied(query: ImportQuery) -> impl IntoView {
    let fields = query.fields();
    let chips = fields
        .into_iter()
        .map(|(name, value)| {
            let rest = query.without(name).fields();
            (in_words(name, &value, &query), paths::with_query(paths::IMPORTS, &rest))
        })
        .collect();
    view! { <Chips chips clear=paths::IMPORTS.to_owned() /> }
}

fn in_words(name: &str, value: &str, query: &ImportQuery) -> String {
    let day = || request::day_or_moment(value);
    match name {
        "kind" => format!("Kind: {}", query.kind.map(kind_label).unwrap_or(value)),
        "status" => format!("Status: {}", query.status.map(status_label).unwrap_or(value)),
        "by" => format!("By: {value}"),
        "file" => format!("File: {value}"),
        "from" => format!("From {}", day()),
        _ => format!("Before {}", day()),
    }
}

pub fn kind_label(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Products => "Products",
        ImportKind::Catalogs => "Catalogues",
        ImportKind::BulkDelete => "Deletion",
        ImportKind::BulkUpdate => "Change",
        ImportKind::Undo => "Undo",
    }
}

fn status_label(status: ImportStatus) -> &'static str {
    let progress = Progress {
        status,
        ..Progress::waiting()
    };
    Status::of_import(&progress).word
}

#[cfg(test)]
mod tests {
    use stockroom::imports::{ImportKind, query::ImportQuery};

    use super::in_words;

    #[test]
    fn each_filter_is_said_in_words() {
        let query = ImportQuery {
            kind: Some(ImportKind::BulkDelete),
            ..ImportQuery::default()
        };
        assert_eq!(in_words("kind", "bulk_delete", &query), "Kind: Deletion");
        assert_eq!(in_words("from", "2026-11-20T00:00:00Z", &query), "From 2026-11-20");
        assert_eq!(in_words("by", "ana", &query), "By: ana");
    }
}
