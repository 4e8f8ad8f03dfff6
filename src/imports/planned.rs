//! The changes that a check has found, page by page, read where the check left them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::Import;
use super::parts::Parts;
use super::preview::{ChangeFilter, PlannedChange, PlannedChanges};
use super::review::{CheckedField, Group, Review};
use crate::asked::{self, Fields};
use crate::catalogs;
use crate::database::Database;
use crate::database::bulk::scratch;
use crate::error::Result;
use crate::problem::Problem;
use crate::products;
use crate::services::Services;

impl ChangeFilter {
    /// Reads the parameters of an address, and takes them out.
    ///
    /// # Errors
    /// Names the parameter that cannot be read.
    pub fn take(fields: &mut Fields) -> std::result::Result<Self, Problem> {
        let kind = asked::take(fields, "kind")?.map(|word| {
            let kind = serde_json::from_value(word.into());
            kind.map_err(|_| asked::unreadable("kind", "Choose create, update, restore or delete."))
        });
        let field = asked::take(fields, "field")?.map(|word| {
            let advice = "Choose name, description, price, active, catalog, parent, options, attributes or pictures.";
            CheckedField::parse(&word).ok_or_else(|| asked::unreadable("field", advice))
        });
        Ok(Self {
            kind: kind.transpose()?,
            field: field.transpose()?,
            cleared: asked::truth(fields, "cleared")?.unwrap_or(false),
        })
    }
}

const CHANGE_SET: &str = "{scratch:change_set}";

/// Up to `limit` changes after the place `after`.
///
/// # Errors
/// 409 when there is nothing to look at: the import was not checked, is applied already, or what the check found is lost.
pub async fn planned_changes(
    services: &Services,
    import: &Import,
    filter: ChangeFilter,
    after: i64,
    limit: u64,
) -> Result<PlannedChanges> {
    let review = import.review.as_ref().ok_or_else(not_checked)?;
    let total = filter.count(review);
    if total == 0 {
        return Ok(PlannedChanges::default());
    }
    let place = Place {
        database: &services.database,
        dir: &services.config.scratch_dir,
        review,
    };
    let postgres = matches!(services.database.backend(), sea_orm::DatabaseBackend::Postgres);
    let parts = Parts::of(&import.format, import.options.mode);
    let page = Page {
        groups: groups(review, filter),
        after,
        limit: limit + 1,
    };
    let texts = place.texts(&page.query(postgres, parts)).await?;
    let found: Vec<Found> = texts
        .iter()
        .map(|text| serde_json::from_str(text))
        .collect::<std::result::Result<_, _>>()?;
    let mut items = name_parents(services, found).await?;
    if items.is_empty() && after == 0 {
        return Err(lost().into());
    }
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    place.name_catalogs(&mut items).await?;
    let next = items.last().filter(|_| more).map(|change| change.seq);
    Ok(PlannedChanges { items, total, next })
}

fn not_checked() -> Problem {
    Problem::conflict("This import was not checked, so there are no changes to look at.")
}

fn lost() -> Problem {
    Problem::conflict("What the check found is no longer stored. Check the file again.")
}

/// All changes are in one order; of each group they are found by its own index.
fn groups(review: &Review, filter: ChangeFilter) -> Option<Vec<&Group>> {
    (!filter.is_empty()).then(|| review.groups.iter().filter(|group| filter.takes(group)).collect())
}

/// Which changes are read.
struct Page<'a> {
    groups: Option<Vec<&'a Group>>,
    after: i64,
    limit: u64,
}

/// A change as it is stored, with the key of the parent that its product is to have.
#[derive(Deserialize)]
struct Found {
    #[serde(flatten)]
    change: PlannedChange,
    parent: Option<String>,
}

impl Page<'_> {
    fn query(&self, postgres: bool, parts: Parts) -> String {
        let (object, text) = if postgres {
            ("jsonb_build_object", "::text")
        } else {
            ("json_object", "")
        };
        let fields = if postgres { "f.fields" } else { "json(f.fields)" };
        let parent = if parts.variants { "parent_key" } else { "NULL" };
        format!(
            "SELECT {object}('seq', f.seq, 'kind', f.kind, 'row', f.row_no, 'product_id', f.target_id, 'sku', f.sku, 'fields', {fields},
                'parent', f.parent){text}
            FROM (SELECT seq, kind, row_no, target_id, sku, {parent} AS parent, coalesce(fields, {}) AS fields FROM ({}) AS page) AS f
            ORDER BY f.seq",
            created(postgres, parts),
            self.rows(),
        )
    }

    fn rows(&self) -> String {
        let Self { groups, after, limit } = self;
        match groups {
            None => format!("SELECT * FROM {CHANGE_SET} WHERE seq > {after} ORDER BY seq LIMIT {limit}"),
            Some(groups) => {
                let of_group = |group: &&Group| {
                    // The words are the statements' own.
                    let kind: String = group.kind.chars().filter(char::is_ascii_lowercase).collect();
                    format!(
                    "SELECT * FROM (SELECT * FROM {CHANGE_SET} WHERE kind = '{kind}' AND touched = {} AND cleared = {} AND seq > {after}
                        ORDER BY seq LIMIT {limit}) AS g",
                    group.touched, group.cleared
                )
                };
                let all: Vec<String> = groups.iter().map(of_group).collect();
                format!(
                    "SELECT * FROM ({}) AS u ORDER BY seq LIMIT {limit}",
                    all.join(" UNION ALL ")
                )
            }
        }
    }
}

