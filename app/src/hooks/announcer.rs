//! What a screen reader is told: one polite and one urgent voice for the whole page.

use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct Announcer {
    polite: RwSignal<String>,
    urgent: RwSignal<String>,
}

pub fn provide() {
    provide_context(Announcer {
        polite: RwSignal::default(),
        urgent: RwSignal::default(),
    });
}

#[must_use]
pub fn use_announcer() -> Announcer {
    expect_context()
}

impl Announcer {
    /// Read out when there is a pause.
    pub fn say(self, text: impl Into<String>) {
        self.polite.set(text.into());
    }

    /// Read out at once.
    pub fn interrupt(self, text: impl Into<String>) {
        self.urgent.set(text.into());
    }

    #[must_use]
    pub fn polite(self) -> ReadSignal<String> {
        self.polite.read_only()
    }

    #[must_use]
    pub fn urgent(self) -> ReadSignal<String> {
        self.urgent.read_only()
    }
}
