//! Progress in one line of a terminal, on standard error. Where that is no terminal, nothing.

use std::io::{IsTerminal as _, Write as _};

use app::wording::{grouped, percent, time_left, whole_percent};
use stockroom::imports::Import;

/// Characters of the bar itself.
const WIDTH: usize = 24;

#[derive(Debug, Default)]
pub struct Bar {
    is_shown: bool,
}

impl Bar {
    pub fn show(&mut self, import: &Import) {
        if std::io::stderr().is_terminal() {
            self.write_out(&format!("\r\x1b[2K{}", line(import)));
            self.is_shown = true;
        }
    }

    /// A sentence that stays, above the bar.
    pub fn say(&mut self, sentence: &str) {
        self.clear();
        self.write_out(&format!("{sentence}\n"));
    }

    pub fn clear(&mut self) {
        if self.is_shown {
            self.write_out("\r\x1b[2K");
            self.is_shown = false;
        }
    }

    fn write_out(&self, text: &str) {
        let mut stderr = std::io::stderr();
        // A terminal that is gone takes no bar, and the import goes on.
        drop(stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()));
    }
}

fn line(import: &Import) -> String {
    let progress = &import.progress;
    let done = whole_percent(progress.percent) as usize * WIDTH / 100;
    let (full, rest) = ("#".repeat(done), ".".repeat(WIDTH - done));
    let rows = match progress.total {
        Some(total) => format!(" · {} rows", grouped(total)),
        None if progress.read > 0 => format!(" · {} rows read", grouped(progress.read)),
        None => String::new(),
    };
    let left = progress
        .eta_seconds
        .map(|seconds| format!(" · {}", time_left(seconds)))
        .unwrap_or_default();
    let (message, share) = (&progress.message, percent(progress.percent));
    format!("[{full}{rest}] {share:>5} {message}{rows}{left}")
}
