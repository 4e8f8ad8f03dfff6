//! A table that becomes a list of blocks on narrow screens. The roles stand in the markup, because changing `display` can drop them.

use leptos::prelude::*;

use super::icon::{DOWN, Icon, UP};

/// `label` names the table for those who cannot see what is above it.
#[component]
pub fn Table(label: &'static str, head: AnyView, body: AnyView) -> impl IntoView {
    view! {
        <div class="table-frame">
            <table class="data-table" role="table" aria-label=label>
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">{body}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
pub fn Column(
    title: &'static str,
    /// Numbers stand at the right, and so does their heading.
    #[prop(optional)]
    is_number: bool,
) -> impl IntoView {
    view! {
        <th role="columnheader" scope="col" class:number=is_number>
            {title}
        </th>
    }
    .into_any()
}

/// How a list is ordered by a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Unsorted,
    Ascending,
    Descending,
}

/// A column whose heading is a link that sorts by it.
#[component]
pub fn SortColumn(
    title: &'static str,
    href: String,
    direction: Direction,
    #[prop(optional)] is_number: bool,
) -> impl IntoView {
    let (aria_sort, icon) = match direction {
        Direction::Unsorted => (None, None),
        Direction::Ascending => (Some("ascending"), Some(UP)),
        Direction::Descending => (Some("descending"), Some(DOWN)),
    };

    view! {
        <th role="columnheader" scope="col" aria-sort=aria_sort class:number=is_number>
            <a class="sort-link" href=href>
                {title}
                {icon.map(|path| view! { <Icon path /> })}
            </a>
        </th>
    }
    .into_any()
}

/// A cell. `label` is shown beside the value when the row is a block.
#[component]
pub fn Cell(label: &'static str, #[prop(optional)] is_number: bool, children: Children) -> impl IntoView {
    view! {
        <td role="cell" data-label=label class:number=is_number>
            {children()}
        </td>
    }
    .into_any()
}
