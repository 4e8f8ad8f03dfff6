//! Adding a product.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{
    awaited,
    product_form::{ProductForm, Summary, written},
};
use crate::{
    components::{
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
    },
    draft::Form,
    fields::use_fields,
    paths, request,
    server_fns::{catalogs::list_catalogs, products::get_product},
    title::PageTitle,
};

#[component]
pub fn NewProductPage() -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let mark = if draft.is_some() { "Error: " } else { "" };
    let problem = draft.as_ref().map(|draft| draft.problem.clone());
    let may_edit = request::may_edit();
    let copied = use_fields().get("copy").and_then(|id| id.parse().ok());

    view! {
        <PageTitle text=format!("{mark}Add product") />
        <Summary problem />
        <BackLink href=request::table() label="Products" />
        <PageHeader title="Add product" />
        {awaited(async move {
            if !may_edit {
                return view! { <NotAllowed /> }.into_any();
            }
            let form = Form::of(draft, beginning(copied).await);
            let chosen = form.value("catalog_id").and_then(|id| id.parse().ok());
            let catalogs = list_catalogs(chosen.into_iter().collect()).await.unwrap_or_default();
            let once = form
                .value("once")
                .unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
            let hidden = vec![("once", once)];
            view! {
                <div data-modal>
                    <ProductForm action=paths::PRODUCTS.to_owned() form catalogs hidden save="Add product" />
                </div>
            }
            .into_any()
        })}
    }
    .into_any()
}

/// What the form begins with: the fields of another product without its SKU, or what is usual.
async fn beginning(copied: Option<i64>) -> BTreeMap<String, String> {
    if let Some(id) = copied
        && let Ok(record) = get_product(id).await
    {
        let mut values = written(&record.product);
        values.remove("sku");
        return values;
    }
    BTreeMap::from([("active".to_owned(), "true".to_owned())])
}
