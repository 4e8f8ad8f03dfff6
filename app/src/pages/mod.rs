//! One module for each address, and the frame around all of them. A page fetches and composes; what it is made of is in `components`,
//! and what moves in it is in `islands`.

pub mod frame;
pub mod import;
pub mod imports;
pub mod login;
mod navigation;
pub mod new_import;
pub mod not_found;
pub mod product;
pub mod products;
pub mod setup;

use leptos::prelude::{IntoAny as _, Suspend};
use leptos::{prelude::AnyView, tachys::view::RenderHtml};

/// A view that needs answers from the server first. The document waits for it.
fn awaited<V: RenderHtml>(view: impl Future<Output = V> + Send + 'static) -> AnyView {
    Suspend::new(async move { view.await.into_any() }).into_any()
}
