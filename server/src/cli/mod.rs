//! The command line and the settings. Every setting is also an environment variable; `.env.example` shows them all.

mod settings;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use stockroom::accounts::Role;
use stockroom::nodes::NodeRole;

pub use settings::{RateSettings, RetentionSettings, Settings};

use crate::commands::import::ImportArgs;

/// Import, look after and publish a shop's catalogue.
#[derive(Debug, Parser)]
#[command(name = "stockroom", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub settings: Settings,
}

impl Cli {
    /// What the command line and the environment say. Without a command, it is `serve`.
    ///
    /// # Errors
    /// What the command line itself has to say: help, the version, or what is wrong with it.
    pub fn read() -> Result<(Command, Settings), clap::Error> {
        let words: Vec<_> = std::env::args_os().collect();
        let cli = Self::try_parse_from(&words)?;
        match cli.command {
            Some(command) => Ok((command, cli.settings)),
            None => {
                let serve = Self::try_parse_from(words.into_iter().chain(["serve".into()]))?;
                let command = serve
                    .command
                    .ok_or_else(|| clap::Error::new(ErrorKind::MissingSubcommand))?;
                Ok((command, serve.settings))
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the pages and the API, and work in the background (the default).
    Serve(Serve),
    /// Change the schema of the database.
    Migrate {
        #[command(subcommand)]
        action: MigrateAction,
    },
    /// Look after the people who may sign in.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Look after the keys with which programs call the API.
    ApiKey {
        #[command(subcommand)]
        action: ApiKeyAction,
    },
    /// Import one file, here and now, and print what came of it.
    Import(Box<ImportArgs>),
    /// Ask the server of these settings whether it can do its work; for the health checks of containers.
    Health,
}

#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// What this node does, of several on one PostgreSQL database and one bucket: `web`, `worker`, or `all`.
    #[arg(long, env = "STOCKROOM_ROLE", default_value = "all")]
    pub role: NodeRole,
}

#[derive(Debug, Subcommand)]
pub enum MigrateAction {
    /// Bring the schema up to date.
    Up,
    /// Take the last change back.
    Down,
    /// Show which changes have been made.
    Status,
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// Add a person. The password is read from standard input; from a terminal, one is made up and printed.
    Add {
        email: String,
        #[arg(long, default_value = "admin")]
        role: Role,
    },
}

#[derive(Debug, Subcommand)]
pub enum ApiKeyAction {
    /// Make a key and print it, this once.
    Create {
        name: String,
        #[arg(long, default_value = "editor")]
        role: Role,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Cli;

    fn listens_on(arguments: &[&str]) -> String {
        let cli = Cli::try_parse_from(["stockroom"].iter().chain(arguments)).expect("a command line");
        format!("{} {}", cli.settings.listens_on(), cli.settings.public_address())
    }

    #[test]
    fn a_port_alone_means_all_addresses_and_an_address_counts_more() {
        assert_eq!(listens_on(&[]), "127.0.0.1:3000 http://127.0.0.1:3000");
        assert_eq!(listens_on(&["--port", "10000"]), "0.0.0.0:10000 http://127.0.0.1:10000");
        let both = ["--port", "10000", "--site-addr", "[::]:8080"];
        assert_eq!(listens_on(&both), "[::]:8080 http://[::1]:8080");
    }

    #[test]
    fn proxies_are_named_by_their_addresses_or_networks() {
        let cli = Cli::try_parse_from(["stockroom", "--trusted-proxies=127.0.0.1, 10.0.0.0/8,fd00::/8"]);
        let named = cli.expect("a command line").settings.trusted_proxies;
        let named: Vec<String> = named.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);
        Cli::try_parse_from(["stockroom", "--trusted-proxies=proxy.example"]).expect_err("no address");
    }

    #[test]
    fn a_port_that_is_none_is_refused_with_what_it_must_be() {
        for port in ["http", "0", "65536", "-1", "", "tcp://10.0.0.1:80"] {
            let refused = Cli::try_parse_from(["stockroom", &format!("--port={port}")]).expect_err("no port");
            assert!(refused.to_string().contains("PORT must be a number"), "{refused}");
        }
    }
}
