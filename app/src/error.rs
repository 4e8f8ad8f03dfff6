//! The error of every server function: a [`Problem`], as JSON.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};
use stockroom::problem::Problem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppError(pub Problem);

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Request(_) => unreachable_server(),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Problem::bad_request("The address of this page could not be read. Go back and follow a link.")
            }
            _ => Problem::new(
                500,
                "There is a problem with the service",
                "The answer could not be read. Try again.",
            ),
        })
    }
}

/// What a browser knows when nobody answers.
#[must_use]
pub fn unreachable_server() -> Problem {
    let detail = "The server did not answer. Check the connection and try again.";
    Problem::new(503, "There is a problem with the service", detail)
}
