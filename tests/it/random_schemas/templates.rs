//! What the schemas are made of, as the text files beside this say.

/// A table that a schema may have.
pub struct Template {
    /// What we call it.
    pub ours: &'static str,
    /// What it may be called.
    pub names: Vec<&'static str>,
    /// It is none of the domain's.
    pub is_extra: bool,
    /// The two that it links.
    pub links: Vec<&'static str>,
    /// Its columns.
    pub columns: Vec<Wanted>,
}

/// A column that a table may have.
pub struct Wanted {
    /// What we call it.
    pub ours: &'static str,
    /// What it may be called.
    pub names: Vec<&'static str>,
    /// It must have a value more often than not.
    pub is_needed: bool,
    /// It is never left out.
    pub stays: bool,
    /// It is often left out.
    pub is_rare: bool,
    /// What it may be.
    pub kinds: Vec<Kind>,
    /// What it may be held to, where it is of the class of the first type.
    pub checks: Vec<&'static str>,
}

/// What a column is.
pub enum Kind {
    /// A type of PostgreSQL's.
    Type(&'static str),
    /// One of these labels.
    Labels(Vec<&'static str>),
    /// A reference.
    To(&'static str),
}

/// A column that the domain has not.
pub struct Added {
    /// Its type.
    pub kind: &'static str,
    /// Nobody knows how to fill it: it may always be NULL.
    pub is_exotic: bool,
    /// What it may be called.
    pub names: Vec<&'static str>,
    /// Its defaults.
    pub defaults: Vec<&'static str>,
    /// What it may be held to.
    pub checks: Vec<&'static str>,
}

/// Columns that belong together: name, type, NOT NULL.
pub struct Group {
    /// The columns.
    pub columns: Vec<(&'static str, &'static str, bool)>,
    /// What they are held to, in which `$1` is the first.
    pub checks: Vec<&'static str>,
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// The tables.
pub fn templates() -> Vec<Template> {
    let mut templates: Vec<Template> = Vec::new();
    for line in lines(include_str!("tables.txt")) {
        if let Some(column) = line.strip_prefix("  ") {
            templates.last_mut().expect("a table").columns.push(wanted(column));
        } else {
            templates.push(template(line));
        }
    }
    templates
}

fn template(line: &'static str) -> Template {
    let (head, names) = line.split_once(':').expect("names");
    let head = head.trim();
    let is_extra = head.ends_with('*');
    let mut words = head.trim_end_matches('*').split_whitespace();
    let ours = words.next().expect("a name");
    let links = words.filter(|word| *word != "+").collect();
    Template { ours, names: names.split_whitespace().collect(), is_extra, links, columns: Vec::new() }
}

fn wanted(line: &'static str) -> Wanted {
    let mut parts = line.splitn(3, " | ");
    let mut names: Vec<&str> = parts.next().expect("names").split_whitespace().collect();
    let marked = names[0];
    let ours = marked.trim_end_matches(['!', '?', '=']);
    let marks = &marked[ours.len()..];
    names[0] = ours;
    names.retain(|name| *name != "|");
    let kinds = parts.next().expect("types").split(';').map(|kind| kind_of(kind.trim())).collect();
    let checks = parts.next().map(listed).unwrap_or_default();
    Wanted {
        ours,
        names,
        is_needed: marks.contains('!'),
        stays: marks.contains('='),
        is_rare: marks.contains('?'),
        kinds,
        checks,
    }
}

fn kind_of(text: &'static str) -> Kind {
    if let Some(table) = text.strip_prefix("-> ") {
        return Kind::To(table);
    }
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(labels) => Kind::Labels(labels.split_whitespace().collect()),
        None => Kind::Type(text),
    }
}

fn listed(text: &'static str) -> Vec<&'static str> {
    text.split(";;").map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The columns that the domain has not.
pub fn added() -> Vec<Added> {
    let text = include_str!("added.txt").lines().filter(|line| !line.starts_with("# "));
    text.map(|line| {
        let mut parts = line.split(" |").map(str::trim);
        let mut part = || parts.next().unwrap_or_default();
        let kind = part();
        Added {
            kind: kind.trim_start_matches('#'),
            is_exotic: kind.starts_with('#'),
            names: part().split_whitespace().collect(),
            defaults: listed(part()),
            checks: listed(part()),
        }
    })
    .collect()
}

/// The columns that belong together.
pub fn groups() -> Vec<Group> {
    lines(include_str!("groups.txt")).map(group).collect()
}

/// The columns that cannot be.
pub fn never() -> Vec<Group> {
    lines(include_str!("never.txt")).map(group).collect()
}

fn group(line: &'static str) -> Group {
    let (columns, checks) = line.split_once(" : ").expect("checks");
    let column = |text: &'static str| {
        let (name, kind) = text.trim().split_once(' ').expect("a type");
        (name, kind.trim_end_matches('!'), kind.ends_with('!'))
    };
    Group { columns: columns.split(", ").map(column).collect(), checks: listed(checks) }
}
