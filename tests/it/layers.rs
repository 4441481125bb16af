//! Who imports whom: layers that run one way, and no circle between files. Read from the sources, without compiling:
//! what `use` lines and paths name, through re-exports to the file that defines it; tests aside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// From the bottom up: a layer imports from itself and from those before it.
const LAYERS: [&str; 28] = [
    "error",
    "calendar",
    "random",
    "stream_labels",
    "fixture",
    "sql",
    "value",
    "redact",
    "terminal",
    "text_file",
    "whole_file",
    "interrupt",
    "project",
    "note",
    "letters",
    "suggestion",
    "report",
    "ui",
    "db",
    "catalog",
    "sqlexpr",
    "domain",
    "scenario",
    "infer",
    "plan",
    "sink",
    "migrate",
    "run",
];
/// Those above all others.
const TOP: [&str; 2] = ["verify", "cli"];

/// A file: its words, without comments, texts and tests.
struct File {
    words: Vec<String>,
    children: BTreeSet<String>,
    /// What it makes visible under another path, by the name there.
    exports: BTreeMap<String, Vec<String>>,
}

/// A module's path: `infer::rows::maker`.
type Module = String;

fn sources(directory: &Path, module: &str, files: &mut BTreeMap<Module, File>) {
    for entry in std::fs::read_dir(directory).expect("src").flatten() {
        let path = entry.path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let inner = if module.is_empty() { name.clone() } else { format!("{module}::{name}") };
        if name == "tests" {
            continue;
        }
        if path.is_dir() {
            sources(&path, &inner, files);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !["lib", "main"].contains(&&*name)
        {
            let inner = if name == "mod" { module.to_owned() } else { inner };
            let text = std::fs::read_to_string(&path).expect("a source");
            files.insert(inner, File::read(&text));
        }
    }
}

/// The tokens of Rust that matter here: names, `::`, braces and separators.
fn words(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (mut words, mut chars) = (Vec::new(), text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                // A character, or a lifetime.
                let mut ahead = chars.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    chars.next();
                    if first == Some('\\') {
                        chars.next();
                        while chars.next_if(|c| *c != '\'').is_some() {}
                    }
                    chars.next();
                }
            }
            ':' if chars.peek() == Some(&':') => {
                chars.next();
                words.push("::".into());
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c);
                }
                words.push(word);
            }
            '{' | '}' | ',' | ';' | '*' => words.push(c.into()),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The paths of a `use` tree, each with the name that it gets.
fn paths(tree: &[String], prefix: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let (mut path, mut at, mut name) = (prefix.to_vec(), 0, None);
    while at < tree.len() {
        match tree[at].as_str() {
            "{" => {
                let (mut depth, mut start) = (0, at + 1);
                for end in at..tree.len() {
                    match tree[end].as_str() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        _ => {}
                    }
                    let is_end = depth == 0 || depth == 1 && tree[end] == ",";
                    if is_end {
                        if end > start {
                            paths(&tree[start..end], &path, found);
                        }
                        start = end + 1;
                    }
                    if depth == 0 {
                        break;
                    }
                }
                return;
            }
            "as" => {
                name = tree.get(at + 1).cloned();
                break;
            }
            "::" => {}
            "self" if !path.is_empty() => {}
            word => path.push(word.to_owned()),
        }
        at += 1;
    }
    let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
    found.push((path, name));
}

impl File {
    fn read(text: &str) -> Self {
        let words = words(text);
        let children =
            words.windows(3).filter(|w| w[0] == "mod" && w[2] == ";").map(|w| w[1].clone()).collect();
        let mut exports = BTreeMap::new();
        for (is_public, tree) in uses(&words) {
            let mut found = Vec::new();
            paths(tree, &[], &mut found);
            if is_public {
                exports.extend(found.into_iter().map(|(path, name)| (name, path)));
            }
        }
        Self { words, children, exports }
    }

    /// All paths that it names, outside of re-exports that it does not use itself.
    fn named(&self) -> Vec<Vec<String>> {
        let mut named = Vec::new();
        let body = body(&self.words);
        for (is_public, tree) in uses(&self.words) {
            let mut found = Vec::new();
            paths(tree, &[], &mut found);
            for (path, name) in found {
                if name == "*" || body.contains(&name.as_str()) {
                    // Of a module those of its names that are used.
                    named.extend(behind(&body, &name).into_iter().map(|rest| [path.clone(), rest].concat()));
                    named.push(path);
                } else if !is_public {
                    named.push(path);
                }
            }
        }
        for (at, word) in body.iter().enumerate() {
            let begins = at == 0 || body[at - 1] != "::";
            let is_path = body.get(at + 1) == Some(&"::");
            if begins && is_path && (matches!(*word, "crate" | "super") || self.children.contains(*word)) {
                let mut path = vec![(*word).to_owned()];
                let mut next = at + 1;
                while body.get(next) == Some(&"::") && next + 1 < body.len() {
                    path.push(body[next + 1].to_owned());
                    next += 2;
                }
                named.push(path);
            }
        }
        named
    }
}

