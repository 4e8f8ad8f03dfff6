//! What holds for every workbook there can be: for the fuzz target of [`crate::testing::fuzzing`], in the process itself and without its limits.

use std::fs::File;
use std::io::{Cursor, Seek as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::package::Package;
use super::{Pictures, Sheet, child};
use crate::pictures::IN_SHEET;
use crate::problem::Problem;

/// Begins a part of a workbook that is written as text; its name follows.
const PART: &str = "=== ";
/// Sheets that are read to their end.
const SHEETS: usize = 4;
const PICTURES_MAX: u64 = 1024 * 1024;

/// Reads a zip file, or parts written as text, which a fuzzer changes more easily. Gives what was seen beforehand, and all refusals.
pub(crate) fn read(bytes: &[u8]) -> (Vec<Sheet>, Vec<Problem>) {
    let file = match bytes.strip_prefix(PART.as_bytes()) {
        Some(parts) => written(&packed(parts)),
        None => written(bytes),
    };
    let sheets = Package::open(file.try_clone().expect("a file")).and_then(|mut package| child::sheets(&mut package));
    let sheets = match sheets {
        Ok(sheets) => sheets,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let mut refusals = Vec::new();
    for sheet in sheets.iter().take(SHEETS) {
        refusals.extend(rows(&file, sheet, &sheets).err());
        refusals.extend(pictures(&file, sheet).err());
    }
    (sheets, refusals)
}

/// What is read begins as was seen beforehand.
fn rows(file: &File, sheet: &Sheet, all: &[Sheet]) -> Result<(), Problem> {
    let column = sheet.pictures.map(|column| column.to_string()).unwrap_or_default();
    let mut text = Vec::new();
    child::rows(&mut opened(file), &sheet.name, &column, &mut text)?;
    let text = String::from_utf8(text).expect("rows are text");
    let is_alone = all.iter().filter(|other| other.name == sheet.name).count() == 1;
    let has_pictures = sheet.pictures.is_some() || sheet.beginning.contains(IN_SHEET);
    let is_as_seen = text.starts_with(&sheet.beginning);
    assert!(!is_alone || has_pictures || is_as_seen, "{sheet:?} {text:?}");
    Ok(())
}

/// What is handed over can be taken.
fn pictures(file: &File, sheet: &Sheet) -> Result<(), Problem> {
    let (mut framed, most) = (Vec::new(), PICTURES_MAX.to_string());
    child::hand_over(&mut opened(file), &sheet.name, &most, &mut framed)?;
    let mut pictures = Pictures::new(framed.as_slice(), PICTURES_MAX);
    while pictures.read_next().expect("framed as agreed").is_some() {}
    Ok(())
}

fn opened(file: &File) -> Package {
    let mut file = file.try_clone().expect("a file");
    file.rewind().expect("a file");
    Package::open(file).expect("it could be opened before")
}

fn written(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).and_then(|()| file.rewind()).expect("a file");
    file
}

/// A zip file of these parts: each has its name in its first line.
fn packed(parts: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let text = String::from_utf8_lossy(parts);
    for part in text.split(&format!("\n{PART}")) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        // Of two with one name the second is left out.
        if zip.start_file(name, stored).is_ok() {
            zip.write_all(content.as_bytes()).expect("memory");
        }
    }
    zip.finish().expect("memory").into_inner()
}
