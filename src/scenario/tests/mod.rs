//! What is held of scenario files as a whole.

mod bad;
mod good;
mod loading;
mod properties;
mod schema;

/// The rule names that the tests know.
const RULES: [&str; 2] = ["amount-is-sum-of-line-items", "tasks-done-in-time"];

/// The example of the documentation.
fn example() -> &'static str {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenarios.md"));
    let (_, text) = text.split_once("```json\n").expect("an example");
    text.split_once("```").expect("its end").0
}

/// A file called x.json that has these fields besides those that it needs, on its second line.
fn file(fields: &str) -> String {
    format!("{{\"name\": \"x\", \"title\": \"t\", \"description\": \"d\",\n{fields}}}")
}

/// The problems of x.json.
fn problems(text: &str) -> Vec<String> {
    match super::parse("x.json", text, &RULES) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}
