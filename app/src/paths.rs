//! Every address that a link or a form of these pages uses.

use stockroom::imports::preview::ChangeFilter;

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
pub const LOGOUT: &str = "/logout";
pub const SETUP: &str = "/setup";
pub const THEME: &str = "/preferences/theme";
pub const PRODUCTS: &str = "/products";
pub const NEW_PRODUCT: &str = "/products/new";
pub const PRODUCTS_BULK: &str = "/products/bulk";
pub const VIEWS: &str = "/views";
pub const CATALOGUES: &str = "/catalogues";
pub const IMPORTS: &str = "/imports";
pub const NEW_IMPORT: &str = "/imports/new";
pub const SCHEDULES: &str = "/imports/schedules";
pub const NEW_SCHEDULE: &str = "/imports/schedules/new";
pub const WEBHOOKS: &str = "/webhooks";
pub const NEW_WEBHOOK: &str = "/webhooks/new";
pub const INVITE: &str = "/invite";
pub const SETTINGS: &str = "/settings";
pub const SHOP: &str = "/settings/shop";
pub const PREFERENCES: &str = "/settings/preferences";
pub const COLUMNS: &str = "/settings/preferences/columns";
pub const PASSWORD: &str = "/settings/password";
pub const USERS: &str = "/settings/users";
pub const API_KEYS: &str = "/settings/api-keys";
pub const AUDIT: &str = "/audit";
pub const MONITORING: &str = "/monitoring";
pub const AUDIT_EXPORT: &str = "/audit/export";
pub const SAMPLE_FILE: &str = "/sample-products.csv";
pub const SAMPLE_WORKBOOK: &str = "/sample-products.xlsx";
pub const API_DOCS: &str = "/docs";
pub const UPLOADS: &str = "/api/v1/uploads";
pub const PRODUCT_EXPORT: &str = "/api/v1/products/export";

#[must_use]
pub fn product(id: i64) -> String {
    format!("{PRODUCTS}/{id}")
}

/// The same for whoever comes from a page of the table, and may go back to it.
#[must_use]
pub fn product_from(id: i64, table: &str) -> String {
    if is_table(table) {
        with_query(&product(id), &[(TABLE, table.to_owned())])
    } else {
        product(id)
    }
}

/// What names the page of the table that somebody has come from.
pub const TABLE: &str = "table";

/// Whether an address is a page of the table of products, and not its beginning.
#[must_use]
pub fn is_table(address: &str) -> bool {
    let query = address.strip_prefix(PRODUCTS).and_then(|rest| rest.strip_prefix('?'));
    query.is_some_and(|query| !query.contains(|c: char| c.is_control() || c == '\\'))
}

#[must_use]
pub fn delete_product(id: i64) -> String {
    format!("{PRODUCTS}/{id}/delete")
}

#[must_use]
pub fn restore_product(id: i64) -> String {
    format!("{PRODUCTS}/{id}/restore")
}

#[must_use]
pub fn purge_product(id: i64) -> String {
    format!("{PRODUCTS}/{id}/purge")
}

/// The bytes of a stored picture.
#[must_use]
pub fn picture(sha256: &str) -> String {
    format!("/pictures/{sha256}")
}

#[must_use]
pub fn fetch_picture(id: i64) -> String {
    format!("/pictures/{id}/fetch")
}

/// Where the row of a product in the table is changed.
#[must_use]
pub fn product_row(id: i64) -> String {
    format!("{PRODUCTS}/{id}/row")
}

/// A new product that begins as a copy of another.
#[must_use]
pub fn copy_of_product(id: i64) -> String {
    with_query(NEW_PRODUCT, &[("copy", id.to_string())])
}

#[must_use]
pub fn delete_view(id: i64) -> String {
    format!("{VIEWS}/{id}/delete")
}

#[must_use]
pub fn user(id: i64) -> String {
    format!("{USERS}/{id}")
}

#[must_use]
pub fn revoke_api_key(id: i64) -> String {
    format!("{API_KEYS}/{id}/revoke")
}

#[must_use]
pub fn catalogue(id: i64) -> String {
    format!("{CATALOGUES}/{id}")
}

#[must_use]
pub fn delete_catalogue(id: i64) -> String {
    format!("{CATALOGUES}/{id}/delete")
}

#[must_use]
pub fn import(id: i64) -> String {
    format!("{IMPORTS}/{id}")
}

#[must_use]
pub fn cancel_import(id: i64) -> String {
    format!("{IMPORTS}/{id}/cancel")
}

/// The page of a plan with its second question.
#[must_use]
pub fn confirm_import(id: i64) -> String {
    format!("{IMPORTS}/{id}?confirm=true")
}

#[must_use]
pub fn apply_import(id: i64) -> String {
    format!("{IMPORTS}/{id}/apply")
}

