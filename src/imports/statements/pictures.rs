//! Pictures: gathered from all rows of a product, and asked for once it has them.

/// Pictures of the products whose rows share a handle, each in a row of its own.
pub(super) const CREATE: &str = "CREATE {unlogged} TABLE {scratch:pictures} (
    row_key {text} NOT NULL, place BIGINT NOT NULL, reference {text} NOT NULL)";

/// Gives each staged row those that were found for its key in this row and others; one that is there twice counts once.
pub(super) fn gather(postgres: bool) -> String {
    let of_row = "SELECT g.reference, min(g.place) AS place FROM {scratch:pictures} g
        WHERE g.row_key = {scratch:stage}.row_key GROUP BY g.reference";
    let list = if postgres {
        format!("SELECT CAST(jsonb_agg(o.reference ORDER BY o.place) AS TEXT) FROM ({of_row}) o")
    } else {
        format!("SELECT json_group_array(o.reference) FROM ({of_row} ORDER BY 2) o")
    };
    format!(
        "UPDATE {{scratch:stage}} SET pictures = ({list})
        WHERE row_key IN (SELECT row_key FROM {{scratch:pictures}})"
    )
}

/// Asks for the pictures that the rows of a range have given to products, and notes which rows wait for them. What could not be had before is
/// tried again; what has no address, and is not there, cannot be had.
pub(super) fn ask(postgres: bool) -> Vec<String> {
    let each = if postgres {
        "jsonb_array_elements_text(CAST(c.pictures AS JSONB)) AS picture (value)"
    } else {
        "json_each(c.pictures) AS picture"
    };
    let of_range = format!(
        "FROM {{scratch:change_set}} c CROSS JOIN {each}{{more}}
        WHERE c.seq > $1 AND c.seq <= $2 AND c.kind IN ('create', 'update', 'restore') AND c.pictures IS NOT NULL"
    );
    let now = if postgres {
        "CAST({now} AS TIMESTAMPTZ)"
    } else {
        "{now}"
    };
    // In one order, so that two imports never wait for each other.
    let ask = format!(
        "INSERT INTO pictures (reference, state, next_attempt_at, created_at)
        SELECT DISTINCT picture.value, 'waiting', {now}, {now} {} ORDER BY 1
        ON CONFLICT (reference) DO UPDATE SET state = 'waiting', attempts = 0, problem = NULL, lease_token = NULL, next_attempt_at = excluded.next_attempt_at
        WHERE pictures.state = 'failed'",
        of_range.replace("{more}", "")
    );
    let note = format!(
        "INSERT INTO picture_requests (picture_id, import_id, row_no)
        SELECT DISTINCT p.id, {{import}}, c.row_no {} AND c.row_no IS NOT NULL
        ON CONFLICT DO NOTHING",
        of_range.replace(
            "{more}",
            " JOIN pictures p ON p.reference = picture.value AND p.state = 'waiting'"
        )
    );
    vec![ask, note]
}
