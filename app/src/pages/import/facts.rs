//! The file, what became of its columns, and when things happened.

use leptos::prelude::*;
use stockroom::imports::{FileFormat, Import, ImportKind, MatchedColumn, options::ImportOptions};

use super::options;
use crate::{
    components::{
        card::Card,
        key_value::{KeyValue, KeyValueList},
        time::Time,
    },
    pages::awaited,
    paths, request,
    server_fns::catalogs::list_catalogs,
    wording,
};

#[component]
pub fn FileFacts(import: Import) -> impl IntoView {
    let is_there = import.has_its_file();
    let format = import.format;
    let options = (import.kind == ImportKind::Products).then_some(import.options);
    let removed = import.file_removed_at.map(|moment| {
        view! {
            <p class="mt-3 text-muted">
                "The file itself is no longer kept. It was removed on " <Time moment /> ", as its time was over."
            </p>
        }
    });
    let download = (is_there && request::may_edit()).then(|| {
        view! {
            <p class="mt-3">
                <a class="link" href=paths::import_file(import.job_id) rel="external" download>
                    "Download the file as it was uploaded"
                </a>
            </p>
        }
    });
    view! {
        <Card title="File">
            <KeyValueList>
                <KeyValue name="Name">
                    <span class="wrap-anywhere">{import.file_name}</span>
                </KeyValue>
                <KeyValue name="Size">{wording::size(import.file_size.unsigned_abs())}</KeyValue>
                {import
                    .sha256
                    .map(|sha256| {
                        view! {
                            <KeyValue name="SHA-256">
                                <span class="font-mono text-sm wrap-anywhere">{sha256}</span>
                            </KeyValue>
                        }
                    })}
            </KeyValueList>
            {options.map(|options| view! { <Options options /> })}
            {(!format.columns.is_empty()).then(|| view! { <Format format /> })} {download} {removed}
        </Card>
    }
    .into_any()
}

/// The options that differ from the usual ones.
#[component]
fn Options(options: ImportOptions) -> impl IntoView {
    let is_usual = options == ImportOptions::default();
    let words = awaited(async move {
        if is_usual {
            return view! { <span>"The usual ones"</span> }.into_any();
        }
        let chosen = options.catalog_id.into_iter().collect();
        let catalogs = list_catalogs(chosen).await.unwrap_or_default().known;
        view! { <span>{options::in_words(&options, &catalogs).join(" ")}</span> }.into_any()
    });
    view! {
        <KeyValueList>
            <KeyValue name="Options">{words}</KeyValue>
        </KeyValueList>
    }
    .into_any()
}

#[component]
fn Format(format: FileFormat) -> impl IntoView {
    let read_as = match format.sheet {
        Some(sheet) => view! {
            <KeyValue name="Sheet">
                <span class="wrap-anywhere">{sheet}</span>
            </KeyValue>
        }
        .into_any(),
        None => view! {
            <KeyValue name="Encoding">{format.encoding}</KeyValue>
            <KeyValue name="Separator">{separator(format.delimiter)}</KeyValue>
        }
        .into_any(),
    };
    let columns: Vec<_> = format
        .columns
        .into_iter()
        .map(|column| view! { <ColumnLine column /> })
        .collect();

    view! {
        <KeyValueList>
            {read_as} <KeyValue name="Header row">{format.header_row}</KeyValue>
        </KeyValueList>
        <h3 class="mt-3 font-semibold">"Columns"</h3>
        <ul class="mt-1 divide-y divide-line">{columns}</ul>
    }
    .into_any()
}

#[component]
fn ColumnLine(column: MatchedColumn) -> impl IntoView {
    let goes_to = match column.field {
        Some(field) => view! { <span>{field_label(&field)}</span> }.into_any(),
        None => view! { <span class="text-subtle">"not used"</span> }.into_any(),
    };
    view! {
        <li class="flex justify-between gap-4 py-1">
            <span class="min-w-0 font-mono text-sm wrap-anywhere">{column.header}</span>
            <span class="text-right">
                <span class="text-subtle" aria-hidden="true">
                    "→ "
                </span>
                {goes_to}
            </span>
        </li>
    }
}

fn separator(delimiter: char) -> String {
    match delimiter {
        ',' => "Comma".to_owned(),
        ';' => "Semicolon".to_owned(),
        '\t' => "Tab".to_owned(),
        '|' => "Vertical bar".to_owned(),
        other => other.to_string(),
    }
}

/// The field's name as the rest of the pages writes it.
pub fn field_label(field: &str) -> String {
    match field {
        "sku" => "SKU",
        "name" => "Name",
        "description" => "Description",
        "price" => "Price",
        "active" => "Active",
        "catalog" | "catalog_name" => "Catalogue",
        "catalog_id" => "Catalogue (its number)",
        "parent_sku" => "Parent SKU",
        "handle" => "Handle (rows with one handle are variants)",
        "option1_name" => "Option 1, name",
        "option1_value" => "Option 1, value",
        "option2_name" => "Option 2, name",
        "option2_value" => "Option 2, value",
        "option3_name" => "Option 3, name",
        "option3_value" => "Option 3, value",
        "option4_name" => "Option 4, name",
        "option4_value" => "Option 4, value",
        "option5_name" => "Option 5, name",
        "option5_value" => "Option 5, value",
        "option6_name" => "Option 6, name",
        "option6_value" => "Option 6, value",
        "colour" => "Option “Colour”",
        "size" => "Option “Size”",
        "material" => "Option “Material”",
        "pictures" => "Pictures",
        "variant_picture" => "Picture of the variant",
        "picture_position" => "Position of the picture",
        "attribute" => "Extra attribute, under its own name",
        other => other,
    }
    .to_owned()
}

#[component]
pub fn Timeline(import: Import) -> impl IntoView {
    let duration = import.started_at.as_ref().zip(import.finished_at.as_ref());
    let duration = duration
        .and_then(|(from, to)| wording::seconds_between(from, to))
        .map(wording::duration);
    let moment = |name: &'static str, moment| view! { <KeyValue name><Time moment /></KeyValue> };

    view! {
        <Card title="Timeline">
            <KeyValueList>
                {moment(if import.kind.has_file() { "Uploaded" } else { "Planned" }, import.created_at)}
                <KeyValue name="By">
                    <span class="wrap-anywhere">{import.created_by}</span>
                </KeyValue>
                {import.started_at.map(|started| moment("Started", started))}
                {import.finished_at.map(|finished| moment("Finished", finished))}
                {duration.map(|duration| view! { <KeyValue name="Duration">{duration}</KeyValue> })}
            </KeyValueList>
        </Card>
    }
    .into_any()
}
