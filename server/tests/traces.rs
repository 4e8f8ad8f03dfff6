//! What a collector gets.

use serde_json::Value;
use stockroom::testing::{Kind, Received, Receiver, Shop};

use crate::program::{Running, program};

/// Of somebody who asks, as the standard writes it: <https://www.w3.org/TR/trace-context/>.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// Spans of a call, with what they are spans of.
fn spans(call: &Received) -> Vec<(Value, Value)> {
    let sent = call.json();
    let of = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let resources = of(&sent, "resourceSpans").into_iter();
    resources
        .flat_map(|found| {
            let scopes = of(&found, "scopeSpans").into_iter();
            let spans: Vec<Value> = scopes.flat_map(|scope| of(&scope, "spans")).collect();
            spans.into_iter().map(move |span| (found["resource"].clone(), span))
        })
        .collect()
}

/// An attribute of a span or of what it is a span of.
fn attribute(of: &Value, name: &str) -> Value {
    let all = of["attributes"].as_array().expect("attributes");
    let found = all.iter().find(|attribute| attribute["key"] == name);
    let value = found.and_then(|found| found["value"].as_object()?.values().next());
    value.cloned().unwrap_or_default()
}

const ROUTE: &str = "GET /api/v1/products/{id}";

/// What a collector is told of one request by somebody whose address is among `proxies`, or not. `flags`: whether he wants it kept.
async fn traced(proxies: &str, flags: &str) -> (Value, Value) {
    let collector = Receiver::start().await;
    let shop = Shop::open(Kind::Sqlite).await;
    let endpoint = format!("http://127.0.0.1:{}", collector.port());
    let running = Running::serve(
        &shop,
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ("STOCKROOM_TRUSTED_PROXIES", proxies),
        ],
    );
    let asked = reqwest::Client::new()
        .get(format!("{}/api/v1/products/7?token=hunter2", running.address))
        .header("traceparent", format!("00-{TRACE}-{SPAN}-{flags}"))
        .header("tracestate", "shop=hunter2")
        .send()
        .await
        .expect("an answer");
    assert_eq!(asked.status(), 401);
    let mut calls = 0;
    loop {
        let all = collector.wait_for(calls + 1).await;
        for call in &all[calls..] {
            assert_eq!(call.path, "/v1/traces");
            assert!(!call.body.contains("hunter2"), "{}", call.body);
            if let Some(found) = spans(call).into_iter().find(|(_, span)| span["name"] == ROUTE) {
                return found;
            }
        }
        calls = all.len();
    }
}

#[tokio::test]
async fn a_request_goes_on_with_the_trace_of_a_proxy() {
    let (resource, span) = traced("127.0.0.1", "01").await;
    assert_eq!(attribute(&resource, "service.name"), "stockroom");
    assert_eq!(
        (&span["traceId"], &span["parentSpanId"], &span["kind"]),
        (&TRACE.into(), &SPAN.into(), &2.into()),
        "{span}"
    );
    let status = attribute(&span, "http.response.status_code");
    assert!(status == "401" || status == 401, "{span}");
}

#[tokio::test]
async fn a_stranger_neither_hides_a_request_nor_puts_it_into_a_trace_of_his() {
    for flags in ["00", "01"] {
        let (_, span) = traced("192.0.2.1", flags).await;
        assert!(span["traceId"] != TRACE && span["parentSpanId"] != SPAN, "{span}");
    }
}

#[tokio::test]
async fn a_collector_that_cannot_be_meant_is_an_error_in_words() {
    let asked = move || {
        program("serve")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", "not an address")
            .output()
    };
    let answered = tokio::task::spawn_blocking(asked).await.expect("a thread");
    let answered = answered.expect("the program ends");
    let said = String::from_utf8_lossy(&answered.stderr).into_owned();
    assert!(
        !answered.status.success() && said.contains("OTEL_EXPORTER_OTLP_"),
        "{said}"
    );
}
