//! 34 to 45: workbooks of Excel, as people, programs and attackers make them.

use reqwest::multipart::{Form, Part};
use serde_json::Value;
use stockroom::testing::Kind;
use stockroom::testing::workbook::{Parts, row, rows};

use super::answers::{checked, counts, name_of, refused, text};
use crate::site::{Site, ask};

fn list() -> String {
    rows(&[&["sku", "name"], &["a", "Mug"], &["b", "Cup"]])
}

fn header() -> String {
    row(1, &["sku", "name"])
}

fn one_sheet(rows: &str) -> Parts {
    Parts::of(&[("S", rows)])
}

/// More rows than are looked at beforehand.
fn many() -> String {
    let rows: String = (2..3_000)
        .map(|number| row(number, &[&format!("s{number}"), "Mug"]))
        .collect();
    header() + &rows
}

async fn refused_with(site: &Site, bytes: Vec<u8>, expected: u16, words: &str) {
    let (status, problem) = refused(site, bytes).await;
    assert_eq!(
        (status, text(&problem["errors"][0]["field"])),
        (expected, "file"),
        "{words}: {problem}"
    );
    assert!(text(&problem["detail"]).contains(words), "{words}: {problem}");
}

pub async fn a_far_cell(kind: Kind) {
    let site = Site::on(kind).await;
    let far = r#"<row r="1048576"><c r="A1048576"><v>7</v></c><c><v>8</v></c><c r="XFD1048576"><v>2</v></c></row>"#;
    let import = site.import(one_sheet(&(header() + far)).bytes()).await;
    assert_eq!(counts(&import), ("completed", 1, 0, 0));
}

pub async fn a_lying_table_of_texts(kind: Kind) {
    let site = Site::on(kind).await;
    let sheet = header() + r#"<row r="2"><c t="s"><v>0</v></c><c><v>1</v></c></row>"#;
    let lying = r#"<sst uniqueCount="4000000000" count="4000000000"><si><t>only-one</t></si></sst>"#;
    let with = |sheet: &str| one_sheet(sheet).with("xl/sharedStrings.xml", lying).bytes();
    let missing = with(&sheet.replace("<v>0</v>", "<v>5</v>"));
    refused_with(&site, missing, 422, "refers to a text that is not there").await;
    assert_eq!(counts(&site.import(with(&sheet)).await), ("completed", 1, 0, 0));
}

pub async fn a_huge_cell(kind: Kind) {
    let site = Site::on(kind).await;
    let begins = b"<worksheet><sheetData><row r=\"1\"><c t=\"inlineStr\"><is><t>".to_vec();
    let ends = b"</t></is></c></row></sheetData></worksheet>".to_vec();
    let cell = std::iter::repeat_n(vec![b'x'; 1024 * 1024], 512);
    let pieces = std::iter::once(begins).chain(cell).chain([ends]);
    let bytes = one_sheet("").bytes_and("xl/worksheets/s0.xml", pieces);
    refused_with(&site, bytes, 422, "more than a million characters").await;
}

