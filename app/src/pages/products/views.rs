//! Saved views, and which columns are shown.

use leptos::prelude::*;
use stockroom::products::views::SavedView;

use crate::{
    draft::Form,
    paths, request,
    search::{COLUMNS, ProductSearch},
};

#[component]
pub fn TableTools(search: ProductSearch, views: Vec<SavedView>) -> impl IntoView {
    view! {
        <div class="mb-3 flex flex-wrap gap-2">
            <Views search views />
            <Columns />
        </div>
    }
    .into_any()
}

#[component]
fn Views(search: ProductSearch, views: Vec<SavedView>) -> impl IntoView {
    let form = Form::from(request::current().ok().and_then(|request| request.draft));
    let error = form.error("view");
    let is_open = error.is_some();
    let hidden: Vec<_> = search
        .query
        .fields()
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    let (is_empty, may_share) = (views.is_empty(), request::may_edit());
    let views: Vec<_> = views.into_iter().map(|view| view! { <View view /> }).collect();
    view! {
        <details class="pop" open=is_open>
            <summary class="btn btn-secondary">"Views"</summary>
            <div class="pop-panel">
                {is_empty.then(|| view! { <p class="px-2 text-sm text-muted">"No saved views yet."</p> })} <ul>{views}</ul>
                <form method="post" action=paths::VIEWS class="mt-2 flex flex-col gap-2 border-t border-line p-2">
                    {hidden} <label class="label" for="view">
                        "Save this filter and order as"
                    </label>
                    {error.map(|error| view! { <p class="error" id="view-error">{error}</p> })}
                    <input class="input" id="view" name="view" maxlength="60" value=form.value("view") autocomplete="off" />
                    {may_share
                        .then(|| {
                            view! {
                                <label class="choice">
                                    <input type="checkbox" name="shared" value="true" />
                                    "For everybody"
                                </label>
                            }
                        })} <button class="btn btn-primary">"Save view"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn View(view: SavedView) -> impl IntoView {
    let address = ProductSearch::of(view.query).address();
    let may_delete = view.is_own || (view.is_shared && request::is_admin());
    let shared = view.is_shared.then_some(" (shared)");
    view! {
        <li class="flex items-center gap-2">
            <a class="menu-item grow" href=address>
                {view.name.clone()}
                <span class="text-muted">{shared}</span>
            </a>
            {may_delete
                .then(|| {
                    view! {
                        <form method="post" action=paths::delete_view(view.id)>
                            <button class="link text-sm">
                                "Delete"
                                <span class="sr-only">" view " {view.name.clone()}</span>
                            </button>
                        </form>
                    }
                })}
        </li>
    }
    .into_any()
}

#[component]
fn Columns() -> impl IntoView {
    let hidden = request::preferences().hidden_columns;
    let columns: Vec<_> = COLUMNS
        .into_iter()
        .map(|(column, label)| {
            let shown = !hidden.iter().any(|hidden| hidden == column);
            view! {
                <label class="choice">
                    <input type="checkbox" name="column" value=column checked=shown />
                    {label}
                </label>
            }
        })
        .collect();
    view! {
        <details class="pop">
            <summary class="btn btn-secondary">"Columns"</summary>
            <form method="post" action=paths::COLUMNS class="pop-panel flex flex-col gap-2">
                <input type="hidden" name="next" value=request::here() />
                <fieldset class="flex flex-col gap-1 px-2">
                    <legend class="label">"Columns beside the SKU"</legend>
                    {columns}
                </fieldset>
                <button class="btn btn-primary">"Show these"</button>
            </form>
        </details>
    }
    .into_any()
}
