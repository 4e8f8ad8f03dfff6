//! The schema, one change a file, each with its way back. It imports nothing of ours: a migration must mean the same for ever.
//!
//! Texts are compared byte by byte on both databases (PostgreSQL: collation `C`), so that order, prefix search and cursors agree.
//! Moments are UTC with whole seconds; SQLite keeps them as RFC 3339 text.

use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait, async_trait};

mod m20261120_000001_accounts;
mod m20261120_000002_catalogue;
mod m20261120_000003_imports;
mod m20261120_000004_search;
mod m20261120_000005_edits;
mod m20261121_000006_plans;
mod m20261121_000007_staff;
mod m20261121_000008_audit_objects;
mod m20261121_000009_webhooks;
mod m20261121_000010_checks;
mod m20261121_000011_uploads;
mod m20261121_000012_history;
mod m20261121_000013_pictures;
mod m20261121_000014_nodes;
mod m20261121_000015_samples;
mod m20261121_000016_schedules;
mod m20261121_000017_retention;
mod m20261122_000018_wishes;
mod m20261123_000019_node_disks;
mod statements;

pub use sea_orm_migration::MigratorTrait as Migrate;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_accounts::Migration),
            Box::new(m20261120_000002_catalogue::Migration),
            Box::new(m20261120_000003_imports::Migration),
            Box::new(m20261120_000004_search::Migration),
            Box::new(m20261120_000005_edits::Migration),
            Box::new(m20261121_000006_plans::Migration),
            Box::new(m20261121_000007_staff::Migration),
            Box::new(m20261121_000008_audit_objects::Migration),
            Box::new(m20261121_000009_webhooks::Migration),
            Box::new(m20261121_000010_checks::Migration),
            Box::new(m20261121_000011_uploads::Migration),
            Box::new(m20261121_000012_history::Migration),
            Box::new(m20261121_000013_pictures::Migration),
            Box::new(m20261121_000014_nodes::Migration),
            Box::new(m20261121_000015_samples::Migration),
            Box::new(m20261121_000016_schedules::Migration),
            Box::new(m20261121_000017_retention::Migration),
            Box::new(m20261122_000018_wishes::Migration),
            Box::new(m20261123_000019_node_disks::Migration),
        ]
    }
}
