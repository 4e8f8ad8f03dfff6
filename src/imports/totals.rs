//! Totals that pages show without counting: how many products are inactive, and how many each catalogue has.
//!
//! Imports count them once, at their end. That takes up to a second, and in the transaction that ends the import nobody could change a
//! product for so long. So they are counted before it, all at one moment and while others go on. Whoever changes a product keeps the
//! totals himself: what was wrong at that moment is wrong by as much later, and that is added then.

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement};

use crate::database::sql::Sql;
use crate::error::Result;

/// Two imports that have counted at the same moment must not both add what was wrong.
const RECOUNTS: &str = "recounts";

/// By how much each total is wrong, in one statement: it sees all tables as they are at one moment.
const WRONG: &str = "SELECT * FROM (
        SELECT 'recounts' AS total, CAST(0 AS BIGINT) AS catalog,
            coalesce((SELECT value FROM counters WHERE name = 'recounts'), 0) AS number
        UNION ALL SELECT 'inactive_products', 0,
            (SELECT count(*) FROM products WHERE NOT active AND deleted_at IS NULL)
                - (SELECT value FROM counters WHERE name = 'inactive_products')
        UNION ALL SELECT 'catalog', catalogs.id,
            (SELECT count(*) FROM products WHERE products.catalog_id = catalogs.id AND products.deleted_at IS NULL) - product_count
            FROM catalogs) AS counted
    WHERE number <> 0";

#[derive(Debug, FromQueryResult)]
struct Wrong {
    total: String,
    catalog: i64,
    number: i64,
}

/// What was wrong at one moment.
#[derive(Debug)]
pub(super) struct Totals {
    wrong: Vec<Wrong>,
    /// How often imports had put totals right until then.
    recounts: i64,
}

impl Totals {
    pub async fn count(db: &impl ConnectionTrait) -> Result<Self> {
        let rows = Wrong::find_by_statement(Statement::from_string(db.get_database_backend(), WRONG));
        let (counted, wrong): (Vec<_>, Vec<_>) = rows.all(db).await?.into_iter().partition(|row| row.total == RECOUNTS);
        Ok(Self {
            wrong,
            recounts: counted.first().map_or(0, |row| row.number),
        })
    }

    /// Puts the totals right, in a transaction beside which nobody changes products.
    pub async fn put_right(self, transaction: &DatabaseTransaction) -> Result<()> {
        let totals = if recounted(transaction).await? == self.recounts + 1 {
            self
        } else {
            Self::count(transaction).await?
        };
        for row in &totals.wrong {
            row.put_right(transaction).await?;
        }
        Ok(())
    }
}

/// Notes that totals are put right now. Gives how often that has been done.
async fn recounted(transaction: &DatabaseTransaction) -> Result<i64> {
    let sql = format!(
        "INSERT INTO counters (name, value) VALUES ('{RECOUNTS}', 1)
            ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
    );
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let row = transaction.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get("", "value")).transpose()?.unwrap_or(0))
}

impl Wrong {
    async fn put_right(&self, transaction: &DatabaseTransaction) -> Result<()> {
        let mut sql = Sql::new(transaction.get_database_backend());
        if self.total == "catalog" {
            sql.push("UPDATE catalogs SET product_count = product_count + ")
                .bind(self.number);
            sql.push(" WHERE id = ").bind(self.catalog);
        } else {
            sql.push("UPDATE counters SET value = value + ").bind(self.number);
            sql.push(" WHERE name = ").bind(self.total.as_str());
        }
        transaction.execute_raw(sql.statement()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait as _;

    use super::Totals;
    use crate::database::settled;
    use crate::products;
    use crate::products::draft::ProductText;
    use crate::testing::{Kind, Shop};

    async fn end(shop: &Shop, counted: Totals) {
        let transaction = shop.services.database.begin().await.expect("a transaction");
        settled(&transaction).await.expect("a turn");
        counted.put_right(&transaction).await.expect("right");
        transaction.commit().await.expect("a commit");
    }

    async fn is_right(shop: &Shop) -> bool {
        let counted = Totals::count(shop.services.reader()).await.expect("totals");
        counted.wrong.is_empty()
    }

    /// As batches of an import leave them.
    async fn change_behind_the_totals(shop: &Shop) {
        let writer = shop.services.database.writer();
        for statement in [
            "UPDATE products SET active = NOT active WHERE sku IN ('A', 'B')",
            "UPDATE products SET catalog_id = (SELECT id FROM catalogs) WHERE sku IN ('B', 'C')",
        ] {
            writer.execute_unprepared(statement).await.expect("a change");
        }
    }

    async fn totals_are_put_right_beside_others(kind: Kind) {
        let shop = Shop::open(kind).await;
        shop.import("sku,name,active,catalog\nA,Mug,true,Kitchen\nB,Cup,false,\nC,Jug,true,\nD,Pot,true,\n")
            .await;
        assert!(is_right(&shop).await, "after an import");
        change_behind_the_totals(&shop).await;
        assert!(!is_right(&shop).await);
        let (one, other) = tokio::join!(
            Totals::count(shop.services.reader()),
            Totals::count(shop.services.reader())
        );
        // Somebody goes on while they are counted.
        deactivate(&shop, "D").await;
        end(&shop, one.expect("totals")).await;
        assert!(is_right(&shop).await);
        deactivate(&shop, "C").await;
        // What the other one has found wrong is right by now.
        end(&shop, other.expect("totals")).await;
        assert!(is_right(&shop).await);
    }

    async fn deactivate(shop: &Shop, sku: &str) {
        let product = shop.product(sku).await.expect("a product");
        let text = ProductText {
            active: Some(false),
            ..ProductText::default()
        };
        let by = "ben".into();
        let changed = products::update(&shop.services.database, product.id, None, &text, &by).await;
        assert!(!changed.expect("changed").active);
    }

    #[tokio::test]
    async fn totals_are_put_right_beside_others_sqlite() {
        totals_are_put_right_beside_others(Kind::Sqlite).await;
    }

    #[tokio::test]
    async fn totals_are_put_right_beside_others_postgres() {
        totals_are_put_right_beside_others(Kind::Postgres).await;
    }
}
