//! The document that the server gives, read by a test.

use serde_json::{Value, json};

pub struct Document(pub Value);

/// One operation. `method` is in small letters.
pub struct Operation<'d> {
    pub method: &'d str,
    pub path: &'d str,
    pub value: &'d Value,
}

impl Document {
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths").iter();
        paths
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("operations").iter();
                methods.map(move |(method, value)| Operation { method, path, value })
            })
            .collect()
    }

    pub fn operation(&self, id: &str) -> Operation<'_> {
        let mut all = self.operations().into_iter();
        all.find(|operation| operation.id() == id)
            .unwrap_or_else(|| panic!("there is no operation {id}"))
    }

    /// What a reference leads to.
    fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value["$ref"].as_str() {
            Some(place) => self
                .0
                .pointer(place.trim_start_matches('#'))
                .expect("a reference that leads somewhere"),
            None => value,
        }
    }

    /// The example of a schema, or of what it refers to.
    pub fn example(&self, schema: &Value) -> Value {
        self.resolve(schema)["example"].clone()
    }

    /// Fails with all that the schema finds wrong.
    pub fn check(&self, schema: &Value, instance: &Value, what: &str) {
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.0["components"],
            "allOf": [schema],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&root);
        let validator = validator.unwrap_or_else(|error| panic!("{what}: no schema: {error}"));
        let faults: Vec<String> = validator
            .iter_errors(instance)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{what}: {faults:?} in {instance}");
    }
}

impl<'d> Operation<'d> {
    pub fn id(&self) -> &'d str {
        self.value["operationId"].as_str().expect("an operationId")
    }

    pub fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// What stands before its path, if it is not the prefixes of the rest.
    pub fn server(&self) -> Option<&'d str> {
        let url = self.value["servers"][0]["url"].as_str()?;
        Some(url.trim_end_matches('/'))
    }

    pub fn parameters(&self) -> impl Iterator<Item = &'d Value> {
        self.value
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    pub fn statuses(&self) -> Vec<&'d str> {
        let responses = self.value["responses"].as_object().expect("responses");
        responses.keys().map(String::as_str).collect()
    }

    pub fn response<'a>(&self, document: &'a Document, status: &str) -> Option<&'a Value>
    where
        'd: 'a,
    {
        self.value["responses"]
            .get(status)
            .map(|response| document.resolve(response))
    }
}
