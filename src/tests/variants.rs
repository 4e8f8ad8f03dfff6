//! Files say which products are variants of which: by the SKU of the parent, or by a handle as Shopify's do.

use stockroom::audit::Actor;
use stockroom::imports::intake::{Intake, StopsAt};
use stockroom::imports::preview::ChangeFilter;
use stockroom::imports::{self, ImportKind, ImportStatus};
use stockroom::products::{self, Product};
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;
use crate::seen::{counts, pairs, problems};

const FAMILY: &str = "parent_sku,sku,name,colour,size\nmug,a-mug-red,Red mug,Red,M\nMUG,b-mug-blue,Blue mug,Blue,\n,mug,Mug,\"Red, Blue\",\n";

/// SKU of the parent, and the options.
async fn family(shop: &Shop, sku: &str) -> (Option<String>, Vec<(String, String)>) {
    let Product { parent_id, options, .. } = shop.product(sku).await.expect(sku);
    let skus = products::skus_of(shop.services.reader(), parent_id.into_iter().collect())
        .await
        .expect("SKUs");
    (skus.into_values().next(), options.into_iter().collect())
}

on_both! {
    async fn variants_find_their_parent_wherever_it_stands_in_the_file(shop: Shop) {
        let import = shop.import(FAMILY).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 3, 0, 0, 0), "{import:?}");
        assert_eq!(family(&shop, "a-mug-red").await, (Some("mug".into()), pairs(&[("Colour", "Red"), ("Size", "M")])));
        assert_eq!(family(&shop, "b-mug-blue").await, (Some("mug".into()), pairs(&[("Colour", "Blue")])));
        assert_eq!(family(&shop, "mug").await, (None, Vec::new()), "a parent lists what its variants are");
        assert_eq!(counts(&shop.import(FAMILY.replace(",M\n", ",M \n")).await), (ImportStatus::Completed, 0, 0, 3, 0));
    }

    async fn a_product_goes_to_another_parent_and_back(shop: Shop) {
        shop.import(FAMILY).await;
        let before = shop.product("a-mug-red").await.expect("a variant");
        let import = shop.import("parent_sku,sku,name,colour\ncup,a-mug-red,,Green\n,cup,Cup,\n").await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 1, 1, 0, 0), "{import:?}");
        assert_eq!(family(&shop, "a-mug-red").await, (Some("cup".into()), pairs(&[("Colour", "Green")])));
        let history = stockroom::changes::history(shop.services.reader(), before.id).await.expect("a history");
        let (was, is) = &history[0].fields["parent_id"];
        let cup = shop.product("cup").await.expect("a cup").id;
        assert_eq!((was.as_i64(), is.as_i64()), (before.parent_id, Some(cup)));
        let undone = shop.undo(import.job_id).await;
        assert_eq!(counts(&undone).0, ImportStatus::Completed, "{undone:?}");
        assert_eq!(family(&shop, "a-mug-red").await, (Some("mug".into()), pairs(&[("Colour", "Red"), ("Size", "M")])));
        shop.undo(undone.job_id).await;
        assert_eq!(family(&shop, "a-mug-red").await, (Some("cup".into()), pairs(&[("Colour", "Green")])));
    }

    async fn a_check_shows_parents_by_their_skus(shop: Shop) {
        shop.import(FAMILY).await;
        let intake = Intake { stops: StopsAt::Check, ..Intake::at_once(ImportKind::Products, "x.csv", Actor::from("test")) };
        let file = "parent_sku,sku,name,size\ncup,a-mug-red,,\ncup,new,New,L\n,cup,Cup,\n";
        let import = shop.take_in(intake, file).await.expect("taken in");
        shop.work().await;
        let import = shop.see(import.job_id).await;
        let review = import.review.clone().expect("a review");
        assert_eq!((review.created, review.updated), (2, 1));
        let page = imports::planned_changes(&shop.services, &import, ChangeFilter::default(), 0, 10).await.expect("changes");
        let found: Vec<_> = page.items.iter().map(|change| (change.sku.as_str(), change.fields.get("parent").map(|(was, is)| (was.as_str(), is.as_str())))).collect();
        assert_eq!(found, [("cup", None), ("a-mug-red", Some((Some("mug"), Some("cup")))), ("new", Some((None, Some("cup"))))]);
        assert_eq!(page.items[2].fields["options"].1["Size"], "L");
        imports::apply(&shop.services.database, import.job_id, &Actor::from("test"), imports::Answer { is_meant: true, review: None }).await.expect("confirmed");
        shop.work().await;
        assert_eq!(family(&shop, "new").await.0.as_deref(), Some("cup"));
    }

    async fn rows_of_one_handle_are_one_product_with_its_variants(shop: Shop) {
        let file = "Handle,Title,Body (HTML),Vendor,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src,Status\n\
            shirt,Shirt,Soft,Us,Size,S,Colour,Red,sh-s,10.00,https://example.com/1.png,active\n\
            shirt,,,,,M,,Red,sh-m,11.00,,\n\
            shirt,,,,,,,,,,https://example.com/2.png,\n\
            shirt,,,,Size,L,Colour,Blue,,12.00,,\n\
            hat,Hat,,Us,Title,Default Title,,,,5.00,,draft\n";
        let import = shop.import(file).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 4, 0, 0, 0), "{import:?}");
        assert_eq!(family(&shop, "sh-s").await, (None, pairs(&[("Colour", "Red"), ("Size", "S")])));
        assert_eq!(family(&shop, "shirt-L-Blue").await, (Some("sh-s".into()), pairs(&[("Colour", "Blue"), ("Size", "L")])));
        let medium = shop.product("sh-m").await.expect("a shirt");
        assert_eq!((medium.name.as_str(), medium.description.as_str(), medium.price_minor, medium.active), ("Shirt", "Soft", Some(1_100), true));
        let hat = shop.product("hat").await.expect("a hat");
        assert!(!hat.active && hat.parent_id.is_none() && hat.options.is_empty());
        let made: Vec<_> = problems(&shop, &import).await;
        assert_eq!(made, [(5, "sku_made", Some("shirt-L-Blue".into())), (6, "sku_made", Some("hat".into()))]);
        assert_eq!(counts(&shop.import(file.replace("12.00", "12.50")).await), (ImportStatus::Completed, 0, 1, 3, 0));
    }

    async fn what_cannot_be_a_parent_is_said_and_the_row_is_used(shop: Shop) {
        shop.import(FAMILY).await;
        let file = "parent_sku,sku,name\nself,self,Self\nnobody,x1,X\na-mug-red,x2,X\nx4,x3,X\nmug,x4,X\n";
        let import = shop.import(file).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 5, 0, 0, 0), "{import:?}");
        let unusable = problems(&shop, &import).await;
        let rows: Vec<_> = unusable.iter().map(|(row, kind, value)| (*row, *kind, value.as_deref().unwrap_or_default())).collect();
        assert_eq!(rows, [
            (2, "parent_unusable", "self"),
            (3, "parent_unusable", "nobody"),
            (4, "parent_unusable", "a-mug-red"),
            (5, "parent_unusable", "x4"),
        ]);
        assert_eq!(family(&shop, "x4").await.0.as_deref(), Some("mug"));
        assert_eq!(family(&shop, "x3").await.0, None);
        let with_variants = shop.import("parent_sku,sku,name\nx1,mug,Jug\n").await;
        assert_eq!(counts(&with_variants), (ImportStatus::Completed, 0, 1, 0, 0));
        assert_eq!(problems(&shop, &with_variants).await, [(2, "parent_unusable", Some("x1".into()))]);
    }

    async fn a_stopped_worker_leaves_no_variant_without_its_parent(shop: Shop) {
        // Parents come last in the file and first in the work; children of other batches find them.
        let file = CsvFile::header(["sku", "name", "parent_sku", "size"])
            .rows(24_000, |n| [format!("child-{n:05}"), "Child".into(), format!("parent-{:02}", n % 50), format!("{n}")])
            .rows(50, |n| [format!("parent-{n:02}"), "Parent".into(), String::new(), String::new()]);
        let waiting = shop.upload(ImportKind::Products, file.bytes()).await.expect("taken in");
        let stop = tokio_util::sync::CancellationToken::new();
        let neighbour = shop.neighbour().await;
        let mut news = neighbour.live.subscribe(waiting.job_id);
        let stopper = tokio::spawn({
            let stop = stop.clone();
            async move {
                drop(news.wait_for(|progress| progress.as_ref().is_some_and(|progress| progress.created > 0)).await);
                stop.cancel();
            }
        });
        stockroom::jobs::Task::run_next(&neighbour.importer(), &stop).await.expect("it stops in order");
        stopper.abort();
        shop.work().await;
        let import = shop.see(waiting.job_id).await;
        assert_eq!(counts(&import), (ImportStatus::Completed, 24_050, 0, 0, 0));
        let parent = shop.product("parent-07").await.expect("a parent");
        let variants = products::variants(shop.services.reader(), parent.id).await.expect("variants");
        assert_eq!(variants.len(), 100, "a page of its 480");
        assert_eq!(counts(&shop.import(file.bytes()).await), (ImportStatus::Completed, 0, 0, 24_050, 0));
    }
}
