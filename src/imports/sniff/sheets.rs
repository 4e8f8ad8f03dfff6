//! Which sheet of a workbook is meant, and where its header is.

use std::borrow::Cow;

use csv::ByteRecord;

use super::{Layout, Wanted, of_text};
use crate::imports::ImportKind;
use crate::imports::matching::{known_headers, match_columns};
use crate::imports::reading::Rows;
use crate::pictures::IN_SHEET;
use crate::problem::Problem;
use crate::workbook::{Sheet, is_of_name};

pub(super) fn layout(
    kind: ImportKind,
    sheets: &[Sheet],
    column_limit: usize,
    wanted: &Wanted,
) -> Result<Layout, Problem> {
    let of_sheet = |sheet: &Sheet| -> Result<Layout, Problem> {
        // The process that reads the workbook has settled both.
        let wanted = Wanted {
            encoding: Some("UTF-8".to_owned()),
            delimiter: Some(','),
            ..wanted.clone()
        };
        let text = without_pictures(&sheet.beginning);
        let mut layout = of_text(kind, text.as_bytes(), true, column_limit, &wanted)?;
        widen(&mut layout, sheet);
        name_pictures(&mut layout, sheet);
        layout.sheet = Some(sheet.name.clone());
        layout.sheets = shown(sheets);
        Ok(layout)
    };
    if let Some(name) = &wanted.sheet {
        let sheet = sheets.iter().find(|sheet| sheet.name == *name);
        return of_sheet(sheet.ok_or_else(|| which(sheets, "The workbook has no such sheet."))?);
    }
    let filled: Vec<&Sheet> = sheets
        .iter()
        .filter(|sheet| !sheet.is_hidden && !sheet.beginning.is_empty())
        .collect();
    if filled.is_empty() {
        let message = "The workbook has no rows: all its sheets are empty or hidden. Choose a workbook whose first row names its columns.";
        return Err(Problem::new(422, "The file has no header", message).with_field("file", message));
    }
    let mut found = filled.iter().map(|sheet| of_sheet(sheet)).collect::<Vec<_>>();
    if found.len() == 1 {
        return found.remove(0);
    }
    let mut found: Vec<Layout> = found.into_iter().flatten().collect();
    let is_usable = |layout: &Layout| match_columns(kind, &layout.headers, &[]).doubt.is_none();
    let usable = found.iter().filter(|layout| is_usable(layout)).count();
    // The first of those that have the most names in common with what is known.
    let best = (0..found.len())
        .rev()
        .max_by_key(|place| (is_usable(&found[*place]), known_headers(kind, &found[*place].headers)));
    let mut best = found.swap_remove(best.ok_or_else(|| which(sheets, "No sheet of the workbook has a header."))?);
    if usable != 1 {
        best.doubt = Some(which(sheets, "The workbook has several sheets that could be meant."));
    }
    Ok(best)
}

fn shown(sheets: &[Sheet]) -> Vec<String> {
    let shown = sheets.iter().filter(|sheet| !sheet.is_hidden);
    shown.map(|sheet| sheet.name.clone()).collect()
}

fn which(sheets: &[Sheet], what: &str) -> Problem {
    let names: Vec<String> = shown(sheets).into_iter().map(|name| format!("“{name}”")).collect();
    let message = format!("{what} Choose one of its sheets: {}.", names.join(", "));
    Problem::new(422, "Which sheet is it?", message.clone()).with_field("sheet", message)
}

/// Columns beside those of the header that are shown.
const BESIDE: usize = 20;

/// Cells beside the header are columns without a name.
fn widen(layout: &mut Layout, sheet: &Sheet) {
    let Ok(mut rows) = Rows::from_top(
        std::io::Cursor::new(sheet.beginning.clone().into_bytes()),
        &layout.encoding,
        layout.delimiter,
    ) else {
        return;
    };
    let mut record = ByteRecord::new();
    let most = layout.headers.len() + BESIDE;
    let mut widest = layout.headers.len();
    while let Ok(Some(_)) = rows.next(&mut record) {
        widest = widest.max(record.len());
    }
    layout.headers.resize(widest.min(most), String::new());
}

/// What the column of the pictures is called that lie on no other column of the list.
const PICTURES: &str = "Pictures in the sheet";

fn name_pictures(layout: &mut Layout, sheet: &Sheet) {
    let Some(place) = sheet.pictures else { return };
    if layout.headers.len() <= place {
        layout.headers.resize(place + 1, String::new());
    }
    let header = &mut layout.headers[place];
    if header.trim().is_empty() {
        PICTURES.clone_into(header);
    }
}

