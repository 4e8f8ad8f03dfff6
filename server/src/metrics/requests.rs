//! Requests by where they went, how they were answered and how long that took. Routes are those of the router, not what somebody
//! has typed, so that there are never more than a few hundred.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::exposition::{Exposition, Kind};

/// Upper ends in milliseconds, and as they are written in seconds.
const BUCKETS: [(u64, &str); 11] = [
    (5, "0.005"),
    (10, "0.01"),
    (25, "0.025"),
    (50, "0.05"),
    (100, "0.1"),
    (250, "0.25"),
    (500, "0.5"),
    (1_000, "1"),
    (2_500, "2.5"),
    (5_000, "5"),
    (10_000, "10"),
];

/// Cloning is shallow.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    // Held for a look into the map only, never across an await.
    routes: Arc<Mutex<BTreeMap<(String, &'static str), Answers>>>,
}

#[derive(Clone, Debug, Default)]
struct Answers {
    statuses: BTreeMap<u16, u64>,
    /// How many took at most that long and longer than the bucket before.
    buckets: [u64; BUCKETS.len()],
    took: Duration,
}

impl Answers {
    fn count(&self) -> u64 {
        self.statuses.values().sum()
    }
}

impl Requests {
    pub fn note(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = routes.entry((route.to_owned(), method)).or_default();
        *answers.statuses.entry(status).or_default() += 1;
        answers.took += took;
        let place = BUCKETS.iter().position(|(end, _)| took <= Duration::from_millis(*end));
        if let Some(bucket) = place.and_then(|place| answers.buckets.get_mut(place)) {
            *bucket += 1;
        }
    }

    pub fn expose(&self, text: &mut Exposition) {
        const COUNT: &str = "stockroom_http_requests_total";
        const TIME: &str = "stockroom_http_request_duration_seconds";
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        text.family(COUNT, Kind::Counter, "Requests that have been answered.");
        for ((route, method), answers) in &routes {
            for (status, count) in &answers.statuses {
                let status = status.to_string();
                let labels = [
                    ("method", *method),
                    ("route", route.as_str()),
                    ("status", status.as_str()),
                ];
                text.sample(COUNT, &labels, count);
            }
        }
        text.family(
            TIME,
            Kind::Histogram,
            "Time from the head of a request to the head of its answer.",
        );
        for ((route, method), answers) in &routes {
            histogram(text, TIME, (*method, route.as_str()), answers);
        }
    }
}

fn histogram(text: &mut Exposition, name: &str, (method, route): (&str, &str), answers: &Answers) {
    let labels = [("method", method), ("route", route)];
    let mut up_to_here = 0;
    for ((_, end), count) in BUCKETS.iter().zip(answers.buckets) {
        up_to_here += count;
        text.sample(
            &format!("{name}_bucket"),
            &[labels[0], labels[1], ("le", *end)],
            up_to_here,
        );
    }
    let all = answers.count();
    text.sample(&format!("{name}_bucket"), &[labels[0], labels[1], ("le", "+Inf")], all);
    text.sample(&format!("{name}_sum"), &labels, answers.took.as_secs_f64());
    text.sample(&format!("{name}_count"), &labels, all);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Exposition, Requests};

    #[test]
    fn each_bucket_has_what_took_at_most_that_long() {
        let requests = Requests::default();
        for milliseconds in [5, 6, 700, 60_000] {
            requests.note("GET", "/products/{id}", 200, Duration::from_millis(milliseconds));
        }
        requests.note("GET", "/products/{id}", 404, Duration::ZERO);
        let mut text = Exposition::default();
        requests.expose(&mut text);
        let text = text.into_text();
        let at = "method=\"GET\",route=\"/products/{id}\"";
        for line in [
            format!("stockroom_http_requests_total{{{at},status=\"200\"}} 4"),
            format!("stockroom_http_requests_total{{{at},status=\"404\"}} 1"),
            format!("stockroom_http_request_duration_seconds_bucket{{{at},le=\"0.005\"}} 2"),
            format!("stockroom_http_request_duration_seconds_bucket{{{at},le=\"0.01\"}} 3"),
            format!("stockroom_http_request_duration_seconds_bucket{{{at},le=\"1\"}} 4"),
            format!("stockroom_http_request_duration_seconds_bucket{{{at},le=\"+Inf\"}} 5"),
            format!("stockroom_http_request_duration_seconds_sum{{{at}}} 60.711"),
            format!("stockroom_http_request_duration_seconds_count{{{at}}} 5"),
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
        }
    }
}
