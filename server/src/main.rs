//! The program `stockroom`: reads its command line and does what it says.

use std::process::ExitCode;

use server::cli::{Cli, Command, Serve, Settings};
use server::telemetry;
use stockroom::config::READ_WORKBOOK;
use stockroom::workbook;

// glibc's keeps what an import has needed for as long as the server runs, and a little more after each one.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // A process with limits of its own, far too narrow for the threads of a server: it must not begin like one.
    if arguments.next().is_some_and(|word| word == READ_WORKBOOK) {
        return workbook::child::run(arguments);
    }
    match Cli::read() {
        Ok((command, settings)) => begin(command, settings),
        Err(answer) => told(&answer),
    }
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the person who starts the program reads this")]
async fn begin(command: Command, settings: Settings) -> ExitCode {
    let usual = match &command {
        // Its answer is its report.
        Command::Import(_) | Command::Health => "warn",
        _ => "info,sqlx=warn,sea_orm_migration=warn",
    };
    let done = match command {
        Command::Serve(serve) => serve_traced(serve, settings, usual).await,
        other => {
            telemetry::start(usual, settings.log_format);
            run(other, settings).await
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("stockroom: {error:#}");
        ExitCode::FAILURE
    })
}

async fn serve_traced(serve: Serve, settings: Settings, usual: &str) -> anyhow::Result<ExitCode> {
    let traces = telemetry::start_with_traces(usual, settings.log_format)?;
    let done = run(Command::Serve(serve), settings).await;
    traces.end();
    done
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

async fn run(command: Command, settings: Settings) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => server::serve(settings, serve.role).await?,
        Command::Migrate { action } => server::commands::migrate(settings, action).await?,
        Command::User { action } => server::commands::user(settings, action).await?,
        Command::ApiKey { action } => server::commands::api_key(settings, action).await?,
        Command::Import(args) => return server::commands::import(settings, *args).await,
        Command::Health => server::commands::health(&settings).await?,
    }
    Ok(ExitCode::SUCCESS)
}
