//! The server writes the title into the document as it is: markup in it must become text.

pub fn escaped(title: String) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_product_called_script_stays_a_product() {
        let title = escaped("</title><script>1 && 2</script>".to_owned());
        assert_eq!(title, "&lt;/title&gt;&lt;script&gt;1 &amp;&amp; 2&lt;/script&gt;");
    }
}
