//! What is kept and what goes, and who may send.

use super::*;

on_both! {
    async fn what_is_old_goes_and_what_is_still_to_be_sent_stays(shop: Shop) {
        let receiver = Receiver::start().await;
        let (webhook, _) = listening(&shop, &receiver).await;
        create(&shop, "A").await;
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(1).await;
        sending.end().await;
        create(&shop, "B").await;
        let db = shop.services.database.writer();
        db.execute_unprepared("UPDATE webhook_events SET created_at = '2026-01-01T00:00:00Z'").await.expect("aged");
        shop.services.dispatcher().sweep().await.expect("swept");
        let (delivery, _) = only(&shop.services, webhook.id).await;
        assert_eq!((delivery.object.as_str(), delivery.status), ("B", DeliveryStatus::Pending));
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(2).await;
        sending.end().await;
    }

    async fn what_was_kept_for_a_disabled_webhook_goes_in_its_time(shop: Shop) {
        let (away, there) = (Receiver::start().await, Receiver::start().await);
        let each = |receiver: &Receiver| WebhookText { bulk: Some("each".into()), ..wanted(&receiver.url(), &[EventKind::ProductCreated]) };
        let (disabled, _) = add(&shop, each(&away)).await;
        add(&shop, each(&there)).await;
        webhooks::disable(&shop.services, disabled.id, &"ana".into()).await.expect("disabled");
        create(&shop, "A").await;
        shop.import("sku,name\nB,Mug\nC,Mug\n").await;
        let sending = Sending::begin(&shop.services);
        there.wait_for(3).await;
        sending.end().await;
        let db = shop.services.database.writer();
        let kept = async || {
            let held = webhooks::get(&shop.services, disabled.id).await.expect("the webhook").held;
            let feeds = Statement::from_string(db.get_database_backend(), format!("SELECT id FROM webhook_feeds WHERE webhook_id = {}", disabled.id));
            (held, db.query_all_raw(feeds).await.expect("feeds").len())
        };
        shop.services.dispatcher().sweep().await.expect("swept");
        assert_eq!(kept().await, (1, 1), "nothing is old yet");
        for table in ["webhook_events", "webhook_feeds"] {
            db.execute_unprepared(&format!("UPDATE {table} SET created_at = '2026-01-01T00:00:00Z'")).await.expect("aged");
        }
        shop.services.dispatcher().sweep().await.expect("swept");
        assert_eq!(kept().await, (0, 0));
    }

    async fn products_are_not_deleted_for_good_before_they_have_been_told_of(shop: Shop) {
        shop.import("sku,name\nA,Mug\nB,Mug\n").await;
        let receiver = Receiver::start().await;
        add(&shop, WebhookText { bulk: Some("each".into()), ..wanted(&receiver.url(), &EventKind::CHOICE) }).await;
        let all = || Selection::Matching(Box::default());
        let database = &shop.services.database;
        imports::plan_bulk(database, BulkAction::Delete, all(), None, confirmed()).await.expect("a job");
        shop.work().await;
        assert_eq!(refused(imports::plan_bulk(database, BulkAction::Purge, all(), None, confirmed()).await).status, 409);
        let one = products::list(shop.services.reader(), &ProductQuery { deleted: true, ..ProductQuery::default() }, &PageRequest::default()).await.expect("the bin");
        assert_eq!(refused(products::purge(database, one.items[0].id, &"ana".into()).await).status, 409);
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(3).await;
        sending.end().await;
        products::purge(database, one.items[0].id, &"ana".into()).await.expect("purged");
        assert_eq!(told(&receiver.calls()).len(), 2);
    }

    async fn a_server_with_another_key_says_so_and_does_not_start(shop: Shop) {
        let services = &shop.services;
        services.vault.check(&services.database).await.expect("a new database takes any key");
        services.vault.check(&services.database).await.expect("the same key");
        let other = stockroom::config::Config { secret_key: Some(format!("{}=", "A".repeat(43))), ..stockroom::config::Config::default() };
        let other = Vault::open(&other).expect("a key");
        other.check(&services.database).await.expect("nothing is sealed yet");
        services.vault.check(&services.database).await.expect("nothing is sealed yet");
        let receiver = Receiver::start().await;
        listening(&shop, &receiver).await;
        let said = other.check(&services.database).await.expect_err("another key").to_string();
        assert!(said.contains("STOCKROOM_SECRET_KEY"), "{said}");
    }

    async fn with_a_webhook_goes_its_log(shop: Shop) {
        let receiver = Receiver::start().await;
        let (webhook, _) = listening(&shop, &receiver).await;
        webhooks::test(&shop.services, webhook.id, EventKind::Ping, &"ana".into()).await.expect("a test");
        let delivery = log(&shop.services, webhook.id).await[0].id;
        webhooks::delete(&shop.services, webhook.id, &"ana".into()).await.expect("deleted");
        assert_eq!(refused(webhooks::delivery(shop.services.reader(), delivery).await).status, 404);
        assert_eq!(refused(webhooks::get(&shop.services, webhook.id).await).status, 404);
        assert!(webhooks::attempts(shop.services.reader(), delivery).await.expect("none").is_empty());
    }

    async fn two_processes_send_each_event_once_and_one_goes_on_when_the_other_is_killed(shop: Shop) {
        let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
        for receiver in &receivers {
            add(&shop, WebhookText { rate_per_second: Some(1_000), ..wanted(&receiver.url(), &EventKind::CHOICE) }).await;
        }
        let neighbour = shop.neighbour().await;
        let (one, other) = (Process::send(&shop), Sending::begin(&neighbour));
        for n in 0..20 {
            create(&shop, &format!("m{n}")).await;
        }
        for receiver in &receivers {
            receiver.wait_for(20).await;
        }
        one.kill();
        for n in 20..40 {
            create(&shop, &format!("m{n}")).await;
            neighbour.webhook_wake.wake();
        }
        let mut seen = BTreeMap::new();
        for receiver in &receivers {
            for call in all_of(receiver, 40).await {
                *seen.entry((receiver.port(), text(&call.json()["data"]["sku"]))).or_insert(0) += 1;
            }
        }
        other.end().await;
        assert_eq!(seen.len(), 120, "every event at every receiver");
        // What came before it was killed may not have been written down yet, and comes twice; what came after it does not.
        let again = seen.iter().filter(|(_, count)| **count > 1).map(|((_, sku), _)| sku);
        let after: Vec<&String> = again.filter(|sku| sku[1..].parse::<i32>().is_ok_and(|n| n >= 20)).collect();
        assert!(after.is_empty(), "{after:?}");
    }
}
