//! The filter form: a plain GET form, which the script sends as soon as something is chosen.

use leptos::prelude::*;
use stockroom::{catalogs::CatalogNames, products::ProductSort};

use crate::{
    components::{
        catalogue_input::{CatalogueInput, CatalogueInputKind},
        days::{SHOPS_DAYS, ShopsDays},
        labelled::{Labelled, options},
    },
    draft::CATALOGUE_NAME,
    fields::Fields,
    paths, wording,
};

/// What the ids of these fields begin with.
const FILTER: &str = "filter-";

/// What is behind "More filters".
const MORE: [TextFilterKind; 9] = [
    TextFilterKind::text("filter-name", "Name contains"),
    TextFilterKind::text("filter-description", "Description contains"),
    TextFilterKind::amount("filter-price_min", "Price from"),
    TextFilterKind::amount("filter-price_max", "Price to"),
    TextFilterKind::day("filter-created_after", "Created since"),
    TextFilterKind::day("filter-created_before", "Created before"),
    TextFilterKind::day("filter-updated_after", "Updated since"),
    TextFilterKind::day("filter-updated_before", "Updated before"),
    TextFilterKind::number("filter-import", "Touched by import #"),
];

const CATALOGUE: CatalogueInputKind = CatalogueInputKind {
    name: "catalogue",
    first: &[("", "All")],
    class: "",
    applies: true,
};

/// The fields show what was asked for, also where that could not be understood.
#[component]
pub fn Filters(fields: Fields, catalogs: CatalogNames) -> impl IntoView {
    let value = |name: &str| fields.get(name);
    let (chosen, typed) = (value(CATALOGUE.name), value(CATALOGUE_NAME));
    let statuses = vec![
        (String::new(), "All".to_owned()),
        ("active".to_owned(), "Active".to_owned()),
        ("inactive".to_owned(), "Inactive".to_owned()),
    ];
    let more_are_set = MORE.iter().any(|kind| value(kind.name).is_some()) || value("deleted").is_some();
    let more = MORE.map(|kind| {
        let value = match kind.input_mode {
            _ if kind.is_day() => fields.day(kind.name),
            Some("decimal") => value(kind.name).map(|amount| wording::typed_amount(&amount)),
            _ => value(kind.name),
        };
        view! { <TextFilter kind value /> }
    });
    let in_bin = value("deleted").is_some();
    let sort = value("sort").filter(|sort| sort != ProductSort::default().as_str());
    let kept = [("sort", sort), ("size", value("size"))]
        .map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value /> }));

    // A browser that goes back would otherwise put in what was chosen last, beside rows of the address before.
    view! {
        <form method="get" action=paths::PRODUCTS role="search" aria-label="Products" class="filters" autocomplete="off">
            <TextFilter kind=TextFilterKind::text("filter-q", "Search SKU, name or description") value=value("q") />
            <TextFilter kind=TextFilterKind::text("filter-sku", "SKU begins with") value=value("sku") />
            <Labelled name=CATALOGUE.name label="Catalogue">
                <CatalogueInput kind=CATALOGUE names=catalogs chosen typed />
            </Labelled>
            <SelectFilter name="status" label="Status" all=statuses chosen=value("status") />
            <button class="btn btn-secondary">"Apply"</button>
            <details class="more-filters" open=more_are_set>
                <summary class="link">"More filters"</summary>
                <div class="filters-more">
                    {more} <label class="choice">
                        <input type="checkbox" name="deleted" value="true" checked=in_bin />
                        "In the bin"
                    </label> <ShopsDays />
                </div>
            </details>
            {kept}
        </form>
    }
    .into_any()
}

/// What distinguishes one field from another.
#[derive(Clone, Copy)]
struct TextFilterKind {
    /// A product's form may stand on the same page, with fields of the same names.
    id: &'static str,
    name: &'static str,
    label: &'static str,
    input_type: &'static str,
    input_mode: Option<&'static str>,
}

impl TextFilterKind {
    const fn text(id: &'static str, label: &'static str) -> Self {
        Self {
            id,
            name: id.split_at(FILTER.len()).1,
            label,
            input_type: "search",
            input_mode: None,
        }
    }

    const fn amount(name: &'static str, label: &'static str) -> Self {
        Self {
            input_type: "text",
            input_mode: Some("decimal"),
            ..Self::text(name, label)
        }
    }

    const fn number(name: &'static str, label: &'static str) -> Self {
        Self {
            input_type: "text",
            input_mode: Some("numeric"),
            ..Self::text(name, label)
        }
    }

    const fn day(name: &'static str, label: &'static str) -> Self {
        Self {
            input_type: "date",
            ..Self::text(name, label)
        }
    }

    /// A date input shows days only.
    fn is_day(self) -> bool {
        self.input_type == "date"
    }
}

#[component]
fn TextFilter(kind: TextFilterKind, value: Option<String>) -> impl IntoView {
    view! {
        <Labelled name=kind.id label=kind.label>
            <input
                class="input"
                type=kind.input_type
                inputmode=kind.input_mode
                id=kind.id
                name=kind.name
                value=value
                spellcheck="false"
                aria-describedby=kind.is_day().then_some(SHOPS_DAYS)
            />
        </Labelled>
    }
}

/// `all` are values and labels.
#[component]
fn SelectFilter(
    name: &'static str,
    label: &'static str,
    all: Vec<(String, String)>,
    chosen: Option<String>,
) -> impl IntoView {
    let options = options(all, &chosen.unwrap_or_default());
    view! {
        <Labelled name label>
            <select class="input" id=name name=name data-applies>
                {options}
            </select>
        </Labelled>
    }
}