/// Parents by their SKUs; one that is still to be made, by its key.
async fn name_parents(services: &Services, found: Vec<Found>) -> Result<Vec<PlannedChange>> {
    let column = CheckedField::Parent.column();
    let ids: Vec<i64> = found
        .iter()
        .filter_map(|found| found.change.fields.get(column))
        .flat_map(|(before, after)| [before.as_i64(), after.as_i64()])
        .flatten()
        .collect();
    let skus = products::skus_of(services.reader(), ids).await?;
    let named = |value: &Value| value.as_i64().and_then(|id| skus.get(&id)).cloned();
    let name = |found: Found| {
        let mut change = found.change;
        let pair = change.fields.remove(column);
        let is_new = change.product_id.is_none() && found.parent.is_some();
        if let Some((before, after)) = pair.or(is_new.then_some((Value::Null, Value::Null))) {
            let after = named(&after).or(found.parent);
            change.fields.insert(
                CheckedField::Parent.as_str().to_owned(),
                (named(&before).into(), after.into()),
            );
        }
        change
    };
    Ok(found.into_iter().map(name).collect())
}

/// What a product that is added begins with.
fn created(postgres: bool, parts: Parts) -> String {
    let (object, array, end) = if postgres {
        ("jsonb_strip_nulls(jsonb_build_object(", "jsonb_build_array", "))")
    } else {
        ("json_patch('{}', json_object(", "json_array", "))")
    };
    let known = CheckedField::ALL.into_iter().filter(|field| match field {
        CheckedField::Parent => false,
        CheckedField::Options => parts.variants,
        CheckedField::Attributes => parts.attributes,
        CheckedField::Pictures => parts.pictures,
        _ => true,
    });
    let pairs = known.map(|field| {
        let value = match field {
            CheckedField::Price => "nullif(price_minor, -1)".to_owned(),
            CheckedField::Catalog => "nullif(catalog_id, 0)".to_owned(),
            CheckedField::Description => "nullif(description, '')".to_owned(),
            // A null takes away what is not there yet.
            CheckedField::Attributes if postgres => "jsonb_strip_nulls(CAST(attributes AS JSONB))".to_owned(),
            CheckedField::Attributes => "json_patch('{}', attributes)".to_owned(),
            CheckedField::Options | CheckedField::Pictures if postgres => {
                format!("CAST({} AS JSONB)", field.column())
            }
            CheckedField::Options | CheckedField::Pictures => format!("json({})", field.column()),
            other => other.column().to_owned(),
        };
        let pair = format!("CASE WHEN {value} IS NOT NULL THEN {array}(NULL, {value}) END");
        let pair = if postgres { pair } else { format!("json({pair})") };
        format!("'{}', {pair}", field.column())
    });
    format!("{object}{}{end}", pairs.collect::<Vec<_>>().join(", "))
}

struct Place<'a> {
    database: &'a Database,
    dir: &'a std::path::Path,
    review: &'a Review,
}

#[derive(Deserialize)]
struct NewCatalog {
    id: i64,
    name: String,
}

impl Place<'_> {
    async fn texts(&self, query: &str) -> Result<Vec<String>> {
        let texts = scratch::texts(self.database, self.dir, &self.review.scratch, CHANGE_SET, query).await?;
        Ok(texts.ok_or_else(lost)?)
    }

    /// A number says nothing to a person; and a catalogue that is still to be made has none of its own.
    async fn name_catalogs(&self, items: &mut [PlannedChange]) -> Result<()> {
        let column = CheckedField::Catalog.column();
        let ids: BTreeSet<i64> = items
            .iter()
            .filter_map(|change| change.fields.get(column))
            .flat_map(|(before, after)| [before.as_i64(), after.as_i64()])
            .flatten()
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let names = self.names(&ids).await?;
        let named = |value: &Value| match value.as_i64() {
            Some(id) => names
                .get(&id)
                .map_or_else(|| value.clone(), |name| Value::String(name.clone())),
            None => value.clone(),
        };
        for change in items {
            if let Some((before, after)) = change.fields.remove(column) {
                change.fields.insert(
                    CheckedField::Catalog.as_str().to_owned(),
                    (named(&before), named(&after)),
                );
            }
        }
        Ok(())
    }

    async fn names(&self, ids: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
        let (new, old): (Vec<i64>, Vec<i64>) = ids.iter().partition(|id| **id < 0);
        let mut names = catalogs::names_of(self.database.reader(), old).await?;
        if !new.is_empty() {
            let list = new.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let postgres = matches!(self.database.backend(), sea_orm::DatabaseBackend::Postgres);
            let (object, text) = if postgres {
                ("json_build_object", "::text")
            } else {
                ("json_object", "")
            };
            let query = format!(
                "SELECT {object}('id', id, 'name', name){text} FROM {{scratch:new_catalogs}} WHERE id IN ({list})"
            );
            for text in self.texts(&query).await? {
                let catalog: NewCatalog = serde_json::from_str(&text)?;
                names.insert(catalog.id, catalog.name);
            }
        }
        Ok(names)
    }
}
