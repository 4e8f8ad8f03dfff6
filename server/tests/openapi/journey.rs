//! Calls of every operation. What a call brings goes into the next.

use serde_json::{Value, json};
use stockroom::pictures;
use stockroom::testing::{Receiver, Reply};

use super::client::{Journey, With, at};

const CSV: &str = "sku,name,price\nCUP-1,Cup,3.50\nCUP-2,,1.00\n";

/// Whoever fetches prices there gets one.
async fn supplier() -> Receiver {
    let body = "sku,name,price\nMUG-1,Enamel mug,12.49\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Receiver::answering(move |_, _| Reply::Raw(head.clone().into_bytes())).await
}

impl Journey<'_> {
    pub async fn catalogues(&mut self) {
        let id = self.plain("create_catalog", 201).await["id"].clone();
        self.plain("list_catalogs", 200).await;
        self.of("get_catalog", 200, &id).await;
        self.of("replace_catalog", 200, &id).await;
        self.of("change_catalog", 200, &id).await;
        self.call(
            "list_products_of_catalog",
            200,
            With::values(&[("catalog_id", id.to_string())]),
        )
        .await;
        self.of("delete_catalog", 204, &id).await;
    }

    pub async fn products(&mut self) {
        let id = self.plain("create_product", 201).await["id"].clone();
        self.of("get_product", 200, &id).await;
        self.of("replace_product", 200, &id).await;
        let values = [("id", id.to_string()), ("If-Match", "\"7\"".to_owned())];
        self.call("change_product", 409, With::values(&values)).await;
        self.of("change_product", 200, &id).await;
        for list in ["list_products", "list_top_products"] {
            assert_eq!(self.plain(list, 200).await["total"], 1);
        }
        assert!(
            self.of("get_product_history", 200, &id).await["total"]
                .as_i64()
                .is_some_and(|changes| changes > 0)
        );
        self.of("get_product_fields", 200, &id).await;
        self.of("list_product_pictures", 200, &id).await;
        self.plain("export_products", 200).await;
        let workbook = [("format", "xlsx".to_owned())];
        self.call("export_products", 200, With::values(&workbook)).await;
        self.of("delete_product", 204, &id).await;
        self.of("get_product", 404, &id).await;
        self.of("restore_product", 200, &id).await;
    }

    pub async fn webhooks(&mut self) {
        let receiver = Receiver::start().await;
        let url = receiver.url();
        let fields = json!({ "url": url });
        let id = self.call("create_webhook", 201, With::fields(fields.clone())).await["id"].clone();
        self.plain("list_webhooks", 200).await;
        self.of("get_webhook", 200, &id).await;
        let values = at(&id);
        self.call("replace_webhook", 200, With::values(&values).and(fields))
            .await;
        self.of("change_webhook", 200, &id).await;
        let delivery = self.of("test_webhook", 200, &id).await["delivery_id"].clone();
        assert_eq!(self.of("list_deliveries", 200, &id).await["total"], 1);
        let values = [("id", id.to_string()), ("delivery", delivery.to_string())];
        self.call("get_delivery", 200, With::values(&values)).await;
        self.call("replay_delivery", 202, With::values(&values)).await;
        self.of("replay_failed_deliveries", 409, &id).await;
        self.of("rotate_secret", 200, &id).await;
        self.of("delete_webhook", 204, &id).await;
    }

    pub async fn schedules(&mut self) {
        let supplier = supplier().await;
        let fields = json!({ "address": format!("http://127.0.0.1:{}/prices.csv", supplier.port()) });
        let id = self.call("create_schedule", 201, With::fields(fields.clone())).await["id"].clone();
        self.plain("list_schedules", 200).await;
        let values = at(&id);
        self.call("replace_schedule", 200, With::values(&values).and(fields))
            .await;
        self.of("change_schedule", 200, &id).await;
        self.of("run_schedule", 202, &id).await;
        let run = self.run_ends(&id).await;
        assert_eq!(run["status"], "completed", "{run}");
        let schedule = self.of("get_schedule", 200, &id).await;
        assert_eq!(schedule["last_run"], run);
        self.of("delete_schedule", 204, &id).await;
    }

    /// The only run of a schedule, when nothing more happens by itself.
    async fn run_ends(&mut self, id: &Value) -> Value {
        loop {
            let run = self.of("list_schedule_runs", 200, id).await["items"][0].clone();
            let status = run["status"].as_str().unwrap_or_default();
            if !["asked", "fetching", "checking", "applying"].contains(&status) {
                return run;
            }
            tokio::task::yield_now().await;
        }
    }

    pub async fn imports(&mut self) {
        let id = self
            .call(
                "create_import",
                202,
                With {
                    bytes: Some(CSV),
                    ..With::default()
                },
            )
            .await["job_id"]
            .clone();
        let ended = self.of("watch_import", 200, &id).await;
        assert_eq!((&ended["status"], &ended["failed"]), (&json!("completed"), &json!(1)));
        for operation in [
            "watch_job",
            "get_import",
            "get_job",
            "list_import_problems",
            "get_problem_rows",
            "get_problem_workbook",
            "get_import_file",
            "list_import_changes",
        ] {
            self.of(operation, 200, &id).await;
        }
        self.plain("list_imports", 200).await;
        let values = at(&id);
        let fields = json!({"rows": [{"row": 3, "cells": {"name": "Large cup"}}]});
        let begun = self.call("correct_rows", 202, With::values(&values).and(fields)).await["job_id"].clone();
        self.of("watch_job", 200, &begun).await;
        let undo = self.of("undo_import", 202, &begun).await["job_id"].clone();
        self.of("watch_job", 200, &undo).await;
        self.of("undo_job", 202, &undo).await;
        self.of("cancel_job", 409, &id).await;
        for operation in ["upload", "import_products", "import_catalogs"] {
            let file = (operation == "import_catalogs").then_some("name\nGarden\n");
            let id = self
                .call(
                    operation,
                    202,
                    With {
                        bytes: file,
                        ..With::default()
                    },
                )
                .await["job_id"]
                .clone();
            self.of("watch_job", 200, &id).await;
        }
        self.plain("ingest", 200).await;
    }

    /// Files that are checked first.
    pub async fn checked_imports(&mut self) {
        let check = [("check", "true".to_owned())];
        let with = || With {
            values: &check,
            bytes: Some("sku,name\nJAR-1,Jar\n"),
            ..With::default()
        };
        let id = self.call("create_import", 202, with()).await["job_id"].clone();
        let waits = self.waits(&id).await;
        assert!(waits["check"].is_object());
        self.of("list_import_changes", 200, &id).await;
        self.of("apply_import", 202, &id).await;
        self.of("watch_import", 200, &id).await;
        let again = self.of("repeat_import", 202, &id).await["job_id"].clone();
        self.waits(&again).await;
        self.of("cancel_import", 202, &again).await;
    }

    /// As its stream tells it, which does not end as long as an import waits.
    async fn waits(&mut self, id: &Value) -> Value {
        loop {
            let import = self.of("get_import", 200, id).await;
            if import["status"] == "awaiting_confirmation" {
                return import;
            }
            assert_ne!(import["status"], "failed", "{import}");
            tokio::task::yield_now().await;
        }
    }

    pub async fn uploads(&mut self) {
        self.plain("get_upload_abilities", 204).await;
        for by_post in [false, true] {
            let begun = self
                .call("begin_upload", 201, With::values(&[("Upload-Length", "4".to_owned())]))
                .await;
            let address = begun["location"].as_str().expect("an address").to_owned();
            let id = address.rsplit('/').next().expect("an id").to_owned();
            let values = [("id", id), ("Upload-Offset", "0".to_owned())];
            let sent = if by_post { "send_bytes_by_post" } else { "send_bytes" };
            self.call(
                sent,
                204,
                With {
                    values: &values,
                    bytes: Some("sku\n"),
                    ..With::default()
                },
            )
            .await;
            self.call("get_upload", 200, With::values(&values)).await;
            self.call("delete_upload", 204, With::values(&values)).await;
        }
    }

    pub async fn many_products(&mut self) {
        for operation in [
            "act_on_products",
            "delete_selected_products",
            "delete_products",
            "delete_products_in_bulk",
        ] {
            let id = self.plain(operation, 202).await["job_id"].clone();
            self.of("watch_job", 200, &id).await;
        }
    }

    pub async fn the_rest(&mut self) {
        self.plain("get_liveness", 200).await;
        self.plain("get_readiness", 200).await;
        self.plain("get_monitoring", 200).await;
        self.plain("get_metrics", 200).await;
        let services = &self.site.shop.services;
        let png = [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            &[0, 0, 0, 1, 0, 0, 0, 1],
            &[8, 6, 0, 0, 0, 1, 2, 3, 4],
        ]
        .concat();
        let kept = pictures::keep(&services.database, &services.storage, png.into()).await;
        let reference = kept.expect("the shop works").expect("a picture").as_str().to_owned();
        let sha256 = reference.trim_start_matches("sha256:").to_owned();
        self.call("get_picture", 200, With::values(&[("sha256", sha256)])).await;
    }
}
