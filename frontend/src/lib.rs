//! The browser's entry: wakes the islands in the page that the server has rendered.

// Nothing of the pages is called by name: the page asks for each island by its own.
use app as _;

/// Called by the script that the server puts into each page.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
