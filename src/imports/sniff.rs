//! What kind of file this is: its encoding, its delimiter and its header row, from its first bytes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::mapping::{known_headers, match_columns};
use super::{FileFormat, ImportKind};
use crate::problem::Problem;

/// How much of a file is looked at.
pub(super) const SAMPLE: u64 = 256 * 1024;

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// The format of the file that begins with `sample`; `whole` when there is nothing after it.
///
/// # Errors
/// When it is empty, not text, or its first row is not a header that can be used.
pub(super) fn sniff(kind: ImportKind, sample: &[u8], whole: bool, column_limit: usize) -> Result<FileFormat, Problem> {
    if sample.is_empty() {
        return Err(no_header(
            "The file is empty: it has no header. Choose a file whose first row names its columns.",
        ));
    }
    refuse_other_formats(sample)?;
    let encoding = encoding_of(sample);
    let (text, _, _) = encoding.decode(sample);
    if looks_binary(&text) {
        return Err(not_text());
    }
    let (delimiter, headers) = header(kind, &text, whole, column_limit)?;
    let columns = match_columns(kind, &headers)?;
    Ok(FileFormat {
        encoding: encoding.name().to_owned(),
        delimiter,
        columns,
    })
}

fn no_header(message: &str) -> Problem {
    Problem::new(422, "The file has no header", message).with_field("file", message)
}

fn not_text() -> Problem {
    let message = "The file is not a CSV file. Save it as CSV and choose it again.";
    Problem::new(415, "This kind of file cannot be imported", message).with_field("file", message)
}

/// Refuses what its first bytes name as something else.
/// Source of the numbers: the formats' own specifications (PKZIP, gzip RFC 1952, PNG, ELF, PDF, OLE compound file).
fn refuse_other_formats(sample: &[u8]) -> Result<(), Problem> {
    const EXCEL: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];
    const OTHERS: [&[u8]; 8] = [
        b"\x1f\x8b",
        b"\x89PNG",
        b"\x7fELF",
        b"%PDF",
        b"\xff\xd8\xff",
        b"GIF8",
        b"BZh",
        b"\xfd7zXZ",
    ];
    if EXCEL.iter().any(|magic| sample.starts_with(magic)) {
        let message = "This is an Excel workbook or a zip file. In Excel choose “Save as”, then “CSV UTF-8”, and import that file.";
        return Err(Problem::new(415, "This kind of file cannot be imported", message).with_field("file", message));
    }
    if OTHERS.iter().any(|magic| sample.starts_with(magic)) {
        return Err(not_text());
    }
    Ok(())
}

