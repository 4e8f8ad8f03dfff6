//! The project's list of bad inputs: what suppliers, tired colleagues and attackers send. Each is answered in words, none with a failure of
//! ours, no row is lost or guessed, and the shop stays as it was where the input cannot be used.
//!
//! Every row is sent to a site of its own, on SQLite and on PostgreSQL. Where no request can bring it about, the row asks the domain.

mod addresses;
mod answers;
mod certificates;
mod deliveries;
#[cfg(target_os = "linux")]
mod memory;
mod receivers;
mod requests;
mod sessions;
mod texts;
mod uploads;
mod workbooks;

use std::ops::RangeInclusive;
use std::pin::Pin;

use stockroom::testing::Kind;

struct Case {
    number: u8,
    sent: &'static str,
    expected: &'static str,
    show: fn(Kind) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

macro_rules! table {
    ($($number:literal $sent:literal => $expected:literal, $show:path;)*) => {
        const TABLE: &[Case] = &[$(Case {
            number: $number,
            sent: $sent,
            expected: $expected,
            show: |kind| Box::pin($show(kind)),
        }),*];
    };
}

table! {
    1 "an empty file" => "422: it has no header", texts::an_empty_file;
    2 "a header alone" => "completed, nothing to do", texts::a_header_alone;
    3 "no line ending at the end" => "the last row is there", texts::no_last_line_ending;
    4 "rows that end with CR, with CRLF and LF by turns" => "all rows are there", texts::mixed_line_endings;
    5 "a byte order mark" => "the header is found", texts::a_byte_order_mark;
    6 "UTF-16 of either order" => "converted", texts::utf16_both;
    7 "Windows-1252" => "detected, shown and right", texts::windows_1252;
    8 "bytes that are no UTF-8 in row 300,001" => "that row is a problem, the rest goes on", texts::one_damaged_row;
    9 "NUL bytes" => "a problem of their row", texts::zero_bytes;
    10 "semicolons, tabs, bars" => "detected and shown", texts::each_delimiter;
    11 "a quotation mark of row 2 of 500,000 that is never closed" => "named, nothing changes", texts::an_unclosed_quotation_mark;
    12 "one cell without an end" => "refused before memory is used up", texts::an_endless_cell;
    13 "16,384 columns" => "422", texts::too_many_columns;
    14 "rows of another width" => "a problem each", texts::ragged_rows;
    15 "`sku` and `SKU`" => "422: both are named", texts::a_doubled_header;
    16 "no column of SKUs" => "422: the headers are listed", texts::no_column_of_skus;
    17 "blanks around headers, wide letters" => "understood", texts::odd_headers;
    18 "blank SKUs" => "a problem each", texts::blank_skus;
    19 "`abc`, `ABC` and `Abc` in one file" => "one product, the last wins, the others are counted", texts::three_cases_of_one_sku;
    20 "`straße` and `STRASSE`, `İ` and `i`" => "the documented fold, the same on both databases", texts::folded_skus;
    21 "an accent composed and decomposed" => "one SKU", texts::accents_of_both_forms;
    22 "invisible characters in SKUs" => "a problem each", texts::invisible_characters;
    23 "a SKU of 10,000 characters" => "a problem of its row", texts::an_endless_sku;
    24 "prices of many countries, and what is none" => "exact or a problem", texts::prices;
    25 "formulas" => "kept as they are, guarded in an export, the same when it comes back", texts::formulas;
    26 "markup in a name" => "text, in answers and on pages", texts::markup;
    27 "file names that are paths, devices or endless" => "only shown", uploads::file_names;
    28 "pictures, programs and archives called .csv" => "415, nothing is kept", uploads::other_formats;
    29 "lengths that lie" => "400 or an end, nothing is kept", uploads::lengths_that_lie;
    30 "more than the limit" => "413 at the limit", uploads::too_large;
    31 "forms without a file, with two, with 10,000 fields, without a boundary" => "400", uploads::odd_forms;
    32 "one upload twice, one after the other and at once" => "one import", uploads::sent_twice;
    33 "a stored file that is changed or lost" => "failed, nothing changes", uploads::a_changed_file;
    34 "a workbook with cells A1 and XFD1048576" => "as large as it is", workbooks::a_far_cell;
    35 "a table of four thousand million texts" => "not believed", workbooks::a_lying_table_of_texts;
    36 "a cell of 512 MiB" => "422", workbooks::a_huge_cell;
    37 "20,000 rows of 16,384 columns" => "streamed", workbooks::wide_rows;
    38 "archives that are cut off, crowded, damaged or lie" => "refused or failed in words", workbooks::damaged_archives;
    39 "a workbook with a password" => "422: it says so", workbooks::a_password;
    40 ".xls, .xlsb, .ods; macros" => "415; passed over", workbooks::other_kinds;
    41 "entities, a document type, links to other files" => "422; nothing is fetched", workbooks::entities_and_links;
    42 "several sheets, hidden and empty ones" => "asked which", workbooks::several_sheets;
    43 "dates, zeros in front, shortened barcodes, 1E5" => "as text, with an alarm", workbooks::numbers_that_were_texts;
    44 "errors and formulas without a value" => "a problem of their row", workbooks::errors_of_formulas;
    45 "titles above the header, merged cells" => "the header is found", workbooks::titles_above;
    46 "JSON that is deep, double, broken, endless or no text" => "400, 413 or 422", requests::odd_json;
    47 "pages and sizes out of range, forged cursors" => "400", requests::odd_pages;
    48 "wildcards, quotation marks and 100 KB to look for" => "taken literally, or 400, 414, 431", requests::odd_searches;
    49 "names of columns that do not exist" => "400", requests::unknown_columns;
    50 "fields that nobody sets" => "422", requests::fields_that_nobody_sets;
    51 "versions that are over" => "409", requests::stale_versions;
    52 "two at once want one SKU" => "one 201, one 409", requests::two_of_one_sku;
    53 "deletion of all without a confirmation, or twice" => "400; one job", requests::unconfirmed_deletions;
    54 "ids of others, of nothing, of no number" => "404", requests::ids_that_lead_nowhere;
    55 "methods of all kinds" => "405 or the answer", requests::odd_methods;
    56 "cookies that are endless, unknown, double or over" => "401, and forgotten", sessions::odd_cookies;
    57 "passwords of 1 MB, with NUL, 200 at once" => "refused", sessions::odd_passwords;
    58 "a forged X-Forwarded-For" => "no way around the limit", sessions::forged_addresses;
    59 "forms from elsewhere" => "403", sessions::forms_from_elsewhere;
    60 "streams of nothing, with a bad id, 1,000 at once" => "404; the state; 429", sessions::odd_streams;
    61 "addresses of this machine in every spelling" => "422, and blocked", addresses::this_machine;
    62 "addresses of clouds' own services" => "422, and blocked", addresses::services_of_clouds;
    63 "private and special ranges" => "422, and blocked", addresses::private_ranges;
    64 "names that lead to them, also later" => "422, and blocked when called", addresses::names_that_lead_there;
    65 "what is no address of a receiver" => "422", addresses::no_addresses;
    66 "the server's own address" => "no storm", addresses::its_own_address;
    67 "redirects" => "shown, not followed", receivers::redirects;
    68 "answers that are endless, drip, are packed or have a head of 100 KB" => "16 KiB, in time", receivers::endless_answers;
    69 "silence, resets, half answers, bad certificates" => "an error with a name", certificates::broken_connections;
    70 "`Retry-After` of all kinds" => "clamped", receivers::wishes_to_be_called_later;
    71 "failures, then success; 410, 429, 204, 299, 301" => "as documented", deliveries::statuses;
    72 "answers that are no text, or markup" => "kept as text", receivers::answers_that_are_no_text;
    73 "webhooks that change while something waits" => "new address and secrets; dropped with it", deliveries::changed_on_the_way;
    74 "headers that are ours, broken or too many" => "422", addresses::odd_headers;
    75 "a product of more than 64 KB" => "named, with the way to it", deliveries::a_large_product;
}

/// Shows all rows of these numbers, one after the other, and then names those that failed.
async fn show(kind: Kind, numbers: RangeInclusive<u8>) {
    let mut failed = Vec::new();
    for case in TABLE.iter().filter(|case| numbers.contains(&case.number)) {
        if tokio::spawn((case.show)(kind)).await.is_err() {
            failed.push(format!("{}: {} => {}", case.number, case.sent, case.expected));
        }
    }
    assert!(failed.is_empty(), "on {kind:?}\n{}", failed.join("\n"));
}

#[test]
fn every_number_of_the_list_is_in_the_table() {
    let numbers: Vec<u8> = TABLE.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=75).collect::<Vec<u8>>());
}

/// Each section of the list on both databases.
macro_rules! sections {
    ($($name:ident $numbers:expr;)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::show(stockroom::testing::Kind::Sqlite, $numbers).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::show(stockroom::testing::Kind::Postgres, $numbers).await;
            })*
        }
    };
}

sections! {
    n01_to_n26_texts 1..=26;
    n27_to_n33_uploads 27..=33;
    n34_to_n45_workbooks 34..=45;
    n46_to_n55_requests 46..=55;
    n56_to_n60_sessions 56..=60;
    n61_to_n66_addresses 61..=66;
    n67_to_n75_receivers 67..=75;
}
