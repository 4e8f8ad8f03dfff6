//! The shapes of what stands in addresses and headers, for the description alone: `params` and others read it by name. What a type cannot say of
//! them stands in `description`.

use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `wait` reads")]
pub struct IngestParams {
    /// Seconds to wait for the end.
    #[param(minimum = 0, maximum = 60, default = 30, example = 10)]
    wait: Option<u64>,
    /// `true`: find out what the file would do, and change nothing.
    check: Option<bool>,
    /// Must be `true` with the mode `delete`, unless the file is checked first.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `uploads::take_in` reads")]
pub struct UploadParams {
    /// `true`: find out what the file would do, and wait for `POST /imports/{id}/apply`.
    check: Option<bool>,
    /// Must be `true` with the mode `delete`, unless the file is checked first.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read with the corrections")]
pub struct CheckParams {
    /// `true`: find out what the rows would do and wait for `POST /imports/{id}/apply`.
    check: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `emptying` reads")]
pub struct EmptyingParams {
    /// Id of the catalogue into which the products go first, or `none`.
    #[param(pattern = r"^([0-9]{1,18}|none)$", example = "none")]
    move_to: Option<String>,
    /// Whether the products go into the bin first. Needs `confirm=true`.
    delete_products: Option<bool>,
    /// Must be `true` with `delete_products`.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `confirmed` reads")]
pub struct ConfirmParams {
    /// Must be `true`. Without it nothing happens and the answer is 400.
    #[param(example = true)]
    confirm: bool,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `confirmed` reads")]
pub struct MeantParams {
    /// Whether the tripwires that the check has found are known.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `planned` reads")]
pub struct ChangeParams {
    /// Only changes of this kind. As the next two, it narrows what a file that was checked and waits would do; of a job that has done its work
    /// all changes are listed, and the answer to a filter is 409.
    kind: Option<String>,
    /// Only changes of this field.
    field: Option<String>,
    /// Only changes that take a value away.
    cleared: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `bodies::if_match` reads")]
pub struct IfMatch {
    /// `ETag` of the product as it was read. If it has changed since, nothing happens and the answer is 409.
    #[param(
        rename = "If-Match",
        pattern = r#"^(\*|(W/)?("[0-9]{1,18}"|[0-9]{1,18}))$"#,
        example = "\"1\""
    )]
    if_match: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `uploads::idempotency_key` reads")]
pub struct IdempotencyKey {
    /// Any text in ASCII that this program uses for this request only; spaces at its end do not count. Sent again under the same key, the request
    /// does nothing, and is answered with what the first one has made. Another request under it is refused with 422; what is in a file, with the
    /// fields beside it, or in corrected rows, is not compared.
    #[param(
        rename = "Idempotency-Key",
        max_length = 255,
        pattern = r"^[!-~][ -~]*$",
        example = "order-4711"
    )]
    idempotency_key: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `page` reads")]
pub struct PageParams {
    /// Cursor of the row after which the page begins: `next` of the page before, as it was given. Only one of `after`, `before` and `page`.
    after: Option<String>,
    /// Cursor of the row before which the page ends: `prev` of the page after, as it was given.
    before: Option<String>,
    /// Number of the page. Use cursors to go far.
    #[param(minimum = 1, maximum = 10_000_000, example = 1)]
    page: Option<u64>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    size: Option<u64>,
    /// The last page.
    last: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `ImportQuery::take` reads")]
pub struct ImportParams {
    /// What the job is about.
    kind: Option<String>,
    /// How far it is.
    status: Option<String>,
    /// Part of the name of the person or API key that began it, in any case.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "demo")]
    by: Option<String>,
    /// Part of the file's name, in any case.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "prices")]
    file: Option<String>,
    /// Begun on this day or at this moment, or later.
    from: Option<String>,
    /// Begun before this day or moment.
    to: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `forward` reads")]
pub struct ForwardParams {
    /// `next` of the page before, as it was given.
    after: Option<String>,
    /// Changes of a page.
    #[param(minimum = 1, maximum = 100, default = 50, example = 20)]
    size: Option<u64>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `DeliveryQuery::take` reads")]
pub struct DeliveryParams {
    /// How it has gone so far.
    status: Option<String>,
    /// Kind of the event.
    event: Option<String>,
    /// First digit of the answer, or 0 for no answer.
    #[param(minimum = 0, maximum = 5, example = 2)]
    code: Option<i64>,
    /// From this day or moment on.
    from: Option<String>,
    /// Before this day or moment.
    to: Option<String>,
    /// A message id, or the SKU or file that the event is about.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "MUG-1")]
    q: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `ProductQuery::take` reads")]
pub struct ProductParams {
    /// Only these products, 10,000 at most.
    #[param(pattern = r"^[0-9]{1,18}(,[0-9]{1,18})*$", example = "1,2")]
    ids: Option<String>,
    /// Found anywhere in SKU, name or description, in any case; fewer than three letters at the beginning of SKU and name only.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "mug")]
    q: Option<String>,
    /// Beginning of the SKU, in any case.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "MUG")]
    sku: Option<String>,
    /// Found anywhere in the name, in any case.
    #[param(max_length = 1000, pattern = r"^[^\x00]*$", example = "mug")]
    name: Option<String>,
    /// Found anywhere in the description, in any case. Three letters or more.
    #[param(
        min_length = 3,
        max_length = 1000,
        pattern = r"^\s*[^\s\x00][^\x00]+[^\s\x00]\s*$",
        example = "blue"
    )]
    description: Option<String>,
    /// Only products that are for sale, or only those that are not.
    active: Option<bool>,
    /// Only products of this catalogue.
    #[param(example = 1)]
    catalog_id: Option<i64>,
    /// This price or a higher one, in the shop's currency.
    #[param(pattern = r"^[0-9]{1,10}([.,][0-9]{1,2})?$", example = "1.50")]
    price_min: Option<String>,
    /// This price or a lower one.
    #[param(pattern = r"^[0-9]{1,10}([.,][0-9]{1,2})?$", example = "99.90")]
    price_max: Option<String>,
    /// Created on this day or at this moment, or later.
    created_after: Option<String>,
    /// Created before this day or moment.
    created_before: Option<String>,
    /// Changed on this day or at this moment, or later.
    updated_after: Option<String>,
    /// Changed before this day or moment.
    updated_before: Option<String>,
    /// Created or changed by this import.
    import: Option<i64>,
    /// Those in the bin instead.
    deleted: Option<bool>,
    /// In which order; with `-` in front in the opposite one.
    sort: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what the export reads")]
pub struct ExportParams {
    /// CSV, or an Excel workbook.
    format: Option<String>,
    /// Columns from left to right. Without it: `sku,name,description,price,active,catalog`, and whatever else any product has.
    #[param(example = "sku,name,price")]
    columns: Option<String>,
    /// A word of letters and digits under which the page of the same session asks how far the export is.
    #[param(pattern = r"^[A-Za-z0-9]{1,64}$", example = "a1b2c3")]
    progress: Option<String>,
}
