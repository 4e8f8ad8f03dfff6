//! How a receiver verifies a call: the files of the folder `snippets`, each of which a test runs.

use leptos::prelude::*;

use crate::components::card::Card;

const ALL: [(&str, &str); 4] = [
    ("Node", include_str!("snippets/verify.mjs")),
    ("Python", include_str!("snippets/verify.py")),
    ("Rust", include_str!("snippets/verify.rs")),
    ("Shell (openssl and curl)", include_str!("snippets/verify.sh")),
];

#[component]
pub fn Snippets() -> impl IntoView {
    let snippets: Vec<_> = ALL
        .into_iter()
        .map(|(language, code)| {
            view! {
                <details class="group">
                    <summary class="font-medium">{language}</summary>
                    <pre class="code" tabindex="0">{code}</pre>
                </details>
            }
            .into_any()
        })
        .collect();
    view! {
        <Card title="Verify a call">
            <p class="mb-2">
                "Calls are signed by the rules of Standard Webhooks, for which there are libraries in many languages. Verify the bytes before you read them, and answer 200 to 299 within the time-out: whatever takes longer is done afterwards."
            </p>
            {snippets}
        </Card>
    }
    .into_any()
}