/// The text without the names of pictures: a logo beside a header is no part of it, and one above it is no row.
fn without_pictures(text: &str) -> Cow<'_, str> {
    if !text.contains(IN_SHEET) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let mut words = String::with_capacity(line.len());
        let mut rest = line;
        while let Some(place) = rest.find(IN_SHEET) {
            let (before, name) = rest.split_at(place);
            let after = name[IN_SHEET.len()..].trim_start_matches(is_of_name);
            if before.is_empty() || before.ends_with([',', ' ', '"']) {
                words.push_str(before.strip_suffix(' ').unwrap_or(before));
            } else {
                words.push_str(&rest[..rest.len() - after.len()]);
            }
            rest = after;
        }
        words.push_str(rest);
        if line.contains(IN_SHEET) && words.trim_matches(',').is_empty() {
            words.clear();
        }
        kept.push_str(&words);
        kept.push_str(end);
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::layout;
    use crate::imports::ImportKind;
    use crate::imports::sniff::{Layout, Wanted};
    use crate::problem::Problem;
    use crate::workbook::Sheet;

    fn sheet(name: &str, beginning: &str) -> Sheet {
        Sheet {
            name: name.to_owned(),
            beginning: beginning.to_owned(),
            is_whole: true,
            is_hidden: name.starts_with('_'),
            pictures: None,
        }
    }

    fn found(sheets: &[Sheet], wanted: Option<&str>) -> Result<Layout, Problem> {
        let wanted = Wanted {
            sheet: wanted.map(str::to_owned),
            ..Wanted::default()
        };
        layout(ImportKind::Products, sheets, 100, &wanted)
    }

    #[test]
    fn pictures_are_no_part_of_a_header_and_have_a_column_of_their_own_where_they_need_one() {
        let mut list = sheet(
            "List",
            "picture:logo.png,,picture:b.png\n\nsku,name,\"Photo picture:c.png\"\na,Mug,picture:d.png,picture:e.png\n",
        );
        let layout = found(&[list.clone()], None).expect("a layout");
        assert_eq!((layout.header_row, layout.headers.len()), (3, 4));
        assert_eq!(layout.headers, ["sku", "name", "Photo", ""]);
        list.pictures = Some(3);
        let layout = found(&[list.clone()], None).expect("a layout");
        assert_eq!(layout.headers[2..], ["Photo", "Pictures in the sheet"]);
        list.pictures = Some(2);
        let layout = found(&[list], None).expect("a layout");
        assert_eq!(layout.headers, ["sku", "name", "Photo", ""], "what has a name keeps it");
    }

    #[test]
    fn the_one_sheet_with_skus_is_meant() {
        let sheets = [
            sheet("Read me", "How to use this list\n"),
            sheet("_old", "sku,name\n1,2\n"),
            sheet("Prices", "List 2026\n\nsku,name\n1,2,note\n"),
            sheet("Empty", ""),
        ];
        let layout = found(&sheets, None).expect("a layout");
        assert_eq!((layout.sheet.as_deref(), layout.header_row), (Some("Prices"), 3));
        assert_eq!(layout.headers, ["sku", "name", ""]);
        assert_eq!(layout.sheets, ["Read me", "Prices", "Empty"]);
        assert!(layout.doubt.is_none());
        let hidden = found(&sheets, Some("_old")).expect("named");
        assert_eq!(hidden.sheet.as_deref(), Some("_old"));
        assert_eq!(found(&sheets, Some("Other")).expect_err("none").status, 422);
    }

    #[test]
    fn two_sheets_with_skus_are_asked_about_and_so_are_two_without() {
        let layout = found(
            &[
                sheet("A", "x,y\n"),
                sheet("B", "sku\n1\n"),
                sheet("C", "sku,name\n1,2\n"),
            ],
            None,
        );
        let layout = layout.expect("a layout");
        assert_eq!(layout.sheet.as_deref(), Some("C"));
        let doubt = layout.doubt.expect("a question");
        assert_eq!(doubt.errors[0].field, "sheet");
        let neither = found(&[sheet("A", "x,y\n"), sheet("B", "z\n")], None).expect("a layout");
        assert!(neither.doubt.is_some() && neither.sheet.as_deref() == Some("A"));
    }

    #[test]
    fn a_workbook_without_rows_is_refused() {
        assert_eq!(
            found(&[sheet("A", ""), sheet("_B", "sku\n")], None)
                .expect_err("empty")
                .status,
            422
        );
    }
}
