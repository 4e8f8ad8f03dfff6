//! The browser sets the title as text: nothing in it is markup.

pub fn escaped(title: String) -> String {
    title
}
