//! The pictures of a product, in their order: shown, awaited, or why they cannot be had.

use leptos::prelude::*;
use stockroom::pictures::{Picture, PictureState};

use crate::{components::card::Card, paths, request, wording};

#[component]
pub fn Pictures(product: i64, name: String, pictures: Vec<Picture>) -> impl IntoView {
    if pictures.is_empty() {
        return ().into_any();
    }
    let may_edit = request::may_edit();
    let entries: Vec<_> = pictures
        .into_iter()
        .enumerate()
        .map(|(place, picture)| {
            let alt = format!("{name}, picture {}", place + 1);
            view! {
                <li class="flex min-w-0 flex-col gap-1">
                    <Shown picture=picture.clone() alt product may_edit />
                    <Caption picture />
                </li>
            }
        })
        .collect();
    view! {
        <Card title="Pictures">
            <ol class="grid grid-cols-[repeat(auto-fill,minmax(min(100%,13rem),1fr))] gap-4">{entries}</ol>
        </Card>
    }
    .into_any()
}

#[component]
fn Shown(picture: Picture, alt: String, product: i64, may_edit: bool) -> impl IntoView {
    match (picture.state, picture.sha256) {
        (PictureState::Stored, Some(sha256)) => {
            let (address, source) = (paths::picture(&sha256), paths::picture(&sha256));
            view! {
                <a href=address rel="external" class="w-fit max-w-full">
                    <img
                        src=source
                        alt=alt
                        width=picture.width
                        height=picture.height
                        loading="lazy"
                        decoding="async"
                        class="h-auto max-h-48 w-auto max-w-full rounded-control border border-line bg-surface"
                    />
                </a>
            }
            .into_any()
        }
        (PictureState::Failed, _) => {
            view! { <Failed id=picture.id problem=picture.problem alt product may_edit /> }.into_any()
        }
        _ => view! {
            <p class="text-muted">"Waiting to be fetched"</p>
            {picture.problem.map(|problem| view! { <p class="text-sm text-muted">"The last time: " {problem}</p> })}
        }
        .into_any(),
    }
}

#[component]
fn Failed(id: i64, problem: Option<String>, alt: String, product: i64, may_edit: bool) -> impl IntoView {
    let again = may_edit.then(|| {
        view! {
            <form method="post" action=paths::fetch_picture(id)>
                <input type="hidden" name="next" value=paths::product(product) />
                <button class="btn btn-secondary" aria-label=format!("Fetch again: {alt}")>
                    "Fetch again"
                </button>
            </form>
        }
    });
    view! {
        <p class="font-semibold">"This picture could not be had"</p>
        <p class="text-sm wrap-anywhere">{problem}</p>
        {again}
    }
    .into_any()
}

/// Where it came from, and how large it is.
#[component]
fn Caption(picture: Picture) -> impl IntoView {
    let from = match picture.address {
        Some(address) => {
            let (shown, title) = (address.clone(), address.clone());
            view! {
                <a class="link line-clamp-2 wrap-anywhere" href=address title=title rel="external noopener noreferrer">
                    {shown}
                </a>
            }
            .into_any()
        }
        None => view! { <span>"From a workbook"</span> }.into_any(),
    };
    let measures = picture.width.zip(picture.height).map(|(width, height)| {
        let size = wording::size(picture.size.unwrap_or_default().unsigned_abs());
        view! { <span class="block">{format!("{width} × {height}, {size}")}</span> }
    });
    view! { <p class="text-sm text-muted">{from} {measures}</p> }.into_any()
}
