//! What variants, extra attributes and pictures add to the statements of a file that has them.

use super::comparing::{Compared, compared};
use crate::imports::parts::Parts;
use crate::imports::review::CheckedField;

/// One of the three.
pub(super) struct Part {
    /// Columns of the stage, with their types.
    pub stage: &'static [(&'static str, &'static str)],
    /// Those of them that the comparison needs.
    pub carried: &'static [&'static str],
    /// Columns of the change set.
    pub set: Vec<SetColumn>,
    pub compared: Vec<Compared>,
    /// Which of its fields lose a value, and when.
    pub cleared: Option<(CheckedField, String)>,
    /// Columns of the products, with what a row of the change set, `c`, makes of them.
    pub products: Vec<ProductColumn>,
}

pub(super) struct SetColumn {
    pub name: &'static str,
    /// From `w`, and from `q`, the parent that the row names.
    pub value: &'static str,
    /// For a product that the file does not list.
    pub unlisted: &'static str,
}

pub(super) struct ProductColumn {
    pub name: &'static str,
    pub created: String,
    pub updated: String,
}

/// Those that the file has, always in the same order.
pub(super) fn of(parts: Parts, postgres: bool) -> Vec<Part> {
    let all = [
        (parts.variants, variants as fn(bool) -> Part),
        (parts.attributes, attributes),
        (parts.pictures, pictures),
    ];
    all.into_iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, part)| part(postgres))
        .collect()
}

/// A text that holds JSON, as the database's own kind of it.
pub(super) fn json(text: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST({text} AS JSONB)")
    } else {
        format!("json({text})")
    }
}

/// What is JSON already, so that it is compared and shown as such.
fn stored(value: &str, postgres: bool) -> String {
    if postgres {
        value.to_owned()
    } else {
        format!("json({value})")
    }
}

const fn set(name: &'static str, value: &'static str, unlisted: &'static str) -> SetColumn {
    SetColumn { name, value, unlisted }
}

fn variants(postgres: bool) -> Part {
    let (options, new) = (stored("p.options", postgres), json("w.options", postgres));
    let empty = json("'{}'", postgres);
    let none = if postgres { "CAST(NULL AS BIGINT)" } else { "NULL" };
    Part {
        stage: &[
            ("parent_sku", "{text}"),
            ("parent_key", "{text}"),
            ("is_variant", "BOOLEAN NOT NULL"),
            ("options", "TEXT"),
        ],
        carried: &["parent_key", "is_variant", "options"],
        set: vec![
            set("parent_key", "w.parent_key", "NULL"),
            set("is_variant", "w.is_variant", "FALSE"),
            set("options", "w.options", "NULL"),
            set("parent_id", "q.id", none),
            // Variants come after all other rows, so that each finds its parent.
            set(
                "order_key",
                "CASE WHEN w.is_variant THEN '1' ELSE '0' END || w.row_key",
                "'0' || p.sku_key",
            ),
        ],
        compared: vec![
            // A parent that is still to be made is none yet, and differs from every one.
            compared(
                CheckedField::Parent,
                "w.parent_key IS NOT NULL AND coalesce(q.id, -1) <> coalesce(p.parent_id, 0)",
                "p.parent_id",
                "q.id",
            ),
            compared(
                CheckedField::Options,
                format!("{new} <> coalesce({options}, {empty})"),
                options,
                new,
            ),
        ],
        cleared: None,
        products: vec![
            ProductColumn {
                name: "parent_id",
                created: "c.parent_id".to_owned(),
                updated: "coalesce(c.parent_id, products.parent_id)".to_owned(),
            },
            ProductColumn {
                name: "options",
                created: json("c.options", postgres),
                updated: format!("coalesce({}, products.options)", json("c.options", postgres)),
            },
        ],
    }
}

/// Those of the row beside those that the product has. A null takes one away.
fn attributes(postgres: bool) -> Part {
    let empty = json("'{}'", postgres);
    let joined = |own: &str, new: &str| {
        let new = json(new, postgres);
        if postgres {
            format!("jsonb_strip_nulls(coalesce({own}, {empty}) || {new})")
        } else {
            format!("json_patch(coalesce({own}, {empty}), {new})")
        }
    };
    let (own, new) = (stored("p.attributes", postgres), joined("p.attributes", "w.attributes"));
    Part {
        stage: &[("attributes", "TEXT")],
        carried: &["attributes"],
        set: vec![set("attributes", "w.attributes", "NULL")],
        compared: vec![compared(
            CheckedField::Attributes,
            format!("w.attributes IS NOT NULL AND {new} <> coalesce({own}, {empty})"),
            own,
            stored(&format!("nullif({new}, {empty})"), postgres),
        )],
        cleared: Some((
            CheckedField::Attributes,
            format!("w.attributes IS NOT NULL AND {}", lost(&new, postgres)),
        )),
        products: vec![ProductColumn {
            name: "attributes",
            created: format!("nullif({}, {empty})", joined("NULL", "c.attributes")),
            updated: format!(
                "CASE WHEN c.attributes IS NULL THEN products.attributes ELSE nullif({}, {empty}) END",
                joined("products.attributes", "c.attributes")
            ),
        }],
    }
}

/// Whether the product has an attribute that is not among the `kept`.
fn lost(kept: &str, postgres: bool) -> String {
    if postgres {
        format!(
            "EXISTS (SELECT 1 FROM jsonb_object_keys(p.attributes) AS own (key) WHERE NOT jsonb_exists({kept}, own.key))"
        )
    } else {
        format!(
            "EXISTS (SELECT 1 FROM json_each(p.attributes) AS own
                WHERE own.key NOT IN (SELECT kept.key FROM json_each({kept}) AS kept))"
        )
    }
}

fn pictures(postgres: bool) -> Part {
    let none = json("'[]'", postgres);
    let (own, new) = (stored("p.pictures", postgres), json("w.pictures", postgres));
    let given = format!("nullif({}, {none})", json("c.pictures", postgres));
    Part {
        stage: &[("pictures", "TEXT")],
        carried: &["pictures"],
        set: vec![set("pictures", "w.pictures", "NULL")],
        compared: vec![compared(
            CheckedField::Pictures,
            format!("{new} <> coalesce({own}, {none})"),
            own,
            stored(&format!("nullif({new}, {none})"), postgres),
        )],
        cleared: Some((
            CheckedField::Pictures,
            "w.pictures = '[]' AND p.pictures IS NOT NULL".to_owned(),
        )),
        products: vec![ProductColumn {
            name: "pictures",
            updated: format!("CASE WHEN c.pictures IS NULL THEN products.pictures ELSE {given} END"),
            created: given,
        }],
    }
}
