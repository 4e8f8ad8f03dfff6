//! The process that reads workbooks, for tests that have no binary of the server.

use std::process::ExitCode;

fn main() -> ExitCode {
    stockroom::workbook::child::run(std::env::args_os().skip(1))
}
