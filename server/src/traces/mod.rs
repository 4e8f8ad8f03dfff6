//! Traces for a collector: a span for each request and for each attempt at an import, with what the log says meanwhile as its events.
//!
//! They are sent by OTLP over HTTP, if the program was built with the feature `opentelemetry` and a variable says where to. Other
//! variables of OpenTelemetry hold as well: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.
//! Figures are for `/metrics`, which collectors read as well.

#[cfg(feature = "opentelemetry")]
mod otlp;
#[cfg(feature = "opentelemetry")]
pub use otlp::{Traces, answered, begin};

#[cfg(not(feature = "opentelemetry"))]
mod without;
#[cfg(not(feature = "opentelemetry"))]
pub use without::{Traces, answered, begin};

/// Where the collector is: the whole address, or what `/v1/traces` is put behind.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Whether somebody wants traces.
fn are_wanted() -> bool {
    let says = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let is = |name: &str, word: &str| std::env::var(name).is_ok_and(|value| value.trim().eq_ignore_ascii_case(word));
    let is_off = is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none");
    ENDPOINTS.into_iter().any(says) && !is_off
}
