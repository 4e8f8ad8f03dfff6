//! Files to save: never shown by the browser in place of a page, whatever is in them.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use stockroom::error::Error;
use stockroom::imports::Original;
use stockroom::products::export::Watched;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::ReaderStream;

use super::respond::Refusal;

const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A CSV file of ours.
pub fn csv_file(name: &str, body: Body) -> Response {
    saved(name, "text/csv; charset=utf-8", None, body)
}

/// A workbook of ours. It is counted as long as it is sent.
pub fn workbook(name: &str, file: std::fs::File, watched: Watched) -> Result<Response, Refusal> {
    let length = file.metadata().map_err(Error::from)?.len();
    let stream = ReaderStream::new(tokio::fs::File::from_std(file)).map(move |piece| {
        let _held = &watched;
        piece
    });
    Ok(saved(name, WORKBOOK, Some(length), Body::from_stream(stream)))
}

/// A file of somebody else's, of whatever kind.
pub fn download(original: Original) -> Response {
    let body = Body::from_stream(ReceiverStream::new(original.pieces));
    saved(&original.name, "application/octet-stream", Some(original.size), body)
}

fn saved(name: &str, kind: &'static str, length: Option<u64>, body: Body) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    let attachment = HeaderValue::from_str(&attachment(name));
    // A value that is no header would be a name that `attachment` has not made plain.
    let attachment = attachment.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    headers.insert(CONTENT_DISPOSITION, attachment);
    response
}

/// RFC 6266: the name in plain letters, and where that is not enough, as RFC 8187 writes it.
fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                value.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_name_is_a_name_whatever_it_holds() {
        for (name, value) in [
            ("prices.csv", "attachment; filename=\"prices.csv\""),
            (
                "größe \"1\".csv",
                "attachment; filename=\"gr__e _1_.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv",
            ),
            (
                "a\r\nX: y.csv",
                "attachment; filename=\"a__X: y.csv\"; filename*=UTF-8''a%0D%0AX%3A%20y.csv",
            ),
        ] {
            assert_eq!(attachment(name), value);
        }
    }
}
