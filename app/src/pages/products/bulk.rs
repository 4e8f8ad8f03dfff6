//! What can be done to many products at once: to those that are ticked, or to all that match.

use leptos::prelude::*;
use stockroom::{catalogs::CatalogNames, page::Total};

use super::rows::FORM;
use crate::{
    components::catalogue_input::{CatalogueInput, CatalogueInputKind},
    draft::CATALOGUE_NAME,
    paths, request,
    search::ProductSearch,
    wording,
};

const MOVE_TO: CatalogueInputKind = CatalogueInputKind {
    name: "to",
    first: &[("", "Catalogue…"), ("none", "None")],
    class: "max-w-44",
    applies: false,
};

/// Stands above the table. Without the script it acts on the ticked rows of this page; with it, on those of other pages too.
#[component]
pub fn BulkBar(search: ProductSearch, total: Total, catalogs: CatalogNames) -> impl IntoView {
    let fields: Vec<_> = search
        .query
        .fields()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    let all = format!("All {} that match", wording::total(total));
    let selection_of = search.filter_address();
    let in_bin = search.query.deleted;
    let actions = if in_bin {
        view! { <BinActions /> }.into_any()
    } else {
        view! { <Actions catalogs /> }.into_any()
    };
    view! {
        <form
            method="post"
            action=paths::PRODUCTS_BULK
            id=FORM
            class="bulk-bar"
            aria-label="Change many products"
            data-selection=selection_of
            autocomplete="off"
        >
            {fields} <div class="flex flex-wrap items-center gap-x-4 gap-y-1">
                <label class="choice">
                    <input type="radio" name="scope" value="selected" checked />
                    <span data-selection-count>"Selected"</span>
                </label>
                <label class="choice">
                    <input type="radio" name="scope" value="matching" />
                    {all}
                </label>
                <button type="button" class="link text-sm" data-selection-clear data-awake hidden>
                    "Clear selection"
                </button>
            </div>
            {actions}
        </form>
    }
    .into_any()
}

#[component]
fn Actions(catalogs: CatalogNames) -> impl IntoView {
    view! {
        <div class="flex flex-wrap items-end gap-2">
            <button class="btn btn-secondary" name="do" value="activate">
                "Activate"
            </button>
            <button class="btn btn-secondary" name="do" value="deactivate">
                "Deactivate"
            </button>
            <Move catalogs />
            <Exports />
            <button class="btn btn-secondary" name="do" value="delete">
                "Delete…"
            </button>
        </div>
    }
    .into_any()
}

/// Into another catalogue, or into none.
#[component]
fn Move(catalogs: CatalogNames) -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let typed = draft.and_then(|draft| draft.value(CATALOGUE_NAME));
    // A blank name is rather forgotten than meant.
    let out = catalogs.are_more.then(|| {
        view! {
            <button class="btn btn-secondary" name="do" value="move-out">
                "Move to none"
            </button>
        }
    });
    view! {
        <span class="flex items-end gap-1">
            <label class="sr-only" for="to">
                "Move to"
            </label>
            <CatalogueInput kind=MOVE_TO names=catalogs typed />
            <button class="btn btn-secondary" name="do" value="move">
                "Move"
            </button>
        </span>
        {out}
    }
    .into_any()
}

#[component]
fn BinActions() -> impl IntoView {
    view! {
        <div class="flex flex-wrap items-end gap-2">
            <button class="btn btn-secondary" name="do" value="restore">
                "Restore"
            </button>
            <Exports />
            <button class="btn btn-secondary" name="do" value="purge">
                "Delete for good…"
            </button>
        </div>
    }
    .into_any()
}

#[component]
fn Exports() -> impl IntoView {
    view! {
        <button class="btn btn-secondary" name="do" value="export">
            "Export CSV"
        </button>
        <button class="btn btn-secondary" name="do" value="export-xlsx">
            "Export Excel"
        </button>
    }
}
