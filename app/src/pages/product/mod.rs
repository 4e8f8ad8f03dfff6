//! One product: its fields to change, or to read for those who may not, and what has happened to it.

mod attributes;
pub mod history;
mod origins;
mod pictures;
mod reading;

use leptos::prelude::*;
use serde_json::Value;
use stockroom::{
    catalogs::CatalogNames,
    problem::Problem,
    products::{Product, price},
};

use super::{
    awaited, id_in_address, named,
    product_form::{ProductForm, Summary, written},
};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
    },
    draft::Form,
    error::AppError,
    paths, request,
    server_fns::{
        catalogs::list_catalogs,
        products::{ProductRecord, get_product},
    },
    title::PageTitle,
    wording,
};
use attributes::Attributes;
use history::History;
use origins::Origins;
use pictures::Pictures;
use reading::Details;

#[component]
pub fn ProductPage() -> impl IntoView {
    let id = id_in_address();
    awaited(async move {
        match named(id, "product", get_product).await {
            Ok(record) => {
                let catalogs = list_catalogs(catalogs_of(&record)).await.unwrap_or_default();
                view! { <ProductView record catalogs /> }.into_any()
            }
            Err(AppError(problem)) => view! { <ProductMissing problem /> }.into_any(),
        }
    })
}

/// The catalogues in which the product is or has been.
fn catalogs_of(record: &ProductRecord) -> Vec<i64> {
    let changed = record
        .history
        .iter()
        .filter_map(|change| change.fields.get("catalog_id"));
    let changed = changed.flat_map(|(before, after)| [before.as_i64(), after.as_i64()]);
    let origins = record.origins.iter().filter(|origin| origin.field == "catalog_id");
    let before = origins.map(|origin| origin.before.as_ref().and_then(Value::as_i64));
    changed
        .chain(before)
        .chain([record.product.catalog_id])
        .flatten()
        .collect()
}

#[component]
fn ProductMissing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Product not shown" />
        <BackLink href=request::table() label="Products" />
        <PageHeader title="Product" />
        <ProblemView heading="This product could not be shown." problem />
    }
    .into_any()
}

#[component]
fn ProductView(record: ProductRecord, catalogs: CatalogNames) -> impl IntoView {
    let ProductRecord {
        product,
        history,
        origins,
        variants,
        parent,
        pictures,
    } = record;
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::of(draft, written(&product));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let (may_edit, in_bin) = (request::may_edit(), product.deleted_at.is_some());
    // What somebody has typed while another put the product into the bin is not lost.
    let is_kept = in_bin && form.is_typed;
    let body = if may_edit && (!in_bin || is_kept) {
        view! { <Edit product=product.clone() form=form.clone() catalogs=catalogs.clone() /> }.into_any()
    } else {
        view! { <Details product=product.clone() currency=request::currency() /> }.into_any()
    };

    view! {
        <PageTitle text=format!("{mark}{}", product.name) />
        <Summary problem=form.problem.clone() />
        <BackLink href=request::table() label="Products" />
        <PageHeader title=product.name.clone()>
            <StatusTag status=Status::of_product(product.active) />
            {may_edit
                .then(|| {
                    view! {
                        <a class="btn btn-secondary" href=paths::copy_of_product(product.id)>
                            "Duplicate"
                        </a>
                    }
                })}
        </PageHeader>
        {in_bin.then(|| view! { <InBin id=product.id may_edit is_kept /> })}
        <Family parent variants />
        <div data-modal>{body}</div>
        <div class="mt-4 flex flex-col gap-4">
            <Pictures product=product.id name=product.name.clone() pictures />
            <Attributes attributes=product.attributes.clone() />
            <Origins origins catalogs=catalogs.known.clone() />
            <History history catalogs=catalogs.known />
        </div>
        {(may_edit && !in_bin).then(|| view! { <Delete product=product.clone() /> })}
    }
    .into_any()
}

/// The product that this one is a variant of, and its own variants.
#[component]
fn Family(parent: Option<Product>, variants: Vec<Product>) -> impl IntoView {
    let currency = request::currency();
    let parent = parent.map(|parent| {
        view! {
            <p class="mb-3">
                "Variant of "
                <a class="link" href=paths::product(parent.id)>
                    {parent.name}
                </a>
            </p>
        }
    });
    let lines: Vec<_> = variants
        .into_iter()
        .map(|variant| {
            let options: Vec<_> = variant
                .options
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            view! {
                <li class="flex flex-wrap gap-x-4 py-1">
                    <a class="link font-mono text-sm" href=paths::product(variant.id)>
                        {variant.sku}
                    </a>
                    <span class="grow wrap-anywhere">{options.join(", ")}</span>
                    <span class="tabular-nums">{wording::price(variant.price_minor, &currency)}</span>
                </li>
            }
        })
        .collect();
    let variants = (!lines.is_empty()).then(|| {
        view! {
            <div class="mb-4">
                <Card title="Variants">
                    <ul class="divide-y divide-line">{lines}</ul>
                </Card>
            </div>
        }
    });
    view! {
        {parent}
        {variants}
    }
    .into_any()
}

