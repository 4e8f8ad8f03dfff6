//! Where an import is on its way.

use leptos::prelude::*;

const STEPS: [&str; 4] = ["Upload", "Match columns", "Check", "Import"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Upload = 0,
    Match = 1,
    Check = 2,
    Import = 3,
}

#[component]
pub fn Stepper(at: Step) -> impl IntoView {
    let steps: Vec<_> = STEPS
        .into_iter()
        .enumerate()
        .map(|(place, name)| {
            let current = (place == at as usize).then_some("step");
            let is_done = place < at as usize;
            view! {
                <li aria-current=current class:done=is_done>
                    <span class="place" aria-hidden="true">{place + 1}</span>
                    {name}
                    {is_done.then(|| view! { <span class="sr-only">" (done)"</span> })}
                </li>
            }
        })
        .collect();
    view! { <ol class="stepper" aria-label="Steps">{steps}</ol> }.into_any()
}
