//! Pictures of a workbook: those that lie on a sheet, those that Excel keeps in cells, and those that WPS Office keeps in cells.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use rust_xlsxwriter::{Image, Workbook};
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::{ImportKind, ImportStatus};
use stockroom::storage::StoredFile;
use stockroom::testing::workbook::Parts;
use stockroom::testing::{Kind, Shop};
use stockroom::workbook::{Sheet, refusal};

use crate::pictures::png;

async fn stored(shop: &Shop, bytes: &[u8]) -> StoredFile {
    let storage = &shop.services.storage;
    storage
        .keep_piece("workbook", [bytes.to_vec().into()])
        .await
        .expect("a file");
    storage.open("workbook").await.expect("a file")
}

async fn looked_at(shop: &Shop, bytes: &[u8]) -> Sheet {
    let file = stored(shop, bytes).await;
    shop.services.workbooks.sheets(file).await.expect("sheets").remove(0)
}

/// The rows of a sheet as they are read, with names of pictures in these columns.
fn rows(shop: &Shop, bytes: &[u8], sheet: &str, columns: &[usize]) -> String {
    let workbooks = &shop.services.workbooks;
    let copied = workbooks.copy(Cursor::new(bytes)).expect("a copy");
    let mut text = String::new();
    let mut source = workbooks.rows(&copied, sheet, columns).expect("rows");
    source.read_to_string(&mut text).expect("rows");
    text
}

type Handed = BTreeMap<String, Result<Vec<u8>, String>>;

fn handed_over(shop: &Shop, bytes: &[u8], sheet: &str) -> Handed {
    let workbooks = &shop.services.workbooks;
    let copied = workbooks.copy(Cursor::new(bytes)).expect("a copy");
    let mut source = workbooks.pictures(&copied, sheet).expect("pictures");
    let mut found = BTreeMap::new();
    while let Some(framed) = source.read_next().expect("a picture") {
        found.insert(framed.name, framed.content);
    }
    found
}

fn image(width: u32) -> Image {
    Image::new_from_buffer(&png(width, 10)).expect("a picture")
}

