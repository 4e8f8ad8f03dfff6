//! When a schedule runs, and how long its runs are remembered.

use super::*;

on_both! {
    async fn what_was_missed_is_run_once(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let text = ScheduleText { when: Some(WhenText::Every(15)), ..daily(&supplier.address()) };
        let schedule = add(&shop, &text).await;
        make_due(&shop, schedule.id).await;
        go(&shop).await;
        assert_eq!(runs(&shop, schedule.id).await.len(), 1, "three days are 288 times a quarter of an hour");
        let next = OffsetDateTime::try_from(&see(&shop, schedule.id).await.next_run_at.expect("a time")).expect("a moment");
        let wait = next - OffsetDateTime::now_utc();
        assert!(wait <= time::Duration::minutes(15) && wait > time::Duration::seconds(-60), "{wait}");
    }

    async fn a_schedule_that_is_paused_runs_by_hand_only(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        let paused = schedules::pause(&shop.services, schedule.id, &ana()).await.expect("paused");
        assert_eq!((paused.status, paused.next_run_at), (ScheduleStatus::Paused, None));
        make_due(&shop, schedule.id).await;
        go(&shop).await;
        assert!(runs(&shop, schedule.id).await.is_empty());
        let asked = schedules::run_now(&shop.services, schedule.id, Some("ana 1"), &ana()).await.expect("asked");
        let again = schedules::run_now(&shop.services, schedule.id, Some("ana 1"), &ana()).await.expect("known");
        assert_eq!((asked.id, asked.cause), (again.id, RunCause::ByHand));
        execute(&shop.services, "UPDATE schedule_runs SET status = 'checking'", []).await;
        assert_eq!(refused(schedules::run_now(&shop.services, schedule.id, None, &ana()).await).status, 409);
        execute(&shop.services, "UPDATE schedule_runs SET status = 'asked'", []).await;
        go(&shop).await;
        assert_eq!(last(&shop, schedule.id).await.status, RunStatus::Completed);
    }

    async fn another_zone_of_the_shop_moves_the_times(shop: Shop) {
        let schedule = add(&shop, &daily("http://127.0.0.1:8080/a.csv")).await;
        let before = schedule.next_run_at.expect("a time");
        assert!(before.as_str().ends_with("T03:00:00Z"), "{before}");
        let services = &shop.services;
        let mut settings = stockroom::settings::load(services.reader(), &services.config).await.expect("settings");
        settings.time_zone = "Asia/Kolkata".to_owned();
        stockroom::settings::save(&services.database, &services.config, &settings, &ana()).await.expect("saved");
        go(&shop).await;
        let after = see(&shop, schedule.id).await.next_run_at.expect("a time");
        assert!(after.as_str().ends_with("T21:30:00Z"), "{after}");
        assert!(runs(&shop, schedule.id).await.is_empty());
    }

    async fn runs_of_long_ago_are_forgotten(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        night(&shop, schedule.id).await;
        night(&shop, schedule.id).await;
        let old = (OffsetDateTime::now_utc() - time::Duration::days(91)).replace_nanosecond(0).expect("a second");
        let first = runs(&shop, schedule.id).await[1].id;
        execute(&shop.services, "UPDATE schedule_runs SET finished_at = $1 WHERE id = $2", [old.into(), first.into()]).await;
        shop.services.schedules().sweep().await.expect("swept");
        let left = runs(&shop, schedule.id).await;
        assert!(left.len() == 1 && left[0].id != first, "{left:?}");
    }
}
