//! How far an import may go before somebody must say that it is meant.

/// Set by whoever runs the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tripwires {
    /// A price that moves by more than this …
    pub price_percent: i64,
    /// … in more products than this.
    pub price_rows: i64,
    /// Active products that become inactive, of all that are active …
    pub deactivated_percent: i64,
    /// … if they are at least so many.
    pub deactivated_rows: i64,
    /// How much longer than the last file of its kind a file may be, and the last one than it …
    pub rows_percent: i64,
    /// … if that one had at least so many rows.
    pub rows_least: i64,
}

impl Default for Tripwires {
    fn default() -> Self {
        Self {
            price_percent: 50,
            price_rows: 20,
            deactivated_percent: 10,
            deactivated_rows: 20,
            rows_percent: 100,
            rows_least: 100,
        }
    }
}
