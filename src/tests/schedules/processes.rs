//! Runs that fail, are killed, or are wanted by two processes at once.

use stockroom::monitoring::{self, Severity, Subject};

use super::*;

/// What the monitoring says of schedules.
async fn told(shop: &Shop) -> Vec<(Severity, Subject)> {
    let alerts = monitoring::troubles(&shop.services).await.expect("alerts").into_iter();
    let told = alerts.map(|alert| (alert.severity, alert.subject));
    told.filter(|(_, subject)| matches!(subject, Subject::Schedule(_)))
        .collect()
}

on_both! {
    async fn a_server_that_is_away_is_asked_three_times_each_night_and_given_up_after_ten_nights(shop: Shop) {
        let supplier = Supplier::with(Reply::Status(503)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        let run = night(&shop, schedule.id).await;
        assert_eq!((run.status, run.attempts), (RunStatus::Asked, 1));
        for attempts in [2, 3] {
            let_time_pass(&shop).await;
            go(&shop).await;
            assert_eq!(last(&shop, schedule.id).await.attempts, attempts);
        }
        let run = last(&shop, schedule.id).await;
        assert_eq!((run.status, run.id), (RunStatus::Failed, runs(&shop, schedule.id).await[0].id));
        assert!(words(&run).contains("a problem of its own"), "{run:?}");
        assert_eq!((see(&shop, schedule.id).await.failures, supplier.receiver.calls().len()), (1, 3));
        supplier.says(answer("404 Not Found", "", ""));
        for night_no in 2..=9 {
            night(&shop, schedule.id).await;
            assert_eq!(see(&shop, schedule.id).await.failures, night_no);
        }
        assert_eq!(schedules::troubled(shop.services.reader()).await.expect("schedules").len(), 1);
        assert_eq!(told(&shop).await, [(Severity::Warning, Subject::Schedule(schedule.id))]);
        night(&shop, schedule.id).await;
        let paused = see(&shop, schedule.id).await;
        assert_eq!((paused.status, paused.next_run_at), (ScheduleStatus::PausedAutomatically, None));
        assert_eq!(told(&shop).await, [(Severity::Danger, Subject::Schedule(schedule.id))]);
        let because = paused.paused_because.expect("words");
        assert!(because.starts_with("It failed 10 times in a row.") && because.contains("nothing is at this address"), "{because}");
        let before = runs(&shop, schedule.id).await.len();
        go(&shop).await;
        assert_eq!(runs(&shop, schedule.id).await.len(), before);
        supplier.says(list(LIST));
        let resumed = schedules::resume(&shop.services, schedule.id, &ana()).await.expect("resumed");
        assert_eq!((resumed.status, resumed.failures, resumed.next_run_at.is_some()), (ScheduleStatus::Enabled, 0, true));
        assert_eq!(night(&shop, schedule.id).await.status, RunStatus::Completed);
    }

    async fn two_processes_run_what_is_due_once(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        let (one, two) = (shop.neighbour().await, shop.neighbour().await);
        for night in 1..=3 {
            supplier.says(list(&format!("{LIST}c,Jug,{night}.00\n")));
            make_due(&shop, schedule.id).await;
            let (one, two) = (one.schedules(), two.schedules());
            let (first, second) = tokio::join!(one.run_due(), two.run_due());
            first.and(second).expect("run");
            go(&shop).await;
            assert_eq!((supplier.receiver.calls().len(), runs(&shop, schedule.id).await.len()), (night, night));
        }
        let all = runs(&shop, schedule.id).await;
        assert!(all.iter().all(|run| run.status == RunStatus::Completed && run.attempts == 1), "{all:?}");
    }

    async fn a_run_that_was_killed_in_the_middle_is_done_again_and_makes_one_import(shop: Shop) {
        let asked = AtomicUsize::new(0);
        let receiver = Receiver::answering(move |_, _| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => Reply::Drip(b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n\r\nsku,name\n".to_vec()),
            _ => list(LIST),
        }).await;
        let schedule = add(&shop, &daily(&address(&receiver))).await;
        make_due(&shop, schedule.id).await;
        let process = Process::schedule(&shop);
        receiver.wait_for(1).await;
        process.kill();
        go(&shop).await;
        assert_eq!(receiver.calls().len(), 1, "the lease has not run out");
        let_time_pass(&shop).await;
        go(&shop).await;
        let all = runs(&shop, schedule.id).await;
        assert_eq!((all.len(), all[0].status, all[0].attempts), (1, RunStatus::Completed, 2));
        let count = imports::list(shop.services.reader(), &Default::default(), &Default::default()).await.expect("imports");
        assert_eq!(count.items.len(), 1);
    }

    async fn a_process_that_was_thought_dead_changes_nothing(shop: Shop) {
        // The last two dozen letters come one by one.
        let beginning = "sku,price,name\na,5.00,Mug\nb,3.00,Cup";
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{beginning}", beginning.len() + 24);
        let supplier = Supplier::with(Reply::Drip(head.into_bytes())).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        make_due(&shop, schedule.id).await;
        let sleeper = shop.neighbour().await.schedules();
        let asleep = tokio::spawn(async move { sleeper.run_due().await });
        supplier.receiver.wait_for(1).await;
        // Somebody else has it now.
        execute(&shop.services, "UPDATE schedule_runs SET lease_token = lease_token + 1", []).await;
        asleep.await.expect("a thread").expect("it ends");
        let run = last(&shop, schedule.id).await;
        assert_eq!((run.status, run.import_id), (RunStatus::Fetching, None));
        supplier.says(list(LIST));
        let_time_pass(&shop).await;
        go(&shop).await;
        let run = last(&shop, schedule.id).await;
        assert_eq!((run.status, run.attempts), (RunStatus::Completed, 2));
        let all = imports::list(shop.services.reader(), &Default::default(), &Default::default()).await.expect("imports");
        assert_eq!((all.items.len(), all.items[0].job_id), (1, run.import_id.expect("an import")));
    }
}
