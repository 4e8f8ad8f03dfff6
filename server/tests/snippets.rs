//! The code that pages show to those who receive webhooks, run as it stands there.

use stockroom::webhooks::signature::SigningSecret;

/// As the pages show it.
#[path = "../../app/src/pages/webhooks/snippets/verify.rs"]
mod snippet;

const SECRET: [u8; 32] = [7; 32];

/// The snippet reads its secret from the environment, so this runs in a process of its own.
#[tokio::test]
#[ignore = "the test below runs it with a secret in its environment"]
async fn the_rust_snippet_with_a_secret() {
    let secret = SigningSecret::from_bytes(&SECRET).expect("a secret");
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    let signed = |at: i64, body: &str| {
        let signatures = format!("v1,bm8= {}", secret.sign("msg_1", at, body));
        let pairs = [
            ("webhook-id", "msg_1".to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signatures),
        ];
        let pairs = pairs.map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a value")));
        http::HeaderMap::from_iter(pairs)
    };
    let body = r#"{"type":"ping"}"#;
    for (headers, body, expected) in [
        (signed(now, body), body, 204),
        (signed(now, body), r#"{"type":"pong"}"#, 400),
        (signed(now - 600, body), body, 400),
        (http::HeaderMap::new(), body, 400),
    ] {
        assert_eq!(snippet::receive(headers, body.to_owned()).await.as_u16(), expected);
    }
}

#[test]
fn the_rust_snippet_verifies_what_is_signed_here() {
    let secret = SigningSecret::from_bytes(&SECRET).expect("a secret");
    let ran = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "snippets::the_rust_snippet_with_a_secret", "--ignored"])
        .env("WEBHOOK_SECRET", secret.to_text())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}
