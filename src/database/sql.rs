//! SQL that is put together piece by piece, for queries whose plan must be chosen here and not by the database.

use sea_orm::{DatabaseBackend, Statement, Value};

/// Text with its values in order.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    backend: DatabaseBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub fn new(backend: DatabaseBackend) -> Self {
        Self {
            backend,
            text: String::new(),
            values: Vec::new(),
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.backend == DatabaseBackend::Postgres
    }

    /// Adds text of ours; never anything that came from outside.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        if self.is_postgres() {
            self.text.push_str(&format!("${}", self.values.len()));
        } else {
            self.text.push('?');
        }
        self
    }

    /// Adds whole numbers with commas between them. They need no binding, and there may be more of them than may be bound.
    pub fn numbers(&mut self, numbers: &[i64]) -> &mut Self {
        for (place, number) in numbers.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            self.text.push_str(&format!("{comma}{number}"));
        }
        self
    }

    /// Adds a condition on what stands before it: to be one of these. They are one value, so that the text stays the same.
    pub fn one_of(&mut self, numbers: &[i64]) -> &mut Self {
        let list = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        if self.is_postgres() {
            self.push(" = ANY(CAST(")
                .bind(format!("{{{list}}}"))
                .push(" AS bigint[]))")
        } else {
            self.push(" IN (SELECT value FROM json_each(")
                .bind(format!("[{list}]"))
                .push("))")
        }
    }

    /// The same with text of ours around it, which has no values.
    pub fn within(mut self, before: &str, after: &str) -> Self {
        self.text = format!("{before}{}{after}", self.text);
        self
    }

    /// Text and values, for a connection that is not SeaORM's.
    pub fn into_parts(self) -> (String, Vec<Value>) {
        (self.text, self.values)
    }

    pub fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}
