//! Who looks at the page: fetched once with the document, the same for as long as it stays open.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use stockroom::accounts::User;

use crate::{
    codec::{self, Answer},
    draft::FormDraft,
    server_fns::viewer::viewer,
    theme::Theme,
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub user: Option<User>,
    pub theme: Theme,
    /// The shop's currency: `EUR`.
    pub currency: String,
    /// The largest file that may be uploaded, in bytes.
    pub upload_limit: u64,
    pub draft: Option<FormDraft>,
    pub setup_open: bool,
}

/// One document in one tab, from its loading to its closing.
#[derive(Clone, Copy)]
struct Visit {
    viewer: Answer<Viewer>,
    /// The address of the first form that was shown: the draft belongs there.
    first_form: StoredValue<Option<String>>,
    draft_is_spent: StoredValue<bool>,
}

/// Asks who is looking, once. Nobody is meant when that cannot be found out.
pub fn provide() {
    let viewer = codec::ask(|| (), |()| async { viewer().await.unwrap_or_default() });
    provide_context(Visit {
        viewer,
        first_form: StoredValue::new(None),
        draft_is_spent: StoredValue::new(false),
    });
}

#[must_use]
pub fn use_viewer() -> Answer<Viewer> {
    expect_context::<Visit>().viewer
}

/// The viewer as a page with a form sees it: with the draft, if that belongs to this page.
#[derive(Clone, Copy)]
pub struct FormViewer {
    viewer: Answer<Viewer>,
    has_draft: bool,
}

#[must_use]
pub fn use_form_viewer() -> FormViewer {
    let visit = expect_context::<Visit>();
    let here = use_location().pathname.get_untracked();
    visit.first_form.update_value(|first| {
        first.get_or_insert_with(|| here.clone());
    });
    on_cleanup(move || {
        visit.draft_is_spent.try_set_value(true);
    });
    let has_draft = !visit.draft_is_spent.get_value() && visit.first_form.get_value() == Some(here);
    FormViewer {
        viewer: visit.viewer,
        has_draft,
    }
}

impl FormViewer {
    pub async fn load(self) -> Viewer {
        let mut viewer = self.viewer.await;
        viewer.draft.take_if(|_| !self.has_draft);
        viewer
    }
}
