//! The traces themselves.

use std::time::Duration;

use anyhow::Context as _;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry::{Context, Key, Value};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::level_filters::LevelFilter;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

const NAME: &str = "stockroom";
/// Whose spans and events are sent. Others have many of their own for each request.
const CRATES: [&str; 3] = ["app", "server", "stockroom"];
/// For the last traces, when the program ends.
const AT_THE_END: Duration = Duration::from_secs(1);
/// What the library calls a service that nobody has named begins so.
const UNNAMED: &str = "unknown_service";

/// Sends traces from a thread of its own, some together.
#[derive(Debug)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// To the collector that the environment names; none is not an error.
    ///
    /// # Errors
    /// When what the environment says cannot be understood.
    pub fn of_environment() -> anyhow::Result<Self> {
        if !super::are_wanted() {
            return Ok(Self(None));
        }
        stockroom::outbound::use_tls();
        let exporter = SpanExporter::builder()
            .with_http()
            .build()
            .context("The settings of the collector of traces (OTEL_EXPORTER_OTLP_…) cannot be used")?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self(Some(provider)))
    }

    /// What makes spans of the log traces. The filter of the log's lines is not theirs.
    pub fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let tracer = self.0.as_ref()?.tracer(NAME);
        let layer = OpenTelemetryLayer::new(tracer)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        let ours = Targets::new().with_targets(CRATES.map(|name| (name, LevelFilter::INFO)));
        Some(layer.with_filter(ours))
    }

    /// Says what whoever has set the variables must know.
    pub fn announce(&self) {
        if self.0.is_some() {
            tracing::info!("traces are sent to a collector");
        }
    }

    /// Sends what is left. A collector that is away is not waited for.
    pub fn end(self) {
        if let Some(Err(error)) = self.0.map(|provider| provider.shutdown_with_timeout(AT_THE_END)) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn resource() -> Resource {
    let said = Resource::builder().build();
    let name = said.get(&Key::from_static_str("service.name"));
    if name.is_some_and(|name| !name.as_str().starts_with(UNNAMED)) {
        return said;
    }
    Resource::builder().with_service_name(NAME).build()
}

/// Names the span of a request as such spans are named everywhere, and lets it go on with the trace that `headers` name. They must be those
/// of somebody who may say whose trace it is, and whether it is kept.
pub fn begin(span: &Span, (method, route): (&str, &str), headers: Option<&HeaderMap>) {
    let asked_by = headers.map_or_else(Context::new, |headers| {
        TraceContextPropagator::new().extract(&Headers(headers))
    });
    // Nothing listens, or not to this span.
    if span.set_parent(asked_by).is_err() {
        return;
    }
    span.record("otel.name", format!("{method} {route}"));
    span.record("otel.kind", "server");
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("http.route", route.to_owned());
}

pub fn answered(span: &Span, status: StatusCode) {
    span.set_attribute("http.response.status_code", Value::I64(status.as_u16().into()));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        // `tracestate` is longer than all the rest, and nothing to a shop.
        (key == "traceparent").then(|| self.0.get(key)?.to_str().ok())?
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
