//! Who set this, and what was there before?

use leptos::prelude::*;
use serde_json::{Map, Value};
use stockroom::changes::{Change, ChangeKind, FieldChanges};

use crate::{
    components::{
        card::Card,
        table::{Cell, Column, Table},
        time::Time,
    },
    paths, request, wording,
};

#[component]
pub fn History(history: Vec<Change>, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let head = view! {
        <Column title="When" />
        <Column title="By" />
        <Column title="What" />
    };
    let body = history
        .into_iter()
        .map(|change| row(change, &catalogs))
        .collect_view()
        .into_any();
    view! {
        <Card title="History">
            <Table label="History" head=head.into_any() body />
        </Card>
    }
    .into_any()
}

fn row(change: Change, catalogs: &[(i64, String)]) -> impl IntoView + use<> {
    let by = match change.import_id {
        Some(import) => view! { <a class="link" href=paths::import(import)>{change.by()}</a> }.into_any(),
        None => view! { <span class="wrap-anywhere">{change.by()}</span> }.into_any(),
    };
    let what: Vec<_> = in_words(change.kind, &change.fields, catalogs)
        .into_iter()
        .map(|line| view! { <li class="wrap-anywhere">{line}</li> })
        .collect();
    view! {
        <tr role="row">
            <th role="rowheader" scope="row" class="font-normal">
                <Time moment=change.made_at />
            </th>
            <Cell label="By">{by}</Cell>
            <Cell label="What">
                <ul>{what}</ul>
            </Cell>
        </tr>
    }
}

/// What is added begins with values; what is changed has had others.
pub fn in_words(kind: ChangeKind, fields: &FieldChanges, catalogs: &[(i64, String)]) -> Vec<String> {
    let fields = fields.iter().filter(|(name, _)| *name != "deleted_at");
    let changed = fields.map(|(name, (before, after))| {
        let value = |value: &Value| value_in_words(name, value, catalogs);
        if kind == ChangeKind::Create {
            format!("{}: {}", label(name), value(after))
        } else {
            format!("{}: {} → {}", label(name), value(before), value(after))
        }
    });
    let begun = match kind {
        ChangeKind::Create => Some("Added"),
        ChangeKind::Delete => Some("Moved to the bin"),
        ChangeKind::Restore => Some("Restored from the bin"),
        ChangeKind::Update => None,
    };
    begun.map(str::to_owned).into_iter().chain(changed).collect()
}

pub fn label(field: &str) -> &str {
    match field {
        "sku" => "SKU",
        "name" => "Name",
        "description" => "Description",
        "price_minor" => "Price",
        "active" => "Active",
        "catalog_id" | "catalog" => "Catalogue",
        "parent_id" | "parent" => "Parent",
        "options" => "Options",
        "attributes" => "Extra attributes",
        "pictures" => "Pictures",
        other => other,
    }
}

/// `Colour: red, Size: M`
fn options_in_words(options: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    };
    options.iter().map(pair).collect::<Vec<_>>().join(", ")
}

/// Addresses; a picture that came in a file has none.
fn pictures_in_words(pictures: &[Value]) -> String {
    let word = |picture: &Value| match picture.as_str() {
        Some(address) if address.starts_with("http") => address.to_owned(),
        _ => "a picture of the file".to_owned(),
    };
    pictures.iter().map(word).collect::<Vec<_>>().join(", ")
}

pub fn value_in_words(field: &str, value: &Value, catalogs: &[(i64, String)]) -> String {
    const LONGEST: usize = 200;
    match (field, value) {
        (_, Value::Null) => "–".to_owned(),
        ("price_minor", price) => wording::price(price.as_i64(), &request::currency()),
        // SQLite writes yes and no as numbers.
        ("active", active) if active.as_i64() == Some(1) || active.as_bool() == Some(true) => "yes".to_owned(),
        ("active", _) => "no".to_owned(),
        ("catalog_id", id) => wording::catalogue(&id.to_string(), catalogs),
        ("parent_id", id) => format!("product {id}"),
        (_, Value::Object(pairs)) => options_in_words(pairs),
        ("pictures", Value::Array(pictures)) => pictures_in_words(pictures),
        (_, Value::String(text)) if text.is_empty() => "(empty)".to_owned(),
        (_, Value::String(text)) if text.chars().count() > LONGEST => {
            format!("“{}…”", text.chars().take(LONGEST).collect::<String>())
        }
        (_, Value::String(text)) => format!("“{text}”"),
        (_, other) => other.to_string(),
    }
}
