//! A secret, shown once.

use leptos::prelude::*;

use crate::{
    components::banner::{Banner, Tone},
    request,
    revealed::{Revealed, RevealedKind},
};

/// What has just been made, if something has.
#[component]
pub fn Reveal() -> impl IntoView {
    let revealed = request::current().ok().and_then(|request| request.revealed);
    revealed.map(|revealed| view! { <Secret revealed /> })
}

#[component]
fn Secret(revealed: Revealed) -> impl IntoView {
    let (title, label, advice) = match revealed.kind {
        RevealedKind::ApiKey => (
            format!("The key for {}", revealed.name),
            "API key",
            "Copy this key now. It is not shown again.",
        ),
        RevealedKind::Invitation => (
            format!("The link for {}", revealed.name),
            "Link",
            "Send this link to them. It is valid for 7 days, for one person, and is not shown again.",
        ),
        RevealedKind::SigningSecret => (
            "The signing secret".to_owned(),
            "Signing secret",
            "The receiver verifies with it that a call comes from here. Keep it like a password.",
        ),
    };
    view! {
        <Banner tone=Tone::Success title>
            <p>{advice}</p>
            <div class="mt-2 flex flex-wrap items-end gap-2">
                <div class="field min-w-0 grow">
                    <label class="label" for="revealed">
                        {label}
                    </label>
                    <input id="revealed" class="input font-mono" readonly value=revealed.secret autocomplete="off" spellcheck="false" />
                </div>
                <button type="button" class="btn btn-secondary" data-copies="revealed" hidden>
                    "Copy"
                </button>
            </div>
        </Banner>
    }
    .into_any()
}
