//! Paging: one request, one cursor and one answer for tables, REST lists and server functions.
//!
//! Pages are found by key (`after`, `before`), so the last page costs what the first one does; `page=` is offered for programs
//! that count. A list never counts more than [`COUNT_LIMIT`] rows to say how many there are.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

pub const DEFAULT_SIZE: u64 = 50;
pub const MAX_SIZE: u64 = 100;
/// Cursors go further.
pub const MAX_PAGE: u64 = 10_000_000;
/// Filtered totals are counted up to here; beyond it a person reads "10,000+".
pub const COUNT_LIMIT: u64 = 10_000;

/// Which page is wanted, as it stands in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageRequest {
    pub after: Option<String>,
    pub before: Option<String>,
    pub page: Option<u64>,
    pub size: Option<u64>,
    /// The last page, found from the end.
    pub last: bool,
}

/// Where a page begins, once checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    First,
    Last,
    After(Cursor),
    Before(Cursor),
    /// Rows to skip.
    Offset(u64),
}

impl PageRequest {
    /// `order` is that of the list, see [`Cursor::order`].
    ///
    /// # Errors
    /// A size outside 1–100, a page below 1, or a cursor that this server did not write for this order.
    pub fn check(&self, order: &str) -> Result<(Position, u64), Problem> {
        let size = self.size.unwrap_or(DEFAULT_SIZE);
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(out_of_range("size", "Choose a page size from 1 to 100."));
        }
        let position = match (&self.after, &self.before, self.page) {
            (Some(after), None, None) => Position::After(cursor("after", after, order)?),
            (None, Some(before), None) => Position::Before(cursor("before", before, order)?),
            (None, None, Some(page)) => Position::Offset(offset(page, size)?),
            (None, None, None) if self.last => Position::Last,
            (None, None, None) => Position::First,
            _ => return Err(Problem::bad_request("Use only one of after, before and page.")),
        };
        Ok((position, size))
    }
}

fn cursor(field: &str, text: &str, order: &str) -> Result<Cursor, Problem> {
    let cursor = Cursor::parse(text).filter(|cursor| cursor.order == order);
    let message = "Use the address of a next or previous link of this list as it was given, in the same order.";
    cursor.ok_or_else(|| out_of_range(field, message))
}

fn offset(page: u64, size: u64) -> Result<u64, Problem> {
    if !(1..=MAX_PAGE).contains(&page) {
        return Err(out_of_range("page", "Choose a page from 1 to 10,000,000."));
    }
    Ok((page - 1) * size)
}

fn out_of_range(field: &str, message: &str) -> Problem {
    Problem::bad_request(format!("The value of “{field}” is out of range. {message}")).with_field(field, message)
}

/// The sort value and the id of a row: enough to go on from it, whatever has been added or removed since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub id: i64,
    /// How many rows stood before the page that begins here when the link was made; only shown, never relied on.
    pub skipped: Option<u64>,
    /// The order in which it is a place: what is sorted by, or the table whose ids it goes by. Elsewhere it would be another place.
    pub order: String,
    pub value: String,
}

impl Cursor {
    /// None for what is no cursor.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '~');
        let (id, skipped) = (parts.next()?.parse().ok()?, parts.next()?);
        let (order, value) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let skipped = match skipped {
            "" => None,
            rows => Some(rows.parse().ok()?),
        };
        // Whatever it is compared with is text, which has no such character.
        let is_text = !value.contains('\0');
        is_text.then_some(Self {
            id,
            skipped,
            order,
            value,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.skipped.map(|rows| rows.to_string()).unwrap_or_default();
        write!(f, "{}~{skipped}~{}~{}", self.id, self.order, self.value)
    }
}

/// How many rows there are in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    pub rows: u64,
    /// False when counting stopped at [`COUNT_LIMIT`].
    pub exact: bool,
}

impl Total {
    #[must_use]
    pub fn exactly(rows: u64) -> Self {
        Self { rows, exact: true }
    }

    /// From a count that was stopped after [`COUNT_LIMIT`] + 1 rows.
    #[must_use]
    pub fn capped(counted: u64) -> Self {
        Self {
            rows: counted.min(COUNT_LIMIT),
            exact: counted <= COUNT_LIMIT,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub size: u64,
    pub total: Total,
    /// How many rows stand before the first item, where that is known.
    pub skipped: Option<u64>,
    /// Cursor of the next page, when there is one.
    pub next: Option<String>,
    /// Cursor of the previous page, when there is one.
    pub prev: Option<String>,
    /// Rows that a search for words does not see yet, because they have come in only just now.
    #[serde(default)]
    pub unsearched: u64,
}

impl<T> Page<T> {
    pub fn map<U>(mut self, change: impl FnMut(T) -> U) -> Page<U> {
        let items = std::mem::take(&mut self.items);
        self.with_items(items.into_iter().map(change).collect())
    }

    /// # Errors
    /// The first one that `change` gives.
    pub fn try_map<U, E>(mut self, change: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = std::mem::take(&mut self.items);
        Ok(self.with_items(items.into_iter().map(change).collect::<Result<_, _>>()?))
    }

    /// The same place with other items, which have been made of these.
    #[must_use]
    pub fn with_items<U>(self, items: Vec<U>) -> Page<U> {
        Page {
            items,
            size: self.size,
            total: self.total,
            skipped: self.skipped,
            next: self.next,
            prev: self.prev,
            unsearched: self.unsearched,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, PageRequest, Position};

    #[test]
    fn a_cursor_survives_its_own_text() {
        for skipped in [None, Some(50)] {
            let cursor = Cursor {
                id: 7,
                skipped,
                order: "-name".into(),
                value: "a~b ü".into(),
            };
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
    }

    #[test]
    fn pages_and_sizes_out_of_range_are_refused_in_words() {
        for (page, size) in [
            (Some(0), None),
            (Some(u64::MAX), None),
            (None, Some(0)),
            (None, Some(101)),
        ] {
            let refused = PageRequest {
                page,
                size,
                ..Default::default()
            }
            .check("sku")
            .expect_err("out of range");
            assert_eq!(refused.status, 400);
        }
        for text in ["x", "9~", "1~~sku", "1~~sku~\0", "1~~name~a", "1~~-sku~a"] {
            let forged = PageRequest {
                before: Some(text.into()),
                ..Default::default()
            };
            let refused = forged.check("sku").expect_err("no cursor");
            assert_eq!(
                (refused.status, refused.errors[0].field.as_str()),
                (400, "before"),
                "{text}"
            );
        }
    }

    #[test]
    fn without_any_wish_the_first_page_is_meant() {
        assert_eq!(PageRequest::default().check("sku"), Ok((Position::First, 50)));
    }
}
