//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

/// As the format names it.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A text that grows by one family after the other.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

pub type Labels<'l> = &'l [(&'l str, &'l str)];

impl Exposition {
    /// Begins a family; its samples follow at once.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) -> &mut Self {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {}", kind.as_str()));
        self
    }

    pub fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) -> &mut Self {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        if labels.is_empty() {
            self.line(format_args!("{name} {value}"));
        } else {
            self.line(format_args!("{name}{{{}}} {value}", labels.join(",")));
        }
        self
    }

    /// A family with one sample.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) -> &mut Self {
        self.family(name, kind, help).sample(name, &[], value)
    }

    /// The same, where there may be nothing to tell.
    pub fn known(&mut self, name: &str, kind: Kind, help: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.single(name, kind, help, value),
            None => self,
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    pub fn into_text(self) -> String {
        self.text
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::{Exposition, Kind};

    #[test]
    fn signs_that_end_a_label_or_a_line_are_escaped() {
        let mut text = Exposition::default();
        text.family("a_total", Kind::Counter, "One\nline \\ each")
            .sample("a_total", &[("path", "C:\\x"), ("say", "\"hi\"\n")], 2)
            .known("b", Kind::Gauge, "Nothing", None::<i64>)
            .single("c", Kind::Gauge, "Half", 0.5);
        let expected = "# HELP a_total One\\nline \\\\ each\n# TYPE a_total counter\n\
            a_total{path=\"C:\\\\x\",say=\"\\\"hi\\\"\\n\"} 2\n# HELP c Half\n# TYPE c gauge\nc 0.5\n";
        assert_eq!(text.into_text(), expected);
    }
}