pub async fn wide_rows(kind: Kind) {
    let site = Site::on(kind).await;
    let row =
        |n: usize| format!(r#"<row r="{n}"><c r="A{n}"><v>{n}</v></c><c><v>8</v></c><c r="XFD{n}"><v>2</v></c></row>"#);
    let wide: String = (2..20_002).map(row).collect();
    let import = site.import(one_sheet(&(header() + &wide)).bytes()).await;
    assert_eq!(counts(&import), ("completed", 20_000, 0, 0));
}

/// The same archive, whose directory has all entries begin where the first one does.
fn overlapping(archive: &[u8]) -> Vec<u8> {
    const ENTRY: &[u8] = b"PK\x01\x02";
    /// From the beginning of an entry in the directory to the place of what it names.
    const OFFSET: usize = 42;
    let mut bytes = archive.to_vec();
    let entries = archive.windows(ENTRY.len()).enumerate();
    let entries = entries.filter(|(_, window)| *window == ENTRY).map(|(place, _)| place);
    for place in entries.skip(1) {
        bytes[place + OFFSET..place + OFFSET + 4].fill(0);
    }
    bytes
}

pub async fn damaged_archives(kind: Kind) {
    let site = Site::on(kind).await;
    let whole = one_sheet(&list());
    let mut crowded = whole.clone();
    crowded
        .0
        .extend((0..100_000).map(|number| (format!("x/{number}"), Vec::new())));
    let half = {
        let bytes = whole.bytes();
        bytes[..bytes.len() / 2].to_vec()
    };
    let unended = whole
        .clone()
        .with("xl/worksheets/s0.xml", "<worksheet><sheetData><row><c");
    let mut empty = whole.clone();
    empty.0.truncate(1);
    // The entry of another part in the directory leads to the bytes of the sheet: one of the bombs that David Fifield described in 2019.
    let shared = overlapping(&whole.clone().with("xl/other.xml", "<x/>").bytes());
    let nested = Parts(vec![("list.xlsx".to_owned(), whole.bytes())]).bytes();
    for (bytes, status, words) in [
        (shared, 422, "share the same bytes"),
        (nested, 415, "zip file"),
        (half, 415, "cannot be unpacked"),
        (b"PK\x03\x04".to_vec(), 415, "cannot be unpacked"),
        (crowded.bytes(), 422, "50,000 files"),
        (unended.bytes(), 422, "damaged"),
        (empty.bytes(), 422, "damaged"),
    ] {
        refused_with(&site, bytes, status, words).await;
    }
    // What is wrong behind the beginning turns up while the rows are read.
    let mut bytes = one_sheet(&many()).bytes();
    let name = b"xl/worksheets/s0.xml";
    let directory = bytes
        .windows(name.len())
        .rposition(|window| window == name)
        .expect("its entry");
    // In the directory at the end, the checksum stands 30 bytes before the name, and the sizes, packed and not, 26 and 22.
    bytes[directory - 30] ^= 1;
    let import = site.import(bytes.clone()).await;
    assert_eq!(text(&import["status"]), "failed", "{import}");
    assert!(
        text(&import["error"]).contains("Nothing was changed") && name_of(&site, "s2").await.is_none(),
        "{import}"
    );
    bytes[directory - 30] ^= 1;
    for place in [26, 22] {
        bytes[directory - place] ^= 1;
        let answer = site.upload("/api/v1/imports", "list.xlsx", bytes.clone()).await;
        bytes[directory - place] ^= 1;
        if !answer.status().is_client_error() {
            let import: Value = answer.json().await.expect("JSON");
            let import = site.last_event(import["job_id"].as_i64().expect("an id")).await;
            let (status, created, unchanged, _) = counts(&import);
            assert!(
                status == "failed" || created + unchanged == 2_998,
                "all or nothing: {import}"
            );
        }
    }
}

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub async fn a_password(kind: Kind) {
    let site = Site::on(kind).await;
    let mut sealed = OLE.to_vec();
    sealed.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    refused_with(&site, sealed, 422, "password protected").await;
}

pub async fn other_kinds(kind: Kind) {
    let site = Site::on(kind).await;
    let whole = one_sheet(&list());
    let parts = |names: &[&str]| Parts(names.iter().map(|name| ((*name).to_owned(), b"x".to_vec())).collect());
    for (bytes, words) in [
        ([OLE, b" and so on"].concat(), "(.xls)"),
        (whole.clone().with("xl/workbook.bin", "x").bytes(), "(.xlsb)"),
        (parts(&["mimetype", "content.xml"]).bytes(), "(.ods)"),
        (parts(&["list.csv"]).bytes(), "zip file"),
    ] {
        refused_with(&site, bytes, 415, words).await;
    }
    let with_macros = whole.with("xl/vbaProject.bin", "Sub Auto_Open()");
    assert_eq!(counts(&site.import(with_macros.bytes()).await), ("completed", 2, 0, 0));
}

pub async fn entities_and_links(kind: Kind) {
    let site = Site::on(kind).await;
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <worksheet><sheetData><row><c t="inlineStr"><is><t>&b;&x;</t></is></c></row></sheetData></worksheet>"#;
    let whole = one_sheet(&list());
    refused_with(
        &site,
        whole.clone().with("xl/worksheets/s0.xml", bomb).bytes(),
        422,
        "document type",
    )
    .await;
    let linked = whole.with("xl/externalLinks/externalLink1.xml", r#"<externalLink r:id="r9"/>"#);
    assert_eq!(counts(&site.import(linked.bytes()).await), ("completed", 2, 0, 0));
}

pub async fn several_sheets(kind: Kind) {
    let site = Site::on(kind).await;
    let more = rows(&[&["sku", "name", "price"], &["c", "Jug", "1.00"]]);
    let workbook = Parts::of(&[("", ""), ("List", &list()), ("More", &more), ("_Old", &list())]).bytes();
    let (status, problem) = refused(&site, workbook.clone()).await;
    assert_eq!((status, text(&problem["errors"][0]["field"])), (422, "sheet"));
    assert!(text(&problem["detail"]).contains("“List”, “More”"), "{problem}");
    let form = Form::new()
        .text("sheet", "More")
        .part("file", Part::bytes(workbook).file_name("list.xlsx"));
    let answer = site
        .with_key("POST", "/api/v1/imports")
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    let import: Value = answer.json().await.expect("JSON");
    let import = site.last_event(import["job_id"].as_i64().expect("an id")).await;
    assert_eq!(counts(&import), ("completed", 1, 0, 0));
    let hidden = Parts::of(&[("A", ""), ("_B", &list())]).bytes();
    refused_with(&site, hidden, 422, "has no rows").await;
}

/// Dates and zeros in front are in the formats of the cells.
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="170" formatCode="00000"/><numFmt numFmtId="171" formatCode="yyyy-mm-dd"/></numFmts>
    <cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>"#;

pub async fn numbers_that_were_texts(kind: Kind) {
    let site = Site::on(kind).await;
    let sheet = header()
        + r#"<row r="2"><c s="1"><v>123</v></c><c t="str"><v>Zeros</v></c></row>
        <row r="3"><c><v>4.0063813339311E+15</v></c><c t="str"><v>Long</v></c></row>
        <row r="4"><c t="inlineStr"><is><t>1E5</t></is></c><c t="str"><v>Text</v></c></row>
        <row r="5"><c s="2"><v>46082</v></c><c t="str"><v>Date</v></c></row>"#;
    let relations = r#"<Relationships><Relationship Id="r0" Type="x/worksheet" Target="worksheets/s0.xml"/>
        <Relationship Id="t" Type="x/styles" Target="styles.xml"/></Relationships>"#;
    let styled = one_sheet(&sheet)
        .with("xl/styles.xml", STYLES)
        .with("xl/_rels/workbook.xml.rels", relations);
    let from_1904 = styled.clone().with(
        "xl/workbook.xml",
        r#"<workbook xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>"#,
    );
    let import = checked(&site, styled.bytes()).await;
    let alarms = import["check"]["alarms"].as_array().expect("alarms");
    let alarm = |kind: &str| {
        alarms
            .iter()
            .find(|alarm| alarm["kind"] == kind)
            .map(|alarm| alarm["examples"][0]["row"].clone())
    };
    assert_eq!(alarm("scientific_notation"), Some(3.into()), "{alarms:?}");
    assert_eq!(alarm("date_for_sku"), Some(5.into()), "{alarms:?}");
    let path = format!("/imports/{}/apply?confirm=true", import["job_id"]);
    assert_eq!(ask(&site, "POST", &path, None).await.0, 202);
    site.last_event(import["job_id"].as_i64().expect("an id")).await;
    site.import(from_1904.bytes()).await;
    for (sku, name) in [
        ("00123", "Zeros"),
        ("1E5", "Text"),
        ("2026-03-01", "Date"),
        ("2030-03-02", "Date"),
    ] {
        assert_eq!(name_of(&site, sku).await.as_deref(), Some(name), "{sku}");
    }
}

pub async fn errors_of_formulas(kind: Kind) {
    let site = Site::on(kind).await;
    let sheet = row(1, &["sku", "name", "price"])
        + r#"<row r="2"><c><v>7</v></c><c t="e"><f>A1</f><v>#REF!</v></c><c t="e"><v>#REF!</v></c></row>
        <row r="3"><c><v>8</v></c><c><v>9</v></c><c><f>1+1</f></c></row>
        <row r="4"><c><v>9</v></c><c t="str"><v>Fine</v></c><c><f>1+1</f><v>2</v></c></row>"#;
    let import = checked(&site, one_sheet(&sheet).bytes()).await;
    assert_eq!(counts(&import), ("awaiting_confirmation", 1, 0, 2));
    let page = site
        .json(&format!("/api/v1/imports/{}/problems", import["job_id"]))
        .await;
    let items = page["items"].as_array().expect("a list").iter();
    let found: Vec<_> = items.map(|item| (item["row"].as_i64(), text(&item["value"]))).collect();
    assert_eq!(found, [(Some(2), "#REF!"), (Some(3), "=1+1")]);
    let alarms = import["check"]["alarms"].as_array().expect("alarms");
    assert!(
        alarms.iter().any(|alarm| alarm["kind"] == "formula_error"),
        "{alarms:?}"
    );
}

pub async fn titles_above(kind: Kind) {
    let site = Site::on(kind).await;
    let sheet = row(1, &["Our products", "", ""]) + &row(3, &["sku", "name", "price"]) + &row(4, &["a", "Mug", "1.00"]);
    let merged = format!(
        r#"<worksheet><sheetData>{sheet}</sheetData><mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells></worksheet>"#
    );
    let import = site
        .import(one_sheet("").with("xl/worksheets/s0.xml", merged).bytes())
        .await;
    assert_eq!(counts(&import), ("completed", 1, 0, 0));
    assert_eq!(import["format"]["header_row"], 3);
}
