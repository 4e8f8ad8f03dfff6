//! An import that somebody has reviewed touches no product that others have changed since: those are kept, and named.

/// Those that are kept are marked first, because others go on changing products: what is named is what is kept.
pub(super) const LEAVE: &str = "UPDATE {scratch:change_set} SET kind = 'same' WHERE kind = 'kept'";

/// Each once, also where an earlier attempt has named it.
const NAME_KEPT: &str = "INSERT INTO {scratch:found} (row_no, kind, column_name, value)
    SELECT coalesce(row_no, 0), 'changed_since', NULL, sku FROM {scratch:change_set}
    WHERE kind = 'kept'
        AND NOT EXISTS (SELECT 1 FROM import_problems known WHERE known.import_id = {import} AND known.kind = 'changed_since'
            AND known.row_no = coalesce({scratch:change_set}.row_no, 0) AND known.value = {scratch:change_set}.sku)";

/// Before the first batch. `newest` and `change`: the highest ids of products and changes when it was reviewed.
pub(super) fn keep(newest: i64, change: i64) -> Vec<String> {
    let changed = format!(
        "(target_id > {newest} OR target_id IN (SELECT h.product_id FROM changes h
            WHERE h.id > {change} AND coalesce(h.import_id, 0) <> {{import}}))"
    );
    let mark = format!("UPDATE {{scratch:change_set}} SET kind = 'kept' WHERE kind <> 'same' AND {changed}");
    vec![mark, NAME_KEPT.to_owned(), LEAVE.to_owned()]
}

/// One product was there when the batch came to create it, or is no longer what it was compared with.
const RACED: &str = "((kind = 'create' AND EXISTS (SELECT 1 FROM products p WHERE p.sku_key = row_key))
    OR (kind IN ('update', 'restore', 'delete') AND NOT EXISTS (SELECT 1 FROM products p
        WHERE p.id = target_id AND p.version = {scratch:change_set}.version)))";

pub(super) fn keep_raced() -> String {
    format!(
        "INSERT INTO import_problems (import_id, row_no, kind, column_name, value)
        SELECT {{import}}, coalesce(row_no, 0), 'changed_since', NULL, sku FROM {{scratch:change_set}}
        WHERE seq > $1 AND seq <= $2 AND {RACED}"
    )
}

pub(super) fn leave_raced() -> String {
    format!("UPDATE {{scratch:change_set}} SET kind = 'same' WHERE seq > $1 AND seq <= $2 AND {RACED}")
}
