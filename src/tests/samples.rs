//! Real files of suppliers, which are no part of this project: where they lie beside it, each of them must go through.

use std::path::{Path, PathBuf};

use stockroom::audit::Actor;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::{ImportKind, ImportStatus, ImportStep};
use stockroom::testing::{Kind, Shop};

/// File, the step that it waits at, and how many rows it would add, where it is checked.
const FILES: [(&str, ImportStep, i64); 12] = [
    ("abt_products.csv", ImportStep::Match, 0),
    ("awin_feed_bilalithelabel_cp1252_semicolon.csv", ImportStep::Match, 0),
    ("briskk_sku_template.xlsx", ImportStep::Match, 0),
    ("estelessar_template_semicolon.csv", ImportStep::Match, 0),
    ("fulfil_products_medium.csv", ImportStep::Check, 1_998),
    ("google_products_utf16le_tab_excel_unicode.txt", ImportStep::Match, 0),
    ("magento2_sample_configurable.csv", ImportStep::Match, 0),
    ("prestashop14_products_import.csv", ImportStep::Match, 0),
    ("rajpoot_products_large.xlsx", ImportStep::Match, 0),
    ("shopify_template_result_bom.csv", ImportStep::Match, 0),
    ("shopifypartners_apparel.csv", ImportStep::Check, 22),
    ("woocommerce_sample_products.csv", ImportStep::Check, 24),
];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/samples");
    folder.is_dir().then_some(folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_real_file_is_matched_or_asked_about() {
    let Some(folder) = folder() else {
        println!("not run: there are no samples beside this checkout");
        return;
    };
    for (name, step, created) in FILES {
        let shop = Shop::open(Kind::Sqlite).await;
        let bytes = std::fs::read(folder.join(name)).expect("the file can be read");
        let intake = Intake {
            stops: StopsAt::Match,
            ..Intake::at_once(ImportKind::Products, name, Actor::from("test"))
        };
        let import = shop.take_in(intake, bytes).await.expect("the file is taken in");
        shop.work().await;
        let import = shop.see(import.job_id).await;
        assert_eq!(
            import.progress.status,
            ImportStatus::AwaitingConfirmation,
            "{name}: {import:?}"
        );
        let found = import.review.as_ref().map_or(0, |review| review.created);
        println!(
            "{name}: {:?}, {} rows, {found} added, {} with problems",
            import.step, import.progress.read, import.progress.failed
        );
        assert_eq!((import.step, found), (step, created), "{name}");
    }
}
