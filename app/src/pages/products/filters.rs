//! The filter form. Without the script it is a plain GET form; with it the same address is reached without a reload.

use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use web_sys::FormData;

use crate::{paths, search::ProductSearch};

#[component]
pub fn Filters(search: Memo<ProductSearch>, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        let Some(fields) = form
            .get_untracked()
            .and_then(|form| FormData::new_with_form(&form).ok())
        else {
            return;
        };
        event.prevent_default();
        let refined = search.read_untracked().refined(&|name| typed(&fields, name));
        navigate(&refined.address(), NavigateOptions::default());
    };
    follow_address(search, form);
    let sort = move || search.read().query.sort.as_str();
    let size = move || search.read().page.size.map(|size| size.to_string());

    // A browser that goes back would otherwise put in what was chosen last, beside rows of the address before.
    view! {
        <form
            node_ref=form
            method="get"
            action=paths::PRODUCTS
            role="search"
            aria-label="Products"
            class="filters"
            autocomplete="off"
            on:submit=submit
        >
            <TextFilter name="q" label="Search SKU, name or description" value=move || search.read().query.q.clone() />
            <TextFilter name="sku" label="SKU begins with" value=move || search.read().query.sku.clone() />
            <CatalogueFilter search catalogs />
            <StatusFilter search />
            <input type="hidden" name="sort" value=sort />
            {move || size().map(|size| view! { <input type="hidden" name="size" value=size /> }.into_any())}
            <button class="btn btn-secondary">"Apply"</button>
        </form>
    }
    .into_any()
}

fn typed(fields: &FormData, name: &str) -> Option<String> {
    let text = fields.get(name).as_string()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// After a chip, Back or a sort link the controls show the new address, not what was typed before.
fn follow_address(search: Memo<ProductSearch>, form: NodeRef<html::Form>) {
    Effect::new(move |was: Option<()>| {
        search.track();
        if was.is_some() {
            // The attributes are the defaults that `reset` returns to; they are in place by the next frame.
            request_animation_frame(move || {
                if let Some(form) = form.try_get_untracked().flatten() {
                    form.reset();
                }
            });
        }
    });
}

#[component]
fn TextFilter(name: &'static str, label: &'static str, #[prop(into)] value: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div class="field">
            <label class="label" for=name>
                {label}
            </label>
            <input class="input" type="search" id=name name=name value=value spellcheck="false" />
        </div>
    }
}

#[component]
fn CatalogueFilter(search: Memo<ProductSearch>, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let option = |(id, name): (i64, String)| {
        let is_selected = move || search.read().query.catalog_id == Some(id);
        view! {
            <option value=id.to_string() selected=is_selected>
                {name}
            </option>
        }
        .into_any()
    };

    view! {
        <div class="field">
            <label class="label" for="catalogue">
                "Catalogue"
            </label>
            <select class="input" id="catalogue" name="catalogue">
                <option value="" selected=move || search.read().query.catalog_id.is_none()>
                    "All"
                </option>
                {catalogs.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}

#[component]
fn StatusFilter(search: Memo<ProductSearch>) -> impl IntoView {
    let option = |(value, label, active): (&'static str, &'static str, Option<bool>)| {
        let is_selected = move || search.read().query.active == active;
        view! {
            <option value=value selected=is_selected>
                {label}
            </option>
        }
        .into_any()
    };

    view! {
        <div class="field">
            <label class="label" for="status">
                "Status"
            </label>
            <select class="input" id="status" name="status">
                {[("", "All", None), ("active", "Active", Some(true)), ("inactive", "Inactive", Some(false))].map(option)}
            </select>
        </div>
    }
}
