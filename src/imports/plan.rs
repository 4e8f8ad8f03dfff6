//! Plans: what a job without a file does to which products. They are reviewed first and carried out when somebody confirms.

use serde::{Deserialize, Serialize};

use super::ImportKind;
use crate::products::ProductQuery;
use crate::timestamp::Timestamp;

/// What a job does that has no file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "plan", rename_all = "snake_case")]
pub enum Plan {
    Bulk(BulkPlan),
    Undo(UndoPlan),
}

/// One action on many products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPlan {
    pub action: BulkAction,
    pub selection: Selection,
    /// The highest id when the plan was made: whatever came in later is left alone.
    pub newest: i64,
    /// The last change of any product then: whatever has been changed since stays as it is.
    pub newest_change: i64,
    /// How many products were selected then. If it is another number when the work begins, nothing is done.
    pub reviewed: Option<i64>,
    /// A catalogue that goes when no product is left in it.
    pub closes_catalog: Option<i64>,
    /// That catalogue as it was then, for bringing it back; older plans do not know it.
    #[serde(default)]
    pub closed: Option<ClosedCatalog>,
}

/// A catalogue that has gone, or was to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedCatalog {
    pub id: i64,
    pub name: String,
    /// By which it is known when it is there under another name; another one may have its id by now.
    pub created_at: Timestamp,
}

/// From so many products on, whoever takes them away types their number; for fewer a tick is enough.
const TYPED_FROM: i64 = 10;

/// What somebody must do besides pressing the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Tick,
    /// The number of products, typed.
    Number(i64),
}

impl Proof {
    /// For something that cannot be meant by accident, done to so many products.
    #[must_use]
    pub fn of(count: i64) -> Self {
        if count < TYPED_FROM {
            Self::Tick
        } else {
            Self::Number(count)
        }
    }
}

impl BulkPlan {
    #[must_use]
    pub fn proof(&self) -> Proof {
        if self.action.is_destructive() {
            Proof::of(self.reviewed.unwrap_or(0))
        } else {
            Proof::Nothing
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum BulkAction {
    /// Into the bin.
    Delete,
    /// Out of the bin.
    Restore,
    /// Out of the bin, for good.
    Purge,
    Activate,
    Deactivate,
    /// Into another catalogue, or into none.
    Move {
        catalog_id: Option<i64>,
    },
}

impl BulkAction {
    #[must_use]
    pub fn kind(self) -> ImportKind {
        match self {
            Self::Delete | Self::Purge => ImportKind::BulkDelete,
            _ => ImportKind::BulkUpdate,
        }
    }

    /// Whether its products are those in the bin.
    #[must_use]
    pub fn is_about_the_bin(self) -> bool {
        matches!(self, Self::Restore | Self::Purge)
    }

    /// What it does to so many products, as a button says it.
    #[must_use]
    pub fn in_words(self, products: &str) -> String {
        match self {
            Self::Delete => format!("Delete {products}"),
            Self::Restore => format!("Restore {products}"),
            Self::Purge => format!("Delete {products} for good"),
            Self::Activate => format!("Activate {products}"),
            Self::Deactivate => format!("Deactivate {products}"),
            Self::Move { .. } => format!("Move {products}"),
        }
    }

    /// Whether it takes products away.
    #[must_use]
    pub fn is_destructive(self) -> bool {
        self.kind() == ImportKind::BulkDelete
    }
}

/// Which products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    Ids(Vec<i64>),
    /// All that the query asks for; all products if it asks for nothing in particular.
    Matching(Box<ProductQuery>),
}

impl Selection {
    /// All products of a catalogue.
    #[must_use]
    pub fn of_catalog(id: i64) -> Self {
        Self::Matching(Box::new(ProductQuery {
            catalog_id: Some(id),
            ..ProductQuery::default()
        }))
    }
}

/// Taking back what an earlier job did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoPlan {
    pub import: i64,
    /// Products that can be set back …
    pub reversible: i64,
    /// … and those that somebody has changed since, which stay as they are.
    pub changed_since: i64,
    /// The catalogue into which its products come back, and which is made again if it has gone with that job.
    #[serde(default)]
    pub reopens: Option<ClosedCatalog>,
}
