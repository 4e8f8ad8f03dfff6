//! How the rows of a file are taken: the same fields where a file is chosen and where its columns are matched.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{
    catalogs::CatalogNames,
    imports::options::{
        Choice as Word, Clearable, Duplicates, ImportOptions, Missing, Mode, OnProblems, OtherColumns, UnknownCatalogs,
    },
};

use crate::{
    components::{
        catalogue_input::{CatalogueField, CatalogueInputKind},
        field::Choice,
    },
    draft::Form,
};

const CATALOGUE: CatalogueInputKind = CatalogueInputKind {
    name: "catalog_id",
    first: &[("", "None: as the file says")],
    class: "",
    applies: false,
};

/// The options as a form sends them.
#[must_use]
pub fn values(options: &ImportOptions) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([
        word(options.mode),
        word(options.on_problems),
        word(options.duplicates),
        word(options.unknown_catalogs),
        word(options.missing),
        word(options.other_columns),
    ]);
    values.insert(
        "catalog_id".to_owned(),
        options.catalog_id.map(|id| id.to_string()).unwrap_or_default(),
    );
    for field in Clearable::ALL {
        let word = if options.clear.contains(&field) {
            "clear"
        } else {
            "keep"
        };
        values.insert(field.input().to_owned(), word.to_owned());
    }
    values
}

fn word<T: Word>(choice: T) -> (String, String) {
    (T::FIELD.to_owned(), choice.as_str().to_owned())
}

fn all<T: Word>() -> Vec<(String, String)> {
    T::ALL
        .iter()
        .map(|choice| (choice.as_str().to_owned(), choice.label().to_owned()))
        .collect()
}

#[component]
pub fn OptionFields(form: Form, catalogs: CatalogNames) -> impl IntoView {
    view! {
        <div class="grid items-start gap-4 sm:grid-cols-2">
            <Choice name="mode" label="What the rows do" all={all::<Mode>()} form=form.clone() />
            <CatalogueField
                kind=CATALOGUE
                label="Catalogue of products without one"
                names=catalogs
                form=form.clone()
            />
        </div>
        <MoreOptions form />
    }
    .into_any()
}

/// Those that are seldom needed; open when one of them is not as usual.
#[component]
fn MoreOptions(form: Form) -> impl IntoView {
    let is_unusual = |name: &str, usual: &str| {
        form.value(name)
            .is_some_and(|value| !value.is_empty() && value != usual)
    };
    let is_open = [
        ("on_problems", "skip"),
        ("duplicates", "last_wins"),
        ("unknown_catalogs", "create"),
        ("missing", "ignore"),
        ("blank_description", "keep"),
        ("blank_price", "keep"),
        ("other_columns", "ignore"),
        ("blank_catalog", "keep"),
        ("blank_attributes", "keep"),
        ("blank_pictures", "keep"),
    ]
    .into_iter()
    .any(|(name, usual)| is_unusual(name, usual) || form.error(name).is_some());
    view! {
        <details class="group" open=is_open>
            <summary>"More options"</summary>
            <div class="mt-3 grid items-start gap-4 sm:grid-cols-2">
                <Choice name="on_problems" label="When rows have problems" all={all::<OnProblems>()} form=form.clone() />
                <Choice name="duplicates" label="When a SKU stands in several rows" all={all::<Duplicates>()} form=form.clone() />
                <Choice
                    name="unknown_catalogs"
                    label="When there is no such catalogue"
                    all={all::<UnknownCatalogs>()}
                    form=form.clone()
                />
                <Choice
                    name="missing"
                    label="Products of the catalogue that the file does not list"
                    all={all::<Missing>()}
                    form=form.clone()
                />
                <Choice
                    name="other_columns"
                    label="Columns that go to no field"
                    all={all::<OtherColumns>()}
                    form=form.clone()
                />
                <Blank name="blank_description" label="Blank cell: description" form=form.clone() />
                <Blank name="blank_price" label="Blank cell: price" form=form.clone() />
                <Blank name="blank_catalog" label="Blank cell: catalogue" form=form.clone() />
                <Blank name="blank_attributes" label="Blank cell: extra attributes" form=form.clone() />
                <Blank name="blank_pictures" label="Blank cell: pictures" form />
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Blank(name: &'static str, label: &'static str, form: Form) -> impl IntoView {
    let all = vec![
        ("keep".to_owned(), "Keep the current value".to_owned()),
        ("clear".to_owned(), "Clear the value".to_owned()),
    ];
    view! { <Choice name label all form /> }
}

/// The choices that are not the usual ones, as sentences.
#[must_use]
pub fn in_words(options: &ImportOptions, catalogs: &[(i64, String)]) -> Vec<String> {
    let mut words = vec![format!("{}.", options.mode.label())];
    words.extend(options.catalog_id.map(|id| {
        format!(
            "Products without a catalogue go to {}.",
            crate::wording::catalogue(&id.to_string(), catalogs)
        )
    }));
    let unusual = |is_usual: bool, text: &str| (!is_usual).then(|| text.to_owned());
    words.extend(unusual(
        options.on_problems == OnProblems::Skip,
        "Nothing is imported until all rows are good.",
    ));
    words.extend(unusual(
        options.duplicates == Duplicates::LastWins,
        "Of a SKU in several rows none is imported.",
    ));
    words.extend(unusual(
        options.unknown_catalogs == UnknownCatalogs::Create,
        "Rows with an unknown catalogue are not imported.",
    ));
    words.extend(unusual(
        options.missing == Missing::Ignore,
        "Products of the catalogue that the file does not list are deactivated.",
    ));
    words.extend(unusual(
        options.other_columns == OtherColumns::Ignore,
        "Columns that go to no field are kept as extra attributes.",
    ));
    let cleared: Vec<&str> = options
        .clear
        .iter()
        .map(|field| field.field())
        .map(|field| match field {
            "catalog" => "catalogue",
            "attribute" => "extra attributes",
            other => other,
        })
        .collect();
    if !cleared.is_empty() {
        words.push(format!("Blank cells clear: {}.", cleared.join(", ")));
    }
    words
}
