//! Receivers that fail, for a moment or for days.

use super::*;

on_both! {
    async fn the_plan_is_kept_to_a_fifth_and_what_failed_is_had_back_by_hand(shop: Shop) {
        let receiver = Receiver::answering(|call, _| Reply::Status(if call < 10 { 500 } else { 204 })).await;
        let (webhook, _) = listening(&shop, &receiver).await;
        create(&shop, "A").await;
        let plan = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(Duration::seconds);
        for (made, pause) in plan.into_iter().enumerate() {
            let sending = Sending::begin(&shop.services);
            sending.pass(elapsed(&shop, webhook.id).await);
            receiver.wait_for(made + 1).await;
            sending.end().await;
            let (delivery, attempts) = only(&shop.services, webhook.id).await;
            assert_eq!((delivery.status, delivery.attempts, attempts.len()), (DeliveryStatus::Retrying, made as i64 + 1, made + 1));
            let waited = moment(delivery.next_attempt_at.as_ref()) - moment(Some(&attempts[0].made_at));
            let (shortest, longest) = (pause * 0.8 - Duration::seconds(1), pause * 1.2 + Duration::seconds(2));
            assert!(shortest <= waited && waited <= longest, "attempt {}: {waited} for {pause}", made + 1);
        }
        let sending = Sending::begin(&shop.services);
        sending.pass(elapsed(&shop, webhook.id).await);
        receiver.wait_for(10).await;
        sending.end().await;
        let (delivery, _) = only(&shop.services, webhook.id).await;
        assert_eq!((delivery.status, delivery.next_attempt_at), (DeliveryStatus::Failed, None));
        let attempts = webhooks::attempts(shop.services.reader(), delivery.id).await.expect("attempts");
        assert_eq!(attempts.iter().filter(|attempt| attempt.response_body.is_some()).count(), 3, "of old ones only what came of them");
        let sending = Sending::begin(&shop.services);
        let since = Timestamp::from(OffsetDateTime::now_utc() - Duration::hours(1));
        assert_eq!(webhooks::count_failed(shop.services.reader(), webhook.id, &since).await.expect("a count"), 1);
        // Ten failures in a row have opened the breaker as well.
        sending.pass(Duration::days(4));
        let replay = webhooks::replay_failed(&shop.services, webhook.id, &since, &"ana".into()).await.expect("a replay");
        assert_eq!((replay.total, replay.waiting), (1, 1));
        let calls = receiver.wait_for(11).await;
        sending.end().await;
        let (delivery, attempts) = only(&shop.services, webhook.id).await;
        assert_eq!((delivery.status, attempts[0].cause), (DeliveryStatus::Delivered, Cause::Replay));
        let same: BTreeSet<_> = calls.iter().map(|call| (call.header("webhook-id").to_owned(), call.body.clone())).collect();
        assert_eq!(same.len(), 1, "the same id and the same bytes each time");
        let replays = webhooks::replays(shop.services.reader(), webhook.id).await.expect("replays");
        assert_eq!((replays[0].delivered, replays[0].waiting), (1, 0));
    }

    async fn a_receiver_that_takes_nothing_for_five_days_is_given_up_and_loses_nothing(shop: Shop) {
        let (dead, other) = (Receiver::answering(|call, _| Reply::Status(if call < 2 { 500 } else { 200 })).await, Receiver::start().await);
        let (webhook, _) = listening(&shop, &dead).await;
        let (watching, _) = add(&shop, wanted(&other.url(), &[EventKind::WebhookDisabled])).await;
        create(&shop, "A").await;
        let sending = Sending::begin(&shop.services);
        dead.wait_for(1).await;
        sending.end().await;
        let sending = Sending::begin(&shop.services);
        sending.pass(Duration::days(5) + Duration::minutes(1));
        dead.wait_for(2).await;
        let calls = other.wait_for(1).await;
        assert_eq!((calls[0].kind().as_str(), calls[0].json()["data"]["webhook_id"].as_i64()), ("webhook.disabled", Some(webhook.id)));
        let disabled = webhooks::get(&shop.services, webhook.id).await.expect("the webhook");
        assert_eq!(disabled.status, WebhookStatus::DisabledAutomatically);
        assert!(disabled.disabled_because.is_some_and(|because| because.contains("five days")));
        create(&shop, "B").await;
        assert_eq!(refused(webhooks::send_again(&shop.services, webhook.id, log(&shop.services, webhook.id).await[0].id, &"ana".into()).await).status, 409);
        sending.end().await;
        assert_eq!(dead.calls().len(), 2, "nothing is sent any more");
        assert_eq!(webhooks::get(&shop.services, webhook.id).await.expect("the webhook").held, 2);
        assert_eq!(webhooks::get(&shop.services, watching.id).await.expect("the webhook").held, 0);
        webhooks::enable(&shop.services, webhook.id, &"ana".into()).await.expect("enabled");
        let since = Timestamp::from(OffsetDateTime::now_utc() - Duration::hours(1));
        webhooks::replay_failed(&shop.services, webhook.id, &since, &"ana".into()).await.expect("a replay");
        let sending = Sending::begin(&shop.services);
        dead.wait_for(4).await;
        sending.end().await;
        assert!(log(&shop.services, webhook.id).await.iter().all(|delivery| delivery.status == DeliveryStatus::Delivered));
    }

    async fn while_the_breaker_is_open_nothing_is_attempted_and_no_attempt_is_used_up(shop: Shop) {
        let receiver = Receiver::answering(|call, _| Reply::Status(if call < 10 { 503 } else { 200 })).await;
        let text = WebhookText { concurrency: Some(1), ..wanted(&receiver.url(), &EventKind::CHOICE) };
        let (webhook, _) = add(&shop, text).await;
        for n in 0..30 {
            create(&shop, &format!("m{n}")).await;
        }
        let sending = Sending::begin(&shop.services);
        receiver.wait_for(10).await;
        sending.end().await;
        // Another process finds the breaker open.
        let sending = Sending::begin(&shop.services);
        let watching = Receiver::start().await;
        listening(&shop, &watching).await;
        sending.pass(Duration::seconds(20));
        create(&shop, "later").await;
        // Whoever looks after one webhook has looked after the other.
        watching.wait_for(1).await;
        assert_eq!(log(&shop.services, webhook.id).await.iter().filter(|delivery| delivery.attempts == 0).count(), 21);
        assert_eq!(receiver.calls().len(), 10);
        sending.pass(Duration::minutes(3));
        receiver.wait_for(41).await;
        sending.end().await;
        let log = log(&shop.services, webhook.id).await;
        assert!(log.iter().all(|delivery| delivery.status == DeliveryStatus::Delivered), "{log:?}");
    }
}
