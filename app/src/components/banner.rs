//! A message that stays: how something ended, or what is wrong.

use leptos::prelude::*;

use super::icon::{INFO, Icon, TICK, WARNING};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Info,
    Success,
    Warning,
    Danger,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "banner tone-info",
            Self::Success => "banner tone-success",
            Self::Warning => "banner tone-warn",
            Self::Danger => "banner tone-danger",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Info => INFO,
            Self::Success => TICK,
            Self::Warning | Self::Danger => WARNING,
        }
    }
}

#[component]
pub fn Banner(tone: Tone, #[prop(into)] title: String, children: Children) -> impl IntoView {
    let label = title.clone();
    view! {
        <section class=tone.class() aria-label=label>
            <Icon path=tone.icon() />
            <div class="min-w-0 grow">
                <p class="font-semibold wrap-anywhere">{title}</p>
                {children()}
            </div>
        </section>
    }
    .into_any()
}
