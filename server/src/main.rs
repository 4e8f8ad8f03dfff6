//! The program `stockroom`: reads its command line and does what it says.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::{Cli, Command};
use stockroom::config::READ_WORKBOOK;
use stockroom::workbook;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // A process with limits of its own, far too narrow for the threads of a server: it must not begin like one.
    if arguments.next().is_some_and(|word| word == READ_WORKBOOK) {
        return workbook::child::run(arguments);
    }
    begin(Cli::parse())
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the person who starts the program reads this")]
async fn begin(cli: Cli) -> ExitCode {
    server::telemetry::start();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stockroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => server::serve(cli.settings).await,
        Command::Migrate { action } => server::commands::migrate(cli.settings, action).await,
        Command::User { action } => server::commands::user(cli.settings, action).await,
        Command::ApiKey { action } => server::commands::api_key(cli.settings, action).await,
    }
}
