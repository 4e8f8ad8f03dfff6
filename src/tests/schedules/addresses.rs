//! What may be called, and what may come from there.

use super::*;

on_both! {
    async fn addresses_that_may_not_be_called_are_refused_when_they_are_saved(shop: Shop) {
        let list = names(&[("inside.example", "10.0.0.7"), ("outside.example", "93.184.216.34")]);
        let services = shop.neighbour_with(Names::Listed(Arc::new(RwLock::new(list)))).await;
        for address in ["http://10.0.0.7/a.csv", "https://169.254.169.254/latest", "https://[::1]/a.csv", "https://inside.example/a.csv", "ftp://example.com/a.csv", "s3://B/x", "https://user:pw@outside.example/"] {
            let problem = refused(schedules::add(&services, &daily(address), None, &ana()).await);
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "address"), "{address}");
        }
        schedules::add(&services, &daily("https://outside.example/a.csv"), None, &ana()).await.expect("a schedule");
    }

    async fn addresses_are_judged_again_at_each_fetch_and_at_each_redirect(shop: Shop) {
        let supplier = Supplier::with(list(LIST)).await;
        let list = Arc::new(RwLock::new(names(&[("lists.example", "127.0.0.1")])));
        let services = shop.neighbour_with(Names::Listed(list.clone())).await;
        let at_name = format!("http://lists.example:{}/prices.csv", supplier.receiver.port());
        let schedule = schedules::add(&services, &daily(&at_name), None, &ana()).await.expect("a schedule");
        // The name leads elsewhere now.
        *list.write().expect("a list") = names(&[("lists.example", "192.168.0.1")]);
        schedules::run_now(&services, schedule.id, None, &ana()).await.expect("asked");
        services.schedules().run_due().await.expect("run");
        let run = last(&shop, schedule.id).await;
        assert_eq!(run.status, RunStatus::Failed);
        assert!(words(&run).contains("lists.example leads to 192.168.0.1"), "{run:?}");
        assert!(supplier.receiver.calls().is_empty());
        // An address that may be called leads on to one that may not.
        *list.write().expect("a list") = names(&[("lists.example", "127.0.0.1")]);
        for inside in ["http://169.254.169.254/latest", "http://10.1.2.3/", "file:///etc/passwd"] {
            supplier.says(answer("307 Moved", &format!("location: {inside}\r\n"), ""));
            schedules::run_now(&services, schedule.id, None, &ana()).await.expect("asked");
            services.schedules().run_due().await.expect("run");
            let run = last(&shop, schedule.id).await;
            assert_eq!(run.status, RunStatus::Failed);
            assert!(words(&run).contains("may not be fetched"), "{inside}: {run:?}");
        }
        supplier.says(answer("302 Found", "location: /prices.csv\r\n", ""));
        schedules::run_now(&services, schedule.id, None, &ana()).await.expect("asked");
        services.schedules().run_due().await.expect("run");
        assert!(words(&last(&shop, schedule.id).await).contains("more than three times"));
    }

    async fn a_file_that_is_too_large_is_given_up_and_leaves_nothing(shop: Shop) {
        let mut services = shop.services.clone();
        services.config = Arc::new(Config { upload_limit: 2 * 1024 * 1024, ..(*shop.services.config).clone() });
        let endless = b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\n\r\nsku,name\n".to_vec();
        let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\nsku,name\n".to_vec();
        for reply in [Reply::Flood(endless), Reply::Raw(announced)] {
            let supplier = Supplier::with(reply).await;
            let schedule = add(&shop, &daily(&supplier.address())).await;
            schedules::run_now(&services, schedule.id, None, &ana()).await.expect("asked");
            services.schedules().run_due().await.expect("run");
            let run = last(&shop, schedule.id).await;
            assert_eq!(run.status, RunStatus::Failed);
            assert!(words(&run).contains("larger than 2 MB"), "{run:?}");
            assert_eq!((stored(&shop), run.import_id), (0, None));
            schedules::delete(&services, schedule.id, &ana()).await.expect("deleted");
        }
    }

    async fn what_is_no_list_is_refused_in_words(shop: Shop) {
        let page = answer("200 OK", "content-type: text/html; charset=utf-8\r\n", "<html>Sign in</html>");
        let packed = answer("200 OK", "content-encoding: gzip\r\n", "x");
        let cut = Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nsku,name\n".to_vec());
        let supplier = Supplier::with(list(LIST)).await;
        let schedule = add(&shop, &daily(&supplier.address())).await;
        for (reply, said) in [
            (page, "a web page instead of a file"),
            (packed, "packed the file (gzip)"),
            (list(""), "The file is empty."),
            (cut, "ended in the middle of the file"),
            (answer("403 Forbidden", "", ""), "does not give the file to this shop"),
            (answer("404 Not Found", "", ""), "nothing is at this address"),
            (answer("304 Not Modified", "", ""), "gave no file"),
            (Reply::Reset, "without a proper answer"),
        ] {
            supplier.says(reply);
            schedules::run_now(&shop.services, schedule.id, None, &ana()).await.expect("asked");
            go(&shop).await;
            let run = last(&shop, schedule.id).await;
            assert_eq!(run.status, RunStatus::Failed, "{said}");
            assert!(words(&run).contains(said), "{run:?}");
        }
        let schedule = see(&shop, schedule.id).await;
        assert_eq!((schedule.failures, stored(&shop)), (0, 0), "who tries it out counts no failures");
    }
}
