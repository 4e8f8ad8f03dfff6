//! One module for each address, and the frame around all of them. A page fetches and composes; what it is made of is in `components`,
//! and what moves in it is in `islands`.

pub mod catalogue;
pub mod catalogues;
pub mod frame;
pub mod home;
pub mod import;
pub mod imports;
pub mod login;
pub mod monitoring;
mod navigation;
pub mod new_import;
pub mod new_product;
pub mod not_found;
pub mod product;
mod product_form;
pub mod products;
pub mod schedules;
pub mod settings;
pub mod setup;
pub mod webhooks;

use leptos::prelude::{AnyView, IntoAny as _, ReadUntracked as _, RenderHtml, Suspend};
use leptos_router::hooks::use_params_map;
use stockroom::problem::Problem;

use crate::error::AppError;

/// The number that stands in the address of a page.
fn id_in_address() -> Option<i64> {
    use_params_map().read_untracked().get("id")?.parse().ok()
}

/// What the number in an address names; whatever is no number names nothing.
async fn named<T, F>(id: Option<i64>, what: &str, get: impl FnOnce(i64) -> F) -> Result<T, AppError>
where
    F: Future<Output = Result<T, AppError>>,
{
    match id {
        Some(id) => get(id).await,
        None => Err(Problem::not_found(what).into()),
    }
}

/// A view that needs answers from the server first. The document waits for it.
fn awaited<V: RenderHtml>(view: impl Future<Output = V> + Send + 'static) -> AnyView {
    Suspend::new(async move { view.await.into_any() }).into_any()
}