/// After a conflict what is in the shop now stands above the form, and saving again means it.
#[component]
fn Edit(product: Product, form: Form, catalogs: CatalogNames) -> impl IntoView {
    let is_conflict = form.error("version").is_some();
    let theirs = is_conflict
        .then(|| view! { <Theirs product=product.clone() form=form.clone() catalogs=catalogs.known.clone() /> });
    let in_bin = product.deleted_at.is_some();
    // Whoever has seen both versions means to change the newer one; what was refused for another reason is still about the one that was seen.
    let seen = form.value("version").filter(|_| !is_conflict);
    let mut hidden = vec![
        ("version", seen.unwrap_or_else(|| product.version.to_string())),
        (paths::TABLE, request::table()),
    ];
    if in_bin {
        hidden.push(("restore", "true".to_owned()));
    }
    let save = match (in_bin, is_conflict) {
        (true, _) => "Restore and save mine",
        (_, true) => "Save mine",
        _ => "Save",
    };
    view! {
        {theirs}
        <ProductForm action=paths::product(product.id) form catalogs hidden save />
    }
    .into_any()
}

/// What was typed as a price, so that `5` and `5.00` are the same.
fn amount(text: Option<&String>) -> Result<i64, &str> {
    let text = text.map_or("", String::as_str);
    price::parse(text).map_err(|_| text)
}

/// The fields in which what was typed differs from what somebody else has saved.
#[component]
fn Theirs(product: Product, form: Form, catalogs: Vec<(i64, String)>) -> impl IntoView {
    const LABELS: [(&str, &str); 6] = [
        ("name", "Name"),
        ("sku", "SKU"),
        ("price", "Price"),
        ("description", "Description"),
        ("active", "Active"),
        ("catalog_id", "Catalogue"),
    ];
    let now = written(&product);
    let shown = |name: &str, value: Option<&String>| match (name, value.map(String::as_str)) {
        ("active", Some("true")) => "Yes".to_owned(),
        ("active", _) => "No".to_owned(),
        ("catalog_id", Some(id)) if !id.is_empty() => wording::catalogue(id, &catalogs),
        (_, Some(text)) if !text.is_empty() => text.to_owned(),
        _ => "–".to_owned(),
    };
    let same = |name: &str| {
        let (theirs, mine) = (now.get(name), form.values.get(name));
        let is_same = match name {
            "active" => theirs.is_some_and(|value| value == "true") == mine.is_some(),
            "price" => amount(theirs) == amount(mine),
            _ => false,
        };
        theirs == mine || is_same
    };
    let rows: Vec<_> = LABELS
        .iter()
        .filter(|(name, _)| !same(name))
        .map(|(name, label)| {
            let (theirs, mine) = (shown(name, now.get(*name)), shown(name, form.values.get(*name)));
            view! {
                <li>
                    <strong>{*label}</strong>
                    ": saved by somebody else "
                    <q class="wrap-anywhere">{theirs}</q>
                    ", typed by you "
                    <q class="wrap-anywhere">{mine}</q>
                </li>
            }
        })
        .collect();
    // Somebody wanted to do something else than change its fields.
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <Banner tone=Tone::Warning title="What differs">
            <ul class="list-disc pl-5">{rows}</ul>
            <p class="mt-2">
                <a class="link" href=paths::product_from(product.id, &request::table())>
                    "Discard my text and show the product as it is"
                </a>
            </p>
        </Banner>
    }
    .into_any()
}

#[component]
fn InBin(id: i64, may_edit: bool, is_kept: bool) -> impl IntoView {
    if is_kept {
        return view! {
            <Banner tone=Tone::Warning title="This product is in the bin">
                <p>"It comes back with what you save below."</p>
            </Banner>
        }
        .into_any();
    }
    view! {
        <Banner tone=Tone::Warning title="This product is in the bin">
            <p>"It is in no list, and its SKU is kept for it."</p>
            {may_edit
                .then(|| {
                    view! {
                        <form method="post" action=paths::restore_product(id) class="mt-2">
                            <button class="btn btn-secondary">"Restore product"</button>
                        </form>
                        <details class="mt-3">
                            <summary class="link w-fit">"Delete for good…"</summary>
                            <form method="post" action=paths::purge_product(id) class="mt-2 flex flex-col gap-2">
                                <p>"The product and its history are removed. This can't be undone."</p>
                                <div>
                                    <button class="btn btn-danger">"Delete product for good"</button>
                                </div>
                            </form>
                        </details>
                    }
                })}
        </Banner>
    }
    .into_any()
}

/// The bin is the second chance, so one step is enough.
#[component]
fn Delete(product: Product) -> impl IntoView {
    view! {
        <details class="mt-6">
            <summary class="link w-fit">"Delete this product…"</summary>
            <form method="post" action=paths::delete_product(product.id) class="card mt-2 flex max-w-[45rem] flex-col gap-3">
                <input type="hidden" name="version" value=product.version />
                <p>"The product leaves all lists and goes to the bin. It can be restored from there."</p>
                <div>
                    <button class="btn btn-danger">"Delete product"</button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
