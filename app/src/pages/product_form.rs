//! The fields of a product, for a new one and for one that there is.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{
    catalogs::CatalogNames,
    problem::Problem,
    products::{Product, draft::ProductText},
};

use crate::{
    components::{
        card::Card,
        catalogue_input::{CatalogueField, CatalogueInputKind},
        error_summary::ErrorSummary,
        field::{Field, FieldKind, TextArea, Tick},
    },
    draft::Form,
    wording,
};

const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    hint: None,
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
};
const SKU: FieldKind = FieldKind {
    name: "sku",
    label: "SKU",
    hint: Some("Upper and lower case are the same."),
    ..NAME
};
const PRICE: FieldKind = FieldKind {
    name: "price",
    label: "Price",
    hint: Some("Such as 12.50 or 1 299,90. Blank for none."),
    input_mode: Some("decimal"),
    ..NAME
};

const CATALOGUE: CatalogueInputKind = CatalogueInputKind {
    name: "catalog_id",
    first: &[("", "None")],
    class: "",
    applies: false,
};

/// What the fields show of a product, its price as the shop writes it.
pub fn written(product: &Product) -> BTreeMap<String, String> {
    let text = ProductText {
        price: Some(wording::typed_price(product.price_minor)),
        ..ProductText::of(product)
    };
    text.values()
}

/// What is wrong, above the heading.
#[component]
pub fn Summary(problem: Option<Problem>) -> impl IntoView {
    problem.map(|problem| view! { <ErrorSummary problem fields=&stockroom::products::draft::FIELDS /> })
}

/// `hidden` are further fields, which nobody sees.
#[component]
pub fn ProductForm(
    action: String,
    form: Form,
    catalogs: CatalogNames,
    hidden: Vec<(&'static str, String)>,
    save: &'static str,
) -> impl IntoView {
    let organisation = form.clone();
    let guarded = form.guarded();
    // The dialog has told where to go back to, and is gone.
    let next = form
        .value("next")
        .map(|next| view! { <input type="hidden" name="next" value=next /> });
    let hidden: Vec<_> = hidden
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();

    view! {
        <form method="post" action=action novalidate class="grid items-start gap-4 lg:grid-cols-3" data-guarded=guarded data-saves>
            {hidden} {next} <div class="flex min-w-0 flex-col gap-4 lg:col-span-2">
                <Card title="Details">
                    <div class="flex flex-col gap-4">
                        <Field kind=NAME form=form.clone() />
                        <Field kind=SKU form=form.clone() />
                        <Field kind=PRICE form=form.clone() />
                        <TextArea name="description" label="Description" rows=8 form=form.clone() />
                    </div>
                </Card>
                <div class="flex flex-wrap items-center gap-4">
                    <button class="btn btn-primary">{save}</button>
                    <p class="text-warn" data-unsaved hidden>
                        "Unsaved changes"
                    </p>
                </div>
            </div>
            <Card title="Organisation">
                <div class="flex flex-col gap-4">
                    <Tick name="active" label="Active" hint="Inactive products stay here and are not for sale." form=organisation.clone() />
                    <CatalogueField kind=CATALOGUE label="Catalogue" names=catalogs form=organisation />
                </div>
            </Card>
        </form>
    }
    .into_any()
}
