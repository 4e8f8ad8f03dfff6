//! The document's title. It may carry names that people typed, so markup in it becomes text.

use leptos::prelude::*;
use leptos_meta::Title;

/// "… – Stockroom". It renders nothing where it stands.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    view! { <Title text=escaped(&format!("{text} – Stockroom")) /> }
}

fn escaped(title: &str) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_product_called_script_stays_a_product() {
        let title = escaped("</title><script>1 && 2</script>");
        assert_eq!(title, "&lt;/title&gt;&lt;script&gt;1 &amp;&amp; 2&lt;/script&gt;");
    }
}
