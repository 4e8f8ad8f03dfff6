//! Where one is in a list, how much of it is shown, and the ways on: all of them links.

use leptos::prelude::*;
use stockroom::page::{Page, PageRequest, Total};

use crate::wording;

const SIZES: [u64; 3] = [25, 50, 100];

/// The place of one page in its list, without the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub shown: u64,
    pub size: u64,
    pub total: Total,
    pub skipped: Option<u64>,
    pub next: Option<String>,
    pub prev: Option<String>,
}

impl<T> From<&Page<T>> for Place {
    fn from(page: &Page<T>) -> Self {
        Self {
            shown: page.items.len() as u64,
            size: page.size,
            total: page.total,
            skipped: page.skipped,
            next: page.next.clone(),
            prev: page.prev.clone(),
        }
    }
}

impl Place {
    /// `1–50 of 842`, or `50 of 842` where it is not known how many came before.
    #[must_use]
    pub fn in_words(&self) -> String {
        let number = |rows: u64| wording::grouped(rows.try_into().unwrap_or(i64::MAX));
        let all = wording::total(self.total);
        match self.skipped {
            Some(skipped) => format!("{}–{} of {all}", number(skipped + 1), number(skipped + self.shown)),
            None => format!("{} of {all}", number(self.shown)),
        }
    }
}

/// `address` makes the address of another page of the same list.
#[component]
pub fn Pager(place: Place, address: Callback<PageRequest, String>) -> impl IntoView {
    let to = |page: PageRequest| address.run(page);
    let first = place.prev.is_some().then(|| to(PageRequest::default()));
    let previous = place.prev.clone().map(|before| {
        to(PageRequest {
            before: Some(before),
            ..PageRequest::default()
        })
    });
    let next = place.next.clone().map(|after| {
        to(PageRequest {
            after: Some(after),
            ..PageRequest::default()
        })
    });
    let last = place.next.is_some().then(|| {
        to(PageRequest {
            last: true,
            ..PageRequest::default()
        })
    });
    let sizes = SIZES.map(|size| {
        size_link(
            size,
            place.size,
            to(PageRequest {
                size: Some(size),
                ..PageRequest::default()
            }),
        )
    });

    view! {
        <nav aria-label="Pages" class="pager">
            <p class="tabular-nums">{place.in_words()}</p>
            <ul class="flex flex-wrap items-center gap-1">
                {page_link("First", first)} {page_link("Previous", previous)} {page_link("Next", next)} {page_link("Last", last)}
            </ul>
            <div class="flex items-center gap-1">
                <span id="rows-per-page">"Rows per page"</span>
                <ul class="flex gap-1" aria-labelledby="rows-per-page">
                    {sizes}
                </ul>
            </div>
        </nav>
    }
    .into_any()
}

/// A way that leads nowhere is text.
fn page_link(label: &'static str, href: Option<String>) -> AnyView {
    match href {
        Some(href) => view! { <li><a class="btn btn-secondary" href=href>{label}</a></li> }.into_any(),
        None => view! { <li><span class="btn btn-off">{label}</span></li> }.into_any(),
    }
}

fn size_link(size: u64, current: u64, href: String) -> AnyView {
    let is_current = (size == current).then_some("true");
    view! { <li><a class="page-size" href=href aria-current=is_current>{size}</a></li> }.into_any()
}

#[cfg(test)]
mod tests {
    use stockroom::page::Total;

    use super::Place;

    fn place(skipped: Option<u64>, total: Total) -> String {
        Place {
            shown: 50,
            size: 50,
            total,
            skipped,
            next: None,
            prev: None,
        }
        .in_words()
    }

    #[test]
    fn the_position_is_told_where_it_is_known() {
        assert_eq!(place(Some(0), Total::exactly(842)), "1–50 of 842");
        assert_eq!(place(Some(1000), Total::capped(10_001)), "1,001–1,050 of 10,000+");
        assert_eq!(place(None, Total::exactly(500_000)), "50 of 500,000");
    }
}
