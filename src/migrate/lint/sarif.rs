//! Findings as SARIF 2.1.0, which code hosts show beside the lines of a change.

use serde_json::{Value, json};

use crate::migrate::lint::about::About;
use crate::migrate::lint::finding::{Finding, Level};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The findings of a run in which these rules were asked.
pub fn document(findings: &[Finding], rules: &[&About]) -> Value {
    let index = |id: &str| rules.iter().position(|rule| rule.id == id);
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, index(finding.rule))).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "crm-seed",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|about| rule(about)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(about: &About) -> Value {
    json!({
        "id": about.id,
        "shortDescription": { "text": about.summary },
        "fullDescription": { "text": about.why },
        "help": { "text": format!("{}\n\nBad:\n\n{}\nGood:\n\n{}", about.mend, about.bad, about.good) },
        "defaultConfiguration": { "level": level(about.level) },
    })
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Warning => "warning",
        Level::Error => "error",
    }
}

fn result(finding: &Finding, rule_index: Option<usize>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.level),
        "message": { "text": format!("{}: {}", finding.message, finding.mend) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.file) },
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
                "endColumn": finding.end_column,
            },
        } }],
        "partialFingerprints": {
            "statement/v1": format!("{}:{}:{}", finding.rule, finding.key.migration, finding.key.fingerprint),
        },
    });
    if let Some(index) = rule_index {
        result["ruleIndex"] = index.into();
    }
    result
}

/// A path as a reference: relative ones stay relative, and what a URI cannot hold is escaped.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("./own dir/é.sql"), "own%20dir/%C3%A9.sql");
        assert_eq!(uri("/a/b.sql"), "file:///a/b.sql");
    }
}