/// What stands behind `name::` in a body.
fn behind(body: &[&str], name: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for at in 0..body.len() {
        if body[at] == name && (at == 0 || body[at - 1] != "::") {
            let (mut path, mut next) = (Vec::new(), at + 1);
            while body.get(next) == Some(&"::") && next + 1 < body.len() {
                path.push(body[next + 1].to_owned());
                next += 2;
            }
            if !path.is_empty() {
                found.push(path);
            }
        }
    }
    found
}

/// The `use` items, and whether each is public.
fn uses(words: &[String]) -> Vec<(bool, &[String])> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if word == "use" && (at == 0 || words[at - 1] != "::") {
            let end = words[at..].iter().position(|word| word == ";").map_or(words.len(), |end| at + end);
            let before = &words[at.saturating_sub(2)..at];
            found.push((before.iter().any(|word| word == "pub"), &words[at + 1..end]));
        }
    }
    found
}

/// All but `use` items and declarations of modules.
fn body(words: &[String]) -> Vec<&str> {
    let (mut body, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let is_declaration = words[at] == "mod" && words.get(at + 2).is_some_and(|end| end == ";");
        if words[at] == "use" || is_declaration {
            at += words[at..].iter().position(|word| word == ";").unwrap_or(words.len() - at);
        } else {
            body.push(words[at].as_str());
        }
        at += 1;
    }
    body
}

/// The path from the root, where it is one of ours.
fn absolute(path: &[String], module: &str, file: &File) -> Option<Vec<String>> {
    let own = || module.split("::").map(str::to_owned);
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some(own().chain(path[1..].iter().cloned()).collect()),
        "super" => {
            let up = path.iter().take_while(|word| *word == "super").count();
            let keep = own().count().checked_sub(up)?;
            Some(own().take(keep).chain(path[up..].iter().cloned()).collect())
        }
        child if file.children.contains(child) => Some(own().chain(path.iter().cloned()).collect()),
        _ => None,
    }
}

/// The file that defines what a path names.
fn defining(path: &[String], files: &BTreeMap<Module, File>, depth: usize) -> Option<Module> {
    for length in (1..=path.len()).rev() {
        let module = path[..length].join("::");
        let Some(file) = files.get(&module) else { continue };
        let Some(export) = path.get(length).and_then(|name| file.exports.get(name)).filter(|_| depth < 8)
        else {
            return Some(module);
        };
        let mut behind = absolute(export, &module, file)?;
        behind.extend_from_slice(&path[length + 1..]);
        return defining(&behind, files, depth + 1);
    }
    None
}

/// Who imports whom.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let mut files = BTreeMap::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut files);
    assert!(files.len() > 200, "the sources are found");
    let of = |(module, file): (&Module, &File)| {
        let named = file.named();
        let found = named.iter().filter_map(|path| defining(&absolute(path, module, file)?, &files, 0));
        (module.clone(), found.filter(|found| found != module).collect())
    };
    files.iter().map(of).collect()
}

#[test]
fn imports_run_down_the_layers() {
    let layers: Vec<&str> = LAYERS.iter().chain(&TOP).copied().collect();
    let of = |module: &str| {
        let layer = module.split("::").next().unwrap_or_default();
        layers.iter().position(|known| *known == layer).unwrap_or_else(|| panic!("{module} has no layer"))
    };
    let mut wrong = Vec::new();
    for (module, imported) in imports() {
        wrong.extend(
            imported
                .iter()
                .filter(|other| of(other) > of(&module))
                .map(|other| format!("{module} imports {other}")),
        );
        // Expressions of SQL are nobody's but their own.
        let is_strange = |other: &&Module| !other.starts_with("sqlexpr") && *other != "calendar";
        if module.starts_with("sqlexpr") {
            wrong.extend(imported.iter().filter(is_strange).map(|other| format!("{module} imports {other}")));
        }
        let sees_target = |other: &&Module| other.starts_with("db") || other.starts_with("catalog");
        if module.starts_with("domain") || module.starts_with("scenario") {
            wrong
                .extend(imported.iter().filter(sees_target).map(|other| format!("{module} imports {other}")));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn no_files_import_one_another_in_a_circle() {
    let mut imports = imports();
    // What imports nothing that is left is in no circle, nor what nobody imports that is left.
    loop {
        let imported: BTreeSet<Module> = imports.values().flatten().cloned().collect();
        let is_free =
            |(module, of): &(&Module, &BTreeSet<Module>)| of.is_empty() || !imported.contains(*module);
        let free: BTreeSet<Module> =
            imports.iter().filter(is_free).map(|(module, _)| module.clone()).collect();
        if free.is_empty() {
            break;
        }
        imports.retain(|module, _| !free.contains(module));
        imports.values_mut().for_each(|imported| imported.retain(|other| !free.contains(other)));
    }
    assert_eq!(imports, BTreeMap::new(), "these import one another in circles");
}