/// Where it is said to which fields the columns of a file go.
#[must_use]
pub fn match_import(id: i64) -> String {
    format!("{IMPORTS}/{id}/match")
}

/// The page of a checked file with its columns once more.
#[must_use]
pub fn rematch_import(id: i64) -> String {
    format!("{IMPORTS}/{id}?match=true")
}

/// The changes that a checked file would make, after a place.
#[must_use]
pub fn planned_changes(id: i64, filter: ChangeFilter, after: Option<i64>) -> String {
    let mut query = Vec::new();
    query.extend(filter.kind.map(|kind| ("kind", kind.as_str().to_owned())));
    query.extend(filter.field.map(|field| ("field", field.as_str().to_owned())));
    query.extend(filter.cleared.then(|| ("cleared", "true".to_owned())));
    query.extend(after.map(|after| ("after", after.to_string())));
    format!("{}#changes", with_query(&import(id), &query))
}

#[must_use]
pub fn undo_import(id: i64) -> String {
    format!("{IMPORTS}/{id}/undo")
}

/// Where the file of an import is checked once more.
#[must_use]
pub fn repeat_import(id: i64) -> String {
    format!("{IMPORTS}/{id}/repeat")
}

/// The file of an import as it was uploaded.
#[must_use]
pub fn import_file(id: i64) -> String {
    format!("/api/v1/imports/{id}/file")
}

/// Where the problem rows of an import are corrected, from the row after `after` on.
#[must_use]
pub fn correct_import(id: i64, after: Option<i64>) -> String {
    let after = after.map(|row| ("after", row.to_string()));
    with_query(&format!("{IMPORTS}/{id}/correct"), after.as_slice())
}

#[must_use]
pub fn import_events(id: i64) -> String {
    format!("/api/v1/imports/{id}/events")
}

#[must_use]
pub fn import_problems(id: i64) -> String {
    format!("/api/v1/imports/{id}/problems.csv")
}

#[must_use]
pub fn import_problem_workbook(id: i64) -> String {
    format!("/api/v1/imports/{id}/problems.xlsx")
}

#[must_use]
pub fn schedule(id: i64) -> String {
    format!("{SCHEDULES}/{id}")
}

/// Something that is done to a schedule: `run`, `pause`, `resume`, `delete`.
#[must_use]
pub fn schedule_action(id: i64, action: &str) -> String {
    format!("{SCHEDULES}/{id}/{action}")
}

#[must_use]
pub fn webhook(id: i64) -> String {
    format!("{WEBHOOKS}/{id}")
}

/// Something that is done to a webhook: `test`, `enable`, `disable`, `secret`, `reveal`, `delete`.
#[must_use]
pub fn webhook_action(id: i64, action: &str) -> String {
    format!("{WEBHOOKS}/{id}/{action}")
}

/// The page of a webhook with the outcome of a test.
#[must_use]
pub fn tested_webhook(id: i64, delivery: i64) -> String {
    format!("{WEBHOOKS}/{id}?tested={delivery}#test")
}

#[must_use]
pub fn webhook_log(id: i64) -> String {
    format!("{WEBHOOKS}/{id}/deliveries")
}

/// How far the export is that the page gave this word.
#[must_use]
pub fn export_progress(word: &str) -> String {
    format!("/exports/{word}")
}

/// Where all that failed since a moment is sent again.
#[must_use]
pub fn webhook_replay(id: i64) -> String {
    format!("{WEBHOOKS}/{id}/replay")
}

#[must_use]
pub fn cancel_replay(webhook: i64, replay: i64) -> String {
    format!("{WEBHOOKS}/{webhook}/replays/{replay}/cancel")
}

#[must_use]
pub fn delivery(id: i64) -> String {
    format!("/deliveries/{id}")
}

#[must_use]
pub fn send_again(webhook: i64, delivery: i64) -> String {
    format!("{WEBHOOKS}/{webhook}/deliveries/{delivery}/replay")
}

/// The sign-in page, which leads back to `next`.
#[must_use]
pub fn login_then(next: &str) -> String {
    with_query(LOGIN, &[("next", next.to_owned())])
}

/// An address with its query. Without fields there is no question mark.
#[must_use]
pub fn with_query(path: &str, fields: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (position, (name, value)) in fields.iter().enumerate() {
        address.push(if position == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        push_encoded(&mut address, value);
    }
    address
}

/// All but RFC 3986's unreserved characters are percent-encoded.
fn push_encoded(address: &mut String, value: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push('%');
            address.push(char::from(DIGITS[usize::from(byte >> 4)]));
            address.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn whatever_was_typed_survives_in_an_address() {
        let address = with_query("/products", &[("q", "a&b c/ü".to_owned()), ("sku", "A-1".to_owned())]);
        assert_eq!(address, "/products?q=a%26b%20c%2F%C3%BC&sku=A-1");
        assert_eq!(with_query("/products", &[]), "/products");
    }
}
