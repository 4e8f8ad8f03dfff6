//! A part of a page that is fetched again every few seconds, for as long as the server says that something in it is still moving.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomParser, Element, Response, SupportedType};

use crate::hooks::{heartbeat, local_time};

const EVERY: Duration = Duration::from_secs(3);

/// `is_moving` says whether it is worth asking again. One of them at most stands on a page.
#[island]
pub fn Refreshed(is_moving: bool, children: Children) -> impl IntoView {
    let part = NodeRef::<html::Div>::new();
    if is_moving {
        heartbeat::every(EVERY, move || {
            if let Some(part) = part.try_get_untracked().flatten() {
                refresh(part.into());
            }
        });
    }
    view! {
        <div id=ID node_ref=part data-moving=is_moving.then_some("true")>
            {children()}
        </div>
    }
}

const ID: &str = "refreshed";

/// Nobody looks at a page in the background, and nothing moves under a reader's cursor.
fn refresh(part: Element) {
    let is_in_use = document()
        .active_element()
        .is_some_and(|active| part.contains(Some(&active)));
    if document().hidden() || is_in_use || !part.has_attribute("data-moving") {
        return;
    }
    spawn_local(async move {
        // A server that does not answer now is asked again soon.
        if let Ok(Some(newer)) = fetch_again().await {
            part.set_inner_html(&newer.inner_html());
            if !newer.has_attribute("data-moving") {
                // It has come to rest; this was the last time.
                let _ = part.remove_attribute("data-moving");
            }
            local_time::swap_all();
        }
    });
}

/// The same part of the page as the server would show it now.
async fn fetch_again() -> Result<Option<Element>, JsValue> {
    let address = window().location().href()?;
    let response: Response = JsFuture::from(window().fetch_with_str(&address)).await?.dyn_into()?;
    if !response.ok() {
        return Ok(None);
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml)?;
    Ok(page.get_element_by_id(ID))
}
