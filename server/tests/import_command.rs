//! `stockroom import FILE` as somebody types it: the real program, on both databases, by its report and its exit status.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use stockroom::imports::{self, ImportStatus};
use stockroom::testing::{Kind, Shop};

use crate::site::Site;

const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];

/// The program on a shop that a test has opened.
fn command(shop: &Shop, arguments: &[&str]) -> Command {
    let config = &shop.services.config;
    let mut command = Command::new(env!("CARGO_BIN_EXE_stockroom"));
    command
        .arg("import")
        .args(arguments)
        .env("DATABASE_URL", &config.database_url)
        .env("STORAGE_URL", &config.storage_url)
        .env("STOCKROOM_SCRATCH_DIR", &config.scratch_dir)
        .env("STOCKROOM_SECRET_KEY_FILE", &config.secret_key_file)
        .env("STOCKROOM_PUBLIC_URL", "https://shop.example")
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn started(shop: &Shop, arguments: &[&str]) -> Child {
    command(shop, arguments).spawn().expect("the program starts")
}

async fn ended(child: Child) -> Output {
    let waited = tokio::task::spawn_blocking(move || child.wait_with_output());
    waited.await.expect("a thread").expect("the program ends")
}

/// Runs it on a file with this content; gives the exit status and what it prints.
async fn run(shop: &Shop, content: &str, options: &[&str]) -> (i32, String) {
    let file = shop.folder().join("prices.csv");
    std::fs::write(&file, content).expect("the file is written");
    let file = file.display().to_string();
    let arguments: Vec<&str> = std::iter::once(file.as_str()).chain(options.iter().copied()).collect();
    let output = ended(started(shop, &arguments)).await;
    told(&output)
}

fn told(output: &Output) -> (i32, String) {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    (output.status.code().expect("an exit status"), format!("{out}{err}"))
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "“{part}” is missing in: {text}");
    }
}

