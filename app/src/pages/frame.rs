//! What surrounds every page: the skip link, the header, the voices for screen readers, the footer.

use leptos::prelude::*;
use stockroom::problem::Problem;

use super::navigation::Header;
use crate::{
    components::{page_header::PageHeader, problem_view::ProblemView},
    hooks::announcer::{POLITE, URGENT},
    islands::awake::Awake,
    paths, request,
    title::PageTitle,
};

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let said = request::current().ok().and_then(|request| request.said);
    let failed = request::current().ok().and_then(|request| request.failed);
    let (shortcuts, compact) = (request::preferences().shortcuts, request::preferences().compact);
    // Nothing to navigate to before one has signed in.
    let header = request::current().ok().and_then(|request| {
        let user = request.user?;
        Some(view! { <Header email=user.email theme=request.theme /> })
    });

    view! {
        <a class="skip-link" href="#main">
            "Skip to main content"
        </a>
        {header}
        <main
            id="main"
            tabindex="-1"
            data-shortcuts=shortcuts.then_some("on")
            data-density=compact.then_some("compact")
            class="mx-auto w-full max-w-[90rem] grow px-4 py-6 md:px-6 outline-none"
        >
            {said.map(|said| view! { <p class="said">{said}</p> })}
            {match failed {
                Some(problem) => view! { <ProblemPage problem /> }.into_any(),
                None => children().into_any(),
            }}
        </main>
        <Footer />
        <Shortcuts />
        <div id=POLITE role="status" class="sr-only"></div>
        <div id=URGENT role="alert" class="sr-only"></div>
        <Awake />
    }
}

/// Instead of the page that was asked for.
#[component]
fn ProblemPage(problem: Problem) -> impl IntoView {
    let title = problem.title.clone();
    view! {
        <PageTitle text=title.clone() />
        <PageHeader title=title.clone() />
        <ProblemView heading=title problem />
    }
    .into_any()
}

/// Shown when somebody presses `?`.
#[component]
fn Shortcuts() -> impl IntoView {
    const ALL: [(&str, &str); 9] = [
        ("?", "Show these shortcuts"),
        ("/", "Search"),
        ("n", "Add"),
        ("x", "Select the row that has the focus"),
        (
            "g then d, p, c, i, w or s",
            "Go to dashboard, products, catalogues, imports, webhooks or settings",
        ),
        ("Shift + click, Shift + Space", "Select all rows up to there"),
        ("Ctrl or ⌘ + S", "Save"),
        ("Ctrl or ⌘ + Enter", "Send, from a field of several lines"),
        ("Esc", "Close"),
    ];
    let lines: Vec<_> = ALL
        .into_iter()
        .map(|(keys, what)| {
            view! {
                <div>
                    <dt>
                        <kbd class="font-mono text-sm">{keys}</kbd>
                    </dt>
                    <dd>{what}</dd>
                </div>
            }
        })
        .collect();
    view! {
        <dialog id="shortcuts" class="dialog w-[calc(100%-2rem)]" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title" class="mb-2 text-lg font-semibold" tabindex="-1" autofocus>
                "Keyboard shortcuts"
            </h2>
            <dl class="key-values shortcuts">{lines}</dl>
            <p class="mt-2 text-sm text-muted">"They can be switched off in the settings."</p>
            <form method="dialog" class="mt-4">
                <button class="btn btn-secondary">"Close"</button>
            </form>
        </dialog>
        <dialog id="modal" class="dialog dialog-wide w-[calc(100%-2rem)]" aria-label="Product"></dialog>
    }
    .into_any()
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer class="mx-auto flex w-full max-w-[90rem] flex-wrap gap-x-4 gap-y-1 px-4 py-4 text-sm text-subtle md:px-6">
            <span>"Stockroom"</span>
            <a class="link" href=paths::API_DOCS>
                "API documentation"
            </a>
        </footer>
    }
}
