//! Requests that change something must come from our own pages, or carry a key.
//!
//! Source: OWASP, "Cross-Site Request Forgery Prevention", Fetch Metadata with Origin as the fallback. A cookie is sent by the browser
//! whoever asked for the request; a key is not.

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stockroom::problem::Problem;

use super::authenticate::Caller;
use crate::api::respond::Refusal;

pub async fn check(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let has_key = matches!(request.extensions().get::<Caller>(), Some(Caller::ApiKey(..)));
    if changes && !has_key && !is_own(request.headers()) {
        let detail =
            "The request did not come from this site's own pages. Open the page again and repeat what you did.";
        return Refusal(Problem::new(403, "Request from another site", detail)).into_response();
    }
    next.run(request).await
}

pub fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let (Some(origin), Some(host)) = (text(ORIGIN.as_str()), text(HOST.as_str())) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_own;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        assert!(is_own(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_own(&headers(&[
            ("origin", "http://shop.example:3000"),
            ("host", "shop.example:3000")
        ])));
        for foreign in [
            &[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("host", "a")],
            &[("origin", "https://evil.example"), ("host", "a")],
            &[("host", "a")],
            &[],
        ] {
            assert!(!is_own(&headers(foreign)), "{foreign:?}");
        }
    }
}