async fn it_imports_and_says_what_came_of_it(kind: Kind) {
    let shop = Shop::open(kind).await;
    let (status, text) = run(&shop, "sku,name,price\nA,Mug,1.00\nB,Cup,2.00\n", &[]).await;
    assert_eq!(status, 0, "{text}");
    says(
        &text,
        &[
            "Import #1 of prices.csv: finished",
            "2  added",
            "https://shop.example/imports/1",
        ],
    );
    let import = shop.see(1).await;
    assert_eq!(
        (import.created_by.as_str(), import.progress.created),
        ("command line", 2)
    );

    let bad = "sku,name,price\nA,Mug,1.50\nC,Jug,dear\n,Pot,1.00\n";
    let (status, text) = run(&shop, bad, &[]).await;
    assert_eq!(status, 2, "{text}");
    says(
        &text,
        &[
            "1  updated",
            "2  with problems",
            "Price is not a number, column “price”: 1 row",
            "row 3: “dear”",
            "SKU is missing",
            "row 4",
        ],
    );
    assert_eq!(shop.product("A").await.expect("a product").price_minor, Some(150));

    let (status, text) = run(&shop, bad, &["--on-problems", "stop", "--yes"]).await;
    assert_eq!(status, 1, "{text}");
    let (status, text) = run(&shop, bad, &["--on-problems", "stop", "--json"]).await;
    assert_eq!(status, 1, "{text}");
    let report: Value = serde_json::from_str(&text).expect("JSON and nothing else");
    assert_eq!(
        (&report["status"], &report["exit_status"], &report["check"]["failed"]),
        (&"awaiting_confirmation".into(), &1.into(), &2.into())
    );
    assert_eq!(report["problem_groups"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_in_and_its_report_says_what_came_of_it() {
    for kind in KINDS {
        it_imports_and_says_what_came_of_it(kind).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_changes_nothing_and_waits() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        shop.import("sku,name,price\nA,Mug,1.00\n").await;
        let (status, text) = run(&shop, "sku,name,price\nA,Mug,2.00\nB,Cup,1.00\n", &["--check"]).await;
        assert_eq!(status, 0, "{text}");
        says(
            &text,
            &["Nothing has changed yet", "1  would be added", "1  would be updated"],
        );
        assert_eq!(shop.product("A").await.expect("a product").price_minor, Some(100));
        assert!(shop.product("B").await.is_none());
        assert_eq!(shop.see(2).await.progress.status, ImportStatus::AwaitingConfirmation);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_deletes_or_trips_a_wire_must_be_meant() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let file = |price: &str| {
            let rows: String = (0..30).map(|n| format!("T{n},Thing,{price}\n")).collect();
            format!("sku,name,price\n{rows}")
        };
        shop.import(file("1.00")).await;
        let (status, text) = run(&shop, &file("9.00"), &[]).await;
        assert_eq!(status, 3, "{text}");
        says(&text, &["Prices move far (30)", "--yes"]);
        assert_eq!(shop.product("T1").await.expect("a product").price_minor, Some(100));
        let (status, text) = run(&shop, &file("9.00"), &["--yes"]).await;
        assert_eq!(status, 0, "{text}");
        assert_eq!(shop.product("T1").await.expect("a product").price_minor, Some(900));

        let (status, text) = run(&shop, "sku\nT1\n", &["--mode", "delete"]).await;
        assert_eq!(status, 3, "{text}");
        says(&text, &["It deletes 1 product."]);
        assert!(shop.product("T1").await.is_some());
        let (status, text) = run(&shop, "sku\nT1\n", &["--mode", "delete", "--yes"]).await;
        assert_eq!(status, 0, "{text}");
        assert!(shop.product("T1").await.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_imported_is_refused_in_words() {
    let shop = Shop::open(Kind::Sqlite).await;
    for (arguments, words) in [
        (vec!["/nowhere/a.csv"], "/nowhere/a.csv cannot be read"),
        (vec!["/"], "is a folder"),
        (vec!["-", "--mode", "guess"], "add_and_update"),
        (vec!["-", "--missing", "deactivate"], "Choose the catalogue"),
        (
            vec!["-", "--catalog", "Garden"],
            "There is no catalogue called ‘Garden’",
        ),
        (vec!["-", "--check", "--yes"], "cannot be used with"),
        (vec!["-"], "empty"),
    ] {
        let (status, text) = told(&ended(started(&shop, &arguments)).await);
        assert_eq!(status, 1, "{arguments:?}: {text}");
        says(&text, &[words]);
    }
    let (status, text) = run(&shop, "\u{89}PNG\r\n\u{1a}\n\0\0", &[]).await;
    assert_eq!(status, 1, "{text}");
    assert!(imports::open(shop.services.reader()).await.expect("a list").is_empty());
    let kept = std::fs::read_dir(shop.folder().join("files/uploads")).map_or(0, Iterator::count);
    assert_eq!(kept, 0, "what was refused is kept");
    let help = told(&ended(started(&shop, &["--help"])).await);
    assert_eq!(help.0, 0);
    says(&help.1, &["Exit status:", "3  nothing was changed", "--blank-price"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn standard_input_and_the_options_of_the_page_work() {
    let shop = Shop::open(Kind::Sqlite).await;
    shop.import_catalogs("name\nGarden\n").await;
    shop.import("sku,name,price\nA,Mug,1.00\n").await;
    let options = [
        "-",
        "--catalog",
        "garden",
        "--mode",
        "update_only",
        "--blank-price",
        "clear",
    ];
    let mut child = started(&shop, &options);
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(b"sku,name,price\nA,Mug,\nB,Cup,1.00\n").expect("taken");
    drop(stdin);
    let (status, text) = told(&ended(child).await);
    assert_eq!(status, 0, "{text}");
    says(&text, &["of standard input", "1  updated"]);
    let product = shop.product("A").await.expect("a product");
    assert_eq!((product.price_minor, product.catalog_id.is_some()), (None, true));
    assert!(shop.product("B").await.is_none());

    let mut child = started(&shop, &["-", "--kind", "catalogs"]);
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(b"name\nKitchen\n")
        .expect("taken");
    let (status, text) = told(&ended(child).await);
    assert_eq!(status, 0, "{text}");
    says(&text, &["1  added"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_beside_it_may_do_the_work() {
    for kind in KINDS {
        let site = Site::open_with(kind, |_| ()).await;
        let mut file = "sku,name\n".to_owned();
        for n in 0..20_000 {
            writeln!(file, "S{n},Thing").expect("memory takes every row");
        }
        let (status, text) = run(&site.shop, &file, &[]).await;
        assert_eq!(status, 0, "{text}");
        says(&text, &["20,000  added"]);
        assert_eq!(site.shop.see(1).await.progress.created, 20_000);
        site.close().await;
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_cancels() {
    for kind in KINDS {
        let shop = Shop::open(kind).await;
        let mut file = "sku,name,price\n".to_owned();
        for n in 0..300_000 {
            writeln!(file, "S{n},Thing {n},1.00").expect("memory takes every row");
        }
        let path = shop.folder().join("many.csv");
        std::fs::write(&path, file).expect("the file is written");
        let child = started(&shop, &[&path.display().to_string(), "--yes"]);
        loop {
            let open = imports::open(shop.services.reader()).await.expect("a list");
            if open.iter().any(|import| import.progress.read > 0) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        interrupt(&child);
        let (status, text) = told(&ended(child).await);
        assert_eq!(status, 1, "{text}");
        says(&text, &["Cancelling.", "Cancelled"]);
        assert_eq!(shop.see(1).await.progress.status, ImportStatus::Cancelled);
    }
}