/// A byte order mark decides; then valid UTF-8; then the pattern of zero bytes of UTF-16; then the likeliest older encoding.
fn encoding_of(sample: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return encoding;
    }
    if let Some(encoding) = utf16_without_mark(sample) {
        return encoding;
    }
    if mostly_utf8(sample) {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

fn utf16_without_mark(sample: &[u8]) -> Option<&'static Encoding> {
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = sample.len() / 2;
    let (even, odd) = (zeros(0), zeros(1));
    match (even * 10 > pairs * 4, odd * 10 > pairs * 4) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether the sample is UTF-8, perhaps with a few damaged places: more whole sequences than damaged ones.
fn mostly_utf8(sample: &[u8]) -> bool {
    let good: usize = sample
        .utf8_chunks()
        .map(|chunk| chunk.valid().bytes().filter(|byte| *byte >= 0xc0).count())
        .sum();
    let damaged = sample.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    // The sample may end in the middle of a sequence, which is no damage.
    let cut_off = std::str::from_utf8(sample).is_err_and(|error| error.error_len().is_none());
    damaged == 0 || (damaged == 1 && cut_off) || good > damaged
}

fn looks_binary(text: &str) -> bool {
    let total = text.chars().count();
    let odd = text
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        .count();
    odd * 20 > total
}

/// The delimiter under which most headers are known; if none is, the one that gives most columns.
fn header(kind: ImportKind, text: &str, whole: bool, column_limit: usize) -> Result<(char, Vec<String>), Problem> {
    let mut best: Option<((usize, usize), char, Vec<String>)> = None;
    for delimiter in DELIMITERS {
        let headers = first_record(text, delimiter, whole)?;
        let score = (known_headers(kind, &headers), headers.len());
        if best.as_ref().is_none_or(|(better, ..)| score > *better) {
            best = Some((score, delimiter, headers));
        }
    }
    let (_, delimiter, headers) = best.unwrap_or(((0, 0), ',', Vec::new()));
    if headers.iter().all(|header| header.trim().is_empty()) {
        return Err(no_header(
            "The first row is empty. Put the names of the columns there and import the file again.",
        ));
    }
    if headers.len() > column_limit {
        let message = format!(
            "The file has {} columns; at most {column_limit} can be imported. Remove the columns that are not needed.",
            headers.len()
        );
        return Err(Problem::new(422, "The file has too many columns", message.clone()).with_field("file", message));
    }
    Ok((delimiter, headers))
}

fn first_record(text: &str, delimiter: char, whole: bool) -> Result<Vec<String>, Problem> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let found = reader.read_record(&mut record).unwrap_or(false);
    let cut_off = !whole && reader.position().byte() >= text.len() as u64;
    if cut_off {
        return Err(no_header(
            "The first row does not end within 256 KB. Check that its quotation marks are closed and that the file is CSV.",
        ));
    }
    Ok(if found {
        record.iter().map(str::to_owned).collect()
    } else {
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::sniff;
    use crate::imports::{FileFormat, ImportKind};
    use crate::problem::Problem;

    fn sniffed(bytes: &[u8]) -> Result<FileFormat, Problem> {
        sniff(ImportKind::Products, bytes, true, 100)
    }

    #[test]
    fn each_delimiter_is_found_even_among_many_others() {
        for (text, delimiter) in [
            ("sku,name\n", ','),
            ("sku;\"name, long\";price\n1;a,b,c,d;2\n", ';'),
            ("sku\tname\n", '\t'),
            ("sku|name\n", '|'),
            ("sku", ','),
        ] {
            assert_eq!(
                sniffed(text.as_bytes()).expect("a header").delimiter,
                delimiter,
                "{text}"
            );
        }
    }

    #[test]
    fn encodings_are_found_with_and_without_a_mark() {
        let utf16 = |little: bool, mark: bool| -> Vec<u8> {
            let text = if mark {
                "\u{feff}sku,name\né,é\n"
            } else {
                "sku,name\né,é\n"
            };
            let pair = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            text.encode_utf16().flat_map(pair).collect()
        };
        for (bytes, name) in [
            ("\u{feff}sku,name\n".as_bytes().to_vec(), "UTF-8"),
            ("sku,name\né,ü\n".as_bytes().to_vec(), "UTF-8"),
            (utf16(true, true), "UTF-16LE"),
            (utf16(false, true), "UTF-16BE"),
            (utf16(true, false), "UTF-16LE"),
            (b"sku,name\n1,Caf\xe9 cr\xe8me\n".to_vec(), "windows-1252"),
        ] {
            let format = sniffed(&bytes).expect("a header");
            assert_eq!(format.encoding, name);
            assert_eq!(format.columns[0].field.as_deref(), Some("sku"), "{name}");
        }
    }

    #[test]
    fn a_damaged_place_does_not_turn_utf8_into_something_else() {
        assert_eq!(
            sniffed(b"sku,name\n1,\xc3\xa9\xc3\xa9\n2,\xff\n")
                .expect("a header")
                .encoding,
            "UTF-8"
        );
    }

    #[test]
    fn what_is_no_csv_is_refused_by_its_first_bytes() {
        for bytes in [
            &b"PK\x03\x04rest"[..],
            b"\x1f\x8b\x08",
            b"\x89PNG\r\n",
            b"\x7fELF\x02",
            b"\0\x01\x02\0\0\0\0\x01",
        ] {
            assert_eq!(sniffed(bytes).expect_err("no text").status, 415, "{bytes:?}");
        }
    }

    #[test]
    fn empty_files_and_blank_headers_are_refused() {
        assert_eq!(sniffed(b"").expect_err("empty").status, 422);
        assert_eq!(sniffed(b",,,\n1,2,3,4\n").expect_err("blank").status, 422);
        assert_eq!(sniffed("sku,".repeat(200).as_bytes()).expect_err("wide").status, 422);
    }
}
