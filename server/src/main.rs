//! The program `stockroom`: reads its command line and does what it says.

use clap::Parser as _;
use server::cli::{Cli, Command};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    server::telemetry::start();
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => server::serve(cli.settings).await,
        Command::Migrate { action } => server::commands::migrate(cli.settings, action).await,
        Command::User { action } => server::commands::user(cli.settings, action).await,
        Command::ApiKey { action } => server::commands::api_key(cli.settings, action).await,
    }
}
