//! The real program, as a container runs it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use stockroom::testing::Shop;

/// The program with none of the settings that this process may have been started with.
pub fn program(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stockroom"));
    command.arg(word);
    for name in ["PORT", "LEPTOS_SITE_ADDR", "STOCKROOM_PUBLIC_URL", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

/// A server of its own, which is ended with the test.
pub struct Running {
    child: Child,
    pub port: u16,
    pub address: String,
    /// The first line that it printed.
    pub said: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    /// Serves this shop on a free port, with further variables, as soon as it says so.
    pub fn serve<'v>(shop: &Shop, variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let free = std::net::TcpListener::bind("0.0.0.0:0").and_then(|probe| probe.local_addr());
        let port = free.expect("a free port").port();
        let config = &shop.services.config;
        let child = program("serve")
            .env("DATABASE_URL", &config.database_url)
            .env("STORAGE_URL", &config.storage_url)
            .env("STOCKROOM_SCRATCH_DIR", &config.scratch_dir)
            .env("STOCKROOM_SECRET_KEY_FILE", &config.secret_key_file)
            .env("PORT", port.to_string())
            .envs(variables)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut running = Self {
            child: child.expect("the program starts"),
            port,
            address: format!("http://127.0.0.1:{port}"),
            said: String::new(),
        };
        let printed = running.child.stdout.as_mut().expect("what it prints");
        let read = BufReader::new(printed).read_line(&mut running.said);
        read.expect("a line");
        running.said.truncate(running.said.trim_end().len());
        running
    }

    /// Of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}