/// A list with pictures on it: in their column, beside the list, between its rows, and a logo above.
fn illustrated() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("List").expect("a name");
    sheet.write(0, 0, "Our list").expect("a cell");
    for (column, header) in [(0, "sku"), (1, "name"), (2, "photo")] {
        sheet.write(2, column, header).expect("a cell");
    }
    for (row, sku) in [(3, "a"), (4, "b"), (7, "c")] {
        sheet.write(row, 0, sku).expect("a cell");
        sheet.write(row, 1, "Mug").expect("a cell");
    }
    sheet.write(7, 2, "https://host/c.png").expect("a cell");
    for (row, column, width) in [(0, 0, 11), (3, 2, 12), (4, 6, 14), (7, 2, 15), (9, 2, 16)] {
        sheet.insert_image(row, column, &image(width)).expect("a picture");
    }
    workbook.save_to_buffer().expect("a workbook")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_on_a_sheet_stand_in_its_rows_and_are_handed_over() {
    let shop = Shop::open(Kind::Sqlite).await;
    let bytes = illustrated();
    let sheet = looked_at(&shop, &bytes).await;
    assert_eq!(
        sheet.beginning,
        "Our list picture:image1.png\n\nsku,name,photo\na,Mug,picture:image2.png\nb,Mug,,picture:image3.png\n\n\nc,Mug,\
         https://host/c.png picture:image4.png\n\n,,picture:image5.png\n"
    );
    assert_eq!(sheet.pictures, Some(3));
    assert_eq!(
        rows(&shop, &bytes, "List", &[2]),
        "Our list,,picture:image1.png\n\nsku,name,photo\na,Mug,picture:image2.png\nb,Mug,picture:image3.png\n\n\nc,Mug,\
         https://host/c.png picture:image4.png\n\n,,picture:image5.png\n"
    );
    let plain = rows(&shop, &bytes, "List", &[]);
    assert!(
        !plain.contains("picture:") && plain.contains("c,Mug,https://host/c.png\n"),
        "{plain}"
    );
    let handed = handed_over(&shop, &bytes, "List");
    assert_eq!(handed.len(), 5);
    assert_eq!(handed["image4.png"], Ok(png(15, 10)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_with_pictures_comes_in_as_one_without_where_nobody_wants_them() {
    let shop = Shop::open(Kind::Sqlite).await;
    let intake = Intake {
        stops: StopsAt::Match,
        ..Intake::at_once(ImportKind::Products, "list.xlsx", "test".into())
    };
    let waiting = shop.take_in(intake, illustrated()).await.expect("taken in");
    let headers: Vec<_> = waiting
        .format
        .columns
        .iter()
        .map(|column| column.header.as_str())
        .collect();
    assert_eq!(
        (waiting.format.header_row, headers),
        (3, vec!["sku", "name", "photo", "Pictures in the sheet"])
    );
    let mut plain = Workbook::new();
    let sheet = plain.add_worksheet();
    for (row, cells) in [["sku", "name"], ["a", "Mug"]].into_iter().enumerate() {
        for (column, cell) in cells.into_iter().enumerate() {
            let (row, column) = (u32::try_from(row).expect("few"), u16::try_from(column).expect("few"));
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    sheet.insert_image(1, 0, &image(3)).expect("a picture");
    sheet.insert_image(5, 0, &image(4)).expect("a picture");
    let import = shop.import(plain.save_to_buffer().expect("a workbook")).await;
    let progress = &import.progress;
    assert_eq!(
        (progress.status, progress.created, progress.failed),
        (ImportStatus::Completed, 1, 0)
    );
    assert!(shop.product("a").await.is_some(), "the SKU is what stands in the cell");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_excel_keeps_in_cells_are_their_values() {
    let shop = Shop::open(Kind::Sqlite).await;
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("List").expect("a name");
    for (column, header) in [(0, "sku"), (1, "photo")] {
        sheet.write(0, column, header).expect("a cell");
    }
    for (row, sku, width) in [(1, "a", 21), (2, "b", 22), (3, "c", 21)] {
        sheet.write(row, 0, sku).expect("a cell");
        sheet.embed_image(row, 1, &image(width)).expect("a picture");
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let read = rows(&shop, &bytes, "List", &[1]);
    let names: Vec<&str> = read
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(",picture:"))
        .map(|(_, name)| name)
        .collect();
    assert!(
        names.len() == 3 && names[0] == names[2] && names[0] != names[1],
        "{read}"
    );
    let handed = handed_over(&shop, &bytes, "List");
    assert_eq!(
        (&handed[names[0]], &handed[names[1]]),
        (&Ok(png(21, 10)), &Ok(png(22, 10)))
    );
    assert_eq!(looked_at(&shop, &bytes).await.beginning, read);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_wps_office_keeps_in_cells_are_their_values() {
    let shop = Shop::open(Kind::Sqlite).await;
    let cell = |id: &str| format!(r#"<c t="str"><f>_xlfn.DISPIMG("{id}",1)</f><v>=DISPIMG("{id}",1)</v></c>"#);
    let sheet = format!(
        r#"<row r="1"><c t="str"><v>sku</v></c><c t="str"><v>photo</v></c></row><row r="2"><c t="str"><v>a</v></c>{}</row>
        <row r="3"><c t="str"><v>b</v></c>{}</row>"#,
        cell("ID_1"),
        cell("ID_9")
    );
    let relations = r#"<Relationships><Relationship Id="r0" Type="x/worksheet" Target="worksheets/s0.xml"/>
        <Relationship Id="c" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/></Relationships>"#;
    let images = r#"<etc:cellImages><etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="ID_1"/></xdr:nvPicPr>
        <xdr:blipFill><a:blip r:embed="r1"/></xdr:blipFill></xdr:pic></etc:cellImage></etc:cellImages>"#;
    let bytes = Parts::of(&[("S", &sheet)])
        .with("xl/_rels/workbook.xml.rels", relations)
        .with("xl/cellimages.xml", images)
        .with(
            "xl/_rels/cellimages.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="x/image" Target="media/image7.png"/></Relationships>"#,
        )
        .with("xl/media/image7.png", png(31, 10))
        .bytes();
    assert_eq!(
        rows(&shop, &bytes, "S", &[1]),
        "sku,photo\na,picture:image7.png\nb,\"=DISPIMG(\"\"ID_9\"\",1)\"\n"
    );
    assert_eq!(
        handed_over(&shop, &bytes, "S"),
        Handed::from([("image7.png".to_owned(), Ok(png(31, 10)))])
    );
}

/// A sheet with one row, whose drawing is this.
fn drawn(drawing: &str) -> Parts {
    let to = |target: &str, kind: &str| {
        format!(r#"<Relationships><Relationship Id="r1" Type="x/{kind}" Target="{target}"/></Relationships>"#)
    };
    Parts::of(&[("S", r#"<row r="1"><c t="str"><v>sku</v></c></row>"#)])
        .with("xl/worksheets/_rels/s0.xml.rels", to("../drawings/d.xml", "drawing"))
        .with("xl/drawings/d.xml", format!("<wsDr>{drawing}</wsDr>"))
        .with("xl/drawings/_rels/d.xml.rels", to("../media/image1.png", "image"))
}

const ANCHOR: &str = r#"<oneCellAnchor><from><col>0</col><row>1</row></from><blip embed="r1"/></oneCellAnchor>"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_picture_that_is_too_large_or_missing_does_not_keep_the_others_out() {
    let shop = Shop::open(Kind::Sqlite).await;
    let large = drawn(ANCHOR)
        .with("xl/media/image1.png", vec![b'x'; 20 * 1024 * 1024 + 1])
        .bytes();
    let missing = drawn(ANCHOR).bytes();
    for (bytes, why) in [(large, "20 MB"), (missing, "not in the workbook")] {
        let handed = handed_over(&shop, &bytes, "S");
        assert!(
            handed["image1.png"]
                .as_ref()
                .is_err_and(|problem| problem.contains(why)),
            "{why}: {:?}",
            handed.keys()
        );
        assert_eq!(rows(&shop, &bytes, "S", &[0]), "sku\npicture:image1.png\n");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drawings_that_were_made_to_do_harm_are_refused_in_words() {
    let shop = Shop::open(Kind::Sqlite).await;
    let many = ANCHOR.repeat(200_001);
    let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaa">]>"#;
    for (drawing, why) in [(many.as_str(), "more than 200,000 pictures"), (bomb, "document type")] {
        let file = stored(&shop, &drawn(drawing).bytes()).await;
        let refused = shop.services.workbooks.sheets(file).await;
        let problem = refused.map_err(stockroom::problem::Problem::from).expect_err(why);
        assert!(
            problem.status == 422 && problem.detail.contains(why),
            "{why}: {problem:?}"
        );
    }
    let copied = shop
        .services
        .workbooks
        .copy(Cursor::new(drawn(&many).bytes()))
        .expect("a copy");
    let mut source = shop.services.workbooks.pictures(&copied, "S").expect("pictures");
    let error = source.read_next().expect_err("too many");
    assert!(refusal(&error).is_some_and(|problem| problem.detail.contains("200,000")));
}
