//! Who or what set each field of a product to the value that it has now.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::Value;

use super::{ChangeKind, FieldOrigin, OriginJob};
use crate::entities::change::{Column, Entity, Model};
use crate::entities::{import, product};
use crate::error::Result;
use crate::problem::Problem;

/// Fields that every product has.
const FIELDS: [&str; 6] = ["sku", "name", "description", "price_minor", "active", "catalog_id"];

/// Changes that are read at once, and that are looked through in all.
const AT_ONCE: u64 = 100;
const LOOKED_THROUGH: usize = 1_000;

/// Each field of a product, in the bin or not, with who or what set it, in a fixed order. A field that was not touched in the last thousand
/// changes is left out.
///
/// # Errors
/// When there is no such product or the database fails.
pub async fn set_by(db: &impl ConnectionTrait, product: i64) -> Result<Vec<FieldOrigin>> {
    let found = product::Entity::find_by_id(product).one(db).await?;
    let found = found.ok_or_else(|| Problem::not_found("product"))?;
    let mut search = Search {
        wanted: fields_of(&found),
        ..Search::default()
    };
    while !search.is_over() {
        let rows = older(db, product, search.last).await?;
        search.is_at_the_end = (rows.len() as u64) < AT_ONCE;
        for row in rows {
            search.look_at(&row)?;
        }
    }
    if search.is_at_the_end {
        search.created(&found);
    }
    let (wanted, mut origins) = (search.wanted, search.found);
    name_jobs(db, &mut origins).await?;
    Ok(wanted.iter().filter_map(|field| origins.remove(*field)).collect())
}

/// The fields that this product has.
fn fields_of(product: &product::Model) -> Vec<&'static str> {
    let more = [
        ("parent_id", product.parent_id.is_some()),
        ("options", product.options.is_some()),
        ("attributes", product.attributes.is_some()),
        ("pictures", product.pictures.is_some()),
    ];
    let more = more
        .into_iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(field, _)| field);
    FIELDS.into_iter().chain(more).collect()
}

/// The next changes of a product, the newest first, after the place where the search is.
async fn older(db: &impl ConnectionTrait, product: i64, last: Option<(i64, i64)>) -> Result<Vec<Model>> {
    let mut rows = Entity::find().filter(Column::ProductId.eq(product));
    if let Some((version, id)) = last {
        let is_older = sea_orm::Condition::any().add(Column::Version.lt(version)).add(
            sea_orm::Condition::all()
                .add(Column::Version.eq(version))
                .add(Column::Id.lt(id)),
        );
        rows = rows.filter(is_older);
    }
    Ok(rows
        .order_by_desc(Column::Version)
        .order_by_desc(Column::Id)
        .limit(AT_ONCE)
        .all(db)
        .await?)
}

#[derive(Default)]
struct Search {
    wanted: Vec<&'static str>,
    found: BTreeMap<String, FieldOrigin>,
    looked_at: usize,
    /// Version and id of the last change that was looked at.
    last: Option<(i64, i64)>,
    /// There are no older changes.
    is_at_the_end: bool,
}

impl Search {
    fn is_over(&self) -> bool {
        self.is_at_the_end || self.found.len() == self.wanted.len() || self.looked_at >= LOOKED_THROUGH
    }

    fn look_at(&mut self, row: &Model) -> Result<()> {
        let change = super::store::change(row)?;
        self.looked_at += 1;
        self.last = Some((row.version, row.id));
        if change.kind == ChangeKind::Create {
            self.fill(|field| FieldOrigin {
                made_by: change.made_by.clone(),
                ..FieldOrigin::at(field, change.version, change.made_at.clone())
            });
            return Ok(());
        }
        for (field, (before, _)) in &change.fields {
            if self.wanted.contains(&field.as_str()) && !self.found.contains_key(field) {
                let origin = FieldOrigin {
                    made_by: change.made_by.clone(),
                    job: change.import_id.map(OriginJob::unnamed),
                    row: change.row,
                    before: Some(before.clone()),
                    ..FieldOrigin::at(field, change.version, change.made_at.clone())
                };
                self.found.insert(field.clone(), origin);
            }
        }
        Ok(())
    }

    /// What has never been changed is as it was created. Products of an import have no change for that: the product names the import.
    fn created(&mut self, product: &product::Model) {
        self.fill(|field| FieldOrigin {
            job: product.created_import_id.map(OriginJob::unnamed),
            row: product.created_row,
            ..FieldOrigin::at(field, 1, product.created_at.into())
        });
    }

    fn fill(&mut self, origin: impl Fn(&str) -> FieldOrigin) {
        for field in &self.wanted {
            self.found.entry((*field).to_owned()).or_insert_with(|| origin(field));
        }
    }
}

/// One query for all jobs that are named.
async fn name_jobs(db: &impl ConnectionTrait, origins: &mut BTreeMap<String, FieldOrigin>) -> Result<()> {
    let jobs = origins.values().filter_map(|origin| origin.job.as_ref());
    let ids: BTreeSet<i64> = jobs.map(|job| job.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let named: Vec<(i64, String, String)> = import::Entity::find()
        .select_only()
        .columns([import::Column::Id, import::Column::Kind, import::Column::FileName])
        .filter(import::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    for job in origins.values_mut().filter_map(|origin| origin.job.as_mut()) {
        if let Some((_, kind, name)) = named.iter().find(|(id, ..)| *id == job.id) {
            job.kind = Some(serde_json::from_value(Value::from(kind.as_str()))?);
            job.name.clone_from(name);
        }
    }
    Ok(())
}
