//! How answers of the server are written and read: JSON, with one reader for all the ways on which it comes.
//!
//! Those ways are the document (answers that a page was rendered with), server functions, uploads and events. A browser can parse
//! JSON by itself, so only the last step, from its values to ours, is part of what it has to download.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

use std::future::Future;

use leptos::{
    prelude::Resource,
    server::codee::{Decoder, Encoder},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post},
};
use serde::{Serialize, de::DeserializeOwned};

#[cfg(not(feature = "ssr"))]
pub use browser::{Unreadable, read};
#[cfg(feature = "ssr")]
pub use server::{Unreadable, read};

pub struct JsonText;

/// The output of a server function.
pub type Json = Post<JsonText>;

/// What a page asks the server, while it is rendered there and again whenever the question changes.
pub type Answer<T> = Resource<T, JsonText>;

/// The page waits for the answer: its title and its status depend on it.
pub fn ask<Q, T, F>(
    question: impl Fn() -> Q + Send + Sync + 'static,
    fetch: impl Fn(Q) -> F + Send + Sync + 'static,
) -> Answer<T>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = T> + Send + 'static,
{
    Resource::new_with_options(question, fetch, true)
}

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = Unreadable;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        // What is not text is not JSON either, and nor is the empty text.
        read(str::from_utf8(&bytes).unwrap_or_default())
    }
}

impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, Self::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = Unreadable;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, Self::Error> {
        read(text)
    }
}
