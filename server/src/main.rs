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
    match Cli::try_parse() {
        Ok(cli) => begin(cli),
        Err(answer) => told(&answer),
    }
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the person who starts the program reads this")]
async fn begin(cli: Cli) -> ExitCode {
    let usual = match &cli.command {
        // Its answer is its report.
        Some(Command::Import(_)) => "warn",
        _ => "info,sqlx=warn,sea_orm_migration=warn",
    };
    server::telemetry::start(usual, cli.settings.log_format);
    match run(cli).await {
        Ok(status) => status,
        Err(error) => {
            eprintln!("stockroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line itself has to say: help, the version, or what is wrong with it. That is 1 and not 2, which `import` uses.
fn told(answer: &clap::Error) -> ExitCode {
    drop(answer.print());
    if answer.use_stderr() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => server::serve(cli.settings).await?,
        Command::Migrate { action } => server::commands::migrate(cli.settings, action).await?,
        Command::User { action } => server::commands::user(cli.settings, action).await?,
        Command::ApiKey { action } => server::commands::api_key(cli.settings, action).await?,
        Command::Import(args) => return server::commands::import(cli.settings, *args).await,
    }
    Ok(ExitCode::SUCCESS)
}
