//! Settings in the database. What nobody has decided yet comes from the configuration.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _};

use super::{NumberFormat, ShopSettings, zone};
use crate::audit::{self, Action, Actor, Object, ObjectKind};
use crate::config::Config;
use crate::database::Database;
use crate::entities::setting::{ActiveModel, Column, Entity};
use crate::error::{Error, Result};
use crate::problem::Problem;

const NAME: &str = "shop_name";
const CURRENCY: &str = "currency";
const TIME_ZONE: &str = "time_zone";
const NUMBER_FORMAT: &str = "number_format";
/// Characters.
const NAME_MAX: usize = 100;
/// Codes of ISO 4217 whose currencies have another number of decimals than two.
const OTHER_DECIMALS: [&str; 28] = [
    "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD", "LYD", "MGA", "MRU",
    "OMR", "PYG", "RWF", "TND", "UGX", "UYI", "UYW", "VND", "VUV", "XAF", "XOF", "XPF",
];

/// # Errors
/// When the database fails.
pub async fn load(db: &impl ConnectionTrait, config: &Config) -> Result<ShopSettings> {
    let mut settings = ShopSettings::of_currency(&config.currency);
    for row in Entity::find().all(db).await? {
        match row.name.as_str() {
            NAME => settings.name = row.value,
            CURRENCY => settings.currency = row.value,
            TIME_ZONE => settings.time_zone = row.value,
            NUMBER_FORMAT => settings.number_format = NumberFormat::parse(&row.value).unwrap_or_default(),
            _ => {}
        }
    }
    Ok(settings)
}

/// # Errors
/// 422 when something cannot be used.
pub async fn save(database: &Database, config: &Config, settings: &ShopSettings, actor: &Actor) -> Result<()> {
    let after = checked(settings)?;
    let transaction = database.begin().await?;
    let before = load(&transaction, config).await?;
    let mut fields = serde_json::Map::new();
    for (name, before, after) in [
        (NAME, before.name.as_str(), after.name.as_str()),
        (CURRENCY, &before.currency, &after.currency),
        (TIME_ZONE, &before.time_zone, &after.time_zone),
        (
            NUMBER_FORMAT,
            before.number_format.as_str(),
            after.number_format.as_str(),
        ),
    ] {
        if before == after {
            continue;
        }
        fields.insert(name.to_owned(), serde_json::json!([before, after]));
        let row = ActiveModel {
            name: Set(name.to_owned()),
            value: Set(after.to_owned()),
        };
        let newest = OnConflict::column(Column::Name).update_column(Column::Value).to_owned();
        Entity::insert(row).on_conflict(newest).exec(&transaction).await?;
    }
    if fields.is_empty() {
        return Ok(transaction.rollback().await?);
    }
    let object = Object {
        kind: ObjectKind::Shop,
        id: None,
        name: after.name,
    };
    audit::record(
        &transaction,
        actor,
        Action::SettingsChanged,
        Some(object),
        Some(fields.into()),
    )
    .await?;
    Ok(transaction.commit().await?)
}

fn checked(settings: &ShopSettings) -> Result<ShopSettings> {
    let (name, currency) = (settings.name.trim(), settings.currency.trim().to_ascii_uppercase());
    let refuse =
        |field: &str, message: &str| -> Error { Problem::unprocessable(message).with_field(field, message).into() };
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(refuse("shop_name", "Enter a name of at most 100 characters."));
    }
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(refuse(
            "currency",
            "Enter the three letters of the currency, such as EUR.",
        ));
    }
    if OTHER_DECIMALS.contains(&currency.as_str()) {
        return Err(refuse(
            "currency",
            "Prices have two decimals here, and this currency has not.",
        ));
    }
    let time_zone = zone::named(&settings.time_zone).ok_or_else(|| {
        let message = "Choose a time zone from the list, such as Europe/Berlin.";
        refuse("time_zone", message)
    })?;
    Ok(ShopSettings {
        name: name.to_owned(),
        currency,
        time_zone,
        number_format: settings.number_format,
    })
}
