//! Adding a product.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{
    awaited,
    product_form::{ProductForm, Summary},
};
use crate::{
    components::{
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
    },
    draft::Form,
    paths, request,
    server_fns::catalogs::list_catalogs,
    title::PageTitle,
};

#[component]
pub fn NewProductPage() -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let usual = BTreeMap::from([("active".to_owned(), "true".to_owned())]);
    let form = Form::of(draft, usual);
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let may_edit = request::may_edit();
    let once = form
        .value("once")
        .unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));

    view! {
        <PageTitle text=format!("{mark}Add product") />
        <Summary problem=form.problem.clone() />
        <BackLink href=paths::PRODUCTS label="Products" />
        <PageHeader title="Add product" />
        {awaited(async move {
            if !may_edit {
                return view! { <NotAllowed /> }.into_any();
            }
            let catalogs = list_catalogs().await.unwrap_or_default();
            let hidden = vec![("once", once)];
            view! { <ProductForm action=paths::PRODUCTS.to_owned() form catalogs hidden save="Add product" /> }.into_any()
        })}
    }
    .into_any()
}
