//! Workbooks of Excel built part by part, so that a test shows what no program would write.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const TYPES: &str =
    r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;

/// A workbook as its parts, with their names: nothing that a library would not write by itself can be left out of a test otherwise.
#[derive(Clone, Debug)]
pub struct Parts(pub Vec<(String, Vec<u8>)>);

impl Parts {
    /// Sheets by their names and what stands between `<sheetData>` and its end. A name with an underscore before it is hidden.
    #[must_use]
    pub fn of(sheets: &[(&str, &str)]) -> Self {
        let (mut listed, mut relations, mut parts) = (String::new(), String::new(), Vec::new());
        for (place, (name, rows)) in sheets.iter().enumerate() {
            let state = if name.starts_with('_') {
                r#" state="hidden""#
            } else {
                ""
            };
            write!(
                listed,
                r#"<sheet name="{name}" sheetId="{place}"{state} r:id="r{place}"/>"#
            )
            .expect("text");
            write!(
                relations,
                r#"<Relationship Id="r{place}" Type="x/worksheet" Target="worksheets/s{place}.xml"/>"#
            )
            .expect("text");
            parts.push((
                format!("xl/worksheets/s{place}.xml"),
                format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").into_bytes(),
            ));
        }
        relations.push_str(r#"<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/>"#);
        let mut all = Self(vec![
            ("[Content_Types].xml".to_owned(), TYPES.into()),
            (
                "xl/workbook.xml".to_owned(),
                format!("<workbook xmlns:r=\"r\"><sheets>{listed}</sheets></workbook>").into_bytes(),
            ),
            (
                "xl/_rels/workbook.xml.rels".to_owned(),
                format!("<Relationships>{relations}</Relationships>").into_bytes(),
            ),
            ("xl/sharedStrings.xml".to_owned(), "<sst/>".into()),
        ]);
        all.0.append(&mut parts);
        all
    }

    /// With this part in place of the one of its name.
    #[must_use]
    pub fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), bytes.into()));
        self
    }

    /// As a zip file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_and("", [])
    }

    /// The same, with a part that is too large to be held in memory; it comes piece by piece.
    #[must_use]
    pub fn bytes_and(&self, name: &str, pieces: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (known, bytes) in self.0.iter().filter(|(known, _)| known != name) {
            zip.start_file(known, SimpleFileOptions::default()).expect("a part");
            zip.write_all(bytes).expect("a part");
        }
        if !name.is_empty() {
            zip.start_file(name, SimpleFileOptions::default()).expect("a part");
            pieces
                .into_iter()
                .for_each(|piece| zip.write_all(&piece).expect("a part"));
        }
        zip.finish().expect("a zip file").into_inner()
    }
}

/// A row of texts.
#[must_use]
pub fn row(number: usize, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>"))
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}

/// Rows of texts from the first one on.
#[must_use]
pub fn rows(all: &[&[&str]]) -> String {
    all.iter()
        .enumerate()
        .map(|(place, cells)| row(place + 1, cells))
        .collect()
}
