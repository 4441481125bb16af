//! What apps and frameworks do besides: copies beside references, counters, pairs of a type and a key, owners of rows,
//! triggers that refuse what is optional. What rows could get wrong has a question that answers 0 where they agree;
//! keys and exclusion constraints have none, as the server holds rows to them.

use super::generate::Maker;
use super::naming::singular;
use super::schema::{Class, Question, Reference, class, quote};

/// Adds some of them.
pub fn add(maker: &mut Maker) {
    if maker.schema.has_tenants {
        return;
    }
    for habit in
        [copy, counter, comments, content_types, booking, preferences, squads, refusal, owner, approval, span]
    {
        habit(maker);
    }
    people(maker);
}

/// The table that we call so, by its name in SQL, and its key.
fn table(maker: &Maker, ours: &str) -> Option<(usize, String, String)> {
    let at = maker.position(ours)?;
    let table = &maker.schema.tables[at];
    let key = table.column("id")?;
    (table.key.len() == 1 && table.partition.is_none()).then(|| (at, table.quoted(), key.quoted()))
}

/// The only declared reference from one table to another, quoted.
fn reference(maker: &Maker, from: usize, to: usize) -> Option<String> {
    let is_it =
        |reference: &&Reference| reference.from == from && reference.to == to && reference.rest != "[]";
    let mut all = maker.schema.references.iter().filter(is_it);
    let one = all.next().filter(|one| one.is_declared)?;
    all.next().is_none().then(|| quote(&one.column))
}

fn ask(maker: &mut Maker, what: &'static str, query: String) {
    maker.schema.questions.push(Question { what, query });
}

/// `customer_name` beside the reference to the customer.
fn copy(maker: &mut Maker) {
    let mut dice = maker.dice("copy");
    let Some((to, companies, key)) = table(maker, "organizations") else { return };
    let from = *dice.pick(&["contacts", "opportunities", "tasks"]);
    let Some((at, name, _)) = table(maker, from).filter(|_| dice.chance(20)) else { return };
    let (Some(reference), Some(theirs)) = (reference(maker, at, to), maker.schema.tables[to].column("name"))
    else {
        return;
    };
    let theirs = theirs.quoted();
    let own = quote(&maker.style.column(&format!("{}_name", singular(maker.original(to)))));
    if maker.schema.tables[at].columns.iter().any(|column| column.quoted() == own) {
        return;
    }
    maker.schema.after.push(format!("ALTER TABLE {name} ADD {own} text"));
    let query = format!(
        "SELECT count(*) FROM {name} f JOIN {companies} t ON t.{key} = f.{reference} WHERE f.{own} IS DISTINCT FROM t.{theirs}"
    );
    ask(maker, "copies of the company's name differ from it", query);
}

/// `contacts_count` of companies.
fn counter(maker: &mut Maker) {
    let mut dice = maker.dice("counter");
    let Some((to, companies, key)) = table(maker, "organizations").filter(|_| dice.chance(20)) else {
        return;
    };
    let Some((at, name, _)) = table(maker, "contacts") else { return };
    let Some(reference) = reference(maker, at, to) else { return };
    let own = quote(&maker.style.column(&format!("{}_count", maker.original(at))));
    maker.schema.after.push(format!("ALTER TABLE {companies} ADD {own} integer NOT NULL DEFAULT 0"));
    let counted = format!("(SELECT count(*) FROM {name} f WHERE f.{reference} = t.{key})");
    let query = format!("SELECT count(*) FROM {companies} t WHERE {own} NOT IN (0, {counted})");
    ask(maker, "counters do not count", query);
}

/// The keys of all tables that we know, as texts.
fn keys(maker: &Maker) -> String {
    let all = ["organizations", "contacts", "opportunities", "products", "tasks"].into_iter();
    let all = all.filter_map(|ours| table(maker, ours));
    all.map(|(_, name, key)| format!("SELECT {key}::text FROM {name}"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ")
}

/// Comments on rows of any table, as Rails has them.
fn comments(maker: &mut Maker) {
    let mut dice = maker.dice("comments");
    let is_free = maker.schema.tables.iter().all(|table| !table.name.to_lowercase().contains("comment"));
    if !is_free || !dice.chance(20) {
        return;
    }
    let id = maker.reference_type(0);
    maker.schema.after.push(format!(
        "CREATE TABLE comments (id bigserial PRIMARY KEY, commentable_type varchar(80), commentable_id {id}, body text)"
    ));
    let query = format!(
        "SELECT count(*) FROM comments WHERE (commentable_type IS NULL) <> (commentable_id IS NULL)
           OR commentable_id IS NOT NULL AND commentable_id::text NOT IN ({})",
        keys(maker)
    );
    ask(maker, "comments on rows that are not there", query);
}

/// Rows of any table, as Django refers to them.
fn content_types(maker: &mut Maker) {
    let mut dice = maker.dice("content types");
    if !dice.chance(15) {
        return;
    }
    let models: Vec<String> = ["organizations", "contacts", "opportunities"]
        .into_iter()
        .filter_map(|ours| maker.position(ours))
        .map(|at| format!("('crm', '{}')", singular(maker.original(at)).replace('_', "")))
        .collect();
    maker.schema.after.push(format!(
        "CREATE TABLE django_content_type (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
           app_label varchar(100) NOT NULL, model varchar(100) NOT NULL, UNIQUE (app_label, model));
         INSERT INTO django_content_type (app_label, model) VALUES ('sessions', 'session'), {};
         CREATE TABLE remarks (id bigserial PRIMARY KEY, remark text NOT NULL, object_id varchar(64) NOT NULL,
           content_type_id integer NOT NULL REFERENCES django_content_type)",
        models.join(", ")
    ));
    let query = format!("SELECT count(*) FROM remarks WHERE object_id NOT IN ({})", keys(maker));
    ask(maker, "remarks on rows that are not there", query);
}

/// Spans of time of which no two overlap.
fn booking(maker: &mut Maker) {
    let mut dice = maker.dice("booking");
    if dice.chance(12) {
        maker.schema.after.push(
            "CREATE TABLE meetings_booked (id bigserial PRIMARY KEY, title text, during tstzrange NOT NULL,
               EXCLUDE USING gist (during WITH &&))"
                .to_owned(),
        );
    }
}

/// A key in which NULLs are alike.
fn preferences(maker: &mut Maker) {
    let mut dice = maker.dice("preferences");
    let Some((at, contacts, key)) = table(maker, "contacts").filter(|_| dice.chance(15)) else { return };
    let id = maker.reference_type(at);
    maker.schema.after.push(format!(
        "CREATE TABLE contact_preferences (id bigserial PRIMARY KEY, contact_id {id} REFERENCES {contacts} ({key}),
           channel text, note text, UNIQUE NULLS NOT DISTINCT (contact_id, channel))"
    ));
}

/// A composite key to rows of the same table.
fn squads(maker: &mut Maker) {
    let mut dice = maker.dice("squads");
    if dice.chance(12) {
        maker.schema.after.push(
            "CREATE TABLE teams_of_units (unit_no integer NOT NULL, id integer NOT NULL, name text NOT NULL,
               parent_id integer, PRIMARY KEY (unit_no, id), FOREIGN KEY (unit_no, parent_id) REFERENCES teams_of_units)"
                .to_owned(),
        );
    }
}

/// A trigger that refuses an optional value.
fn refusal(maker: &mut Maker) {
    let mut dice = maker.dice("refusal");
    let from = *dice.pick(&["contacts", "organizations", "opportunities"]);
    let Some((at, name, _)) = table(maker, from).filter(|_| dice.chance(15)) else { return };
    let optional = maker.schema.tables[at].columns.iter().filter(|column| {
        let is_name = ["name", "first_name", "last_name", "title", "stage"].contains(&column.ours);
        !column.not_null && !is_name && class(&column.kind) == Class::Text && column.rest.is_empty()
    });
    let optional: Vec<String> = optional.map(|column| column.quoted()).collect();
    if optional.is_empty() {
        return;
    }
    let column = dice.pick(&optional).clone();
    maker.schema.after.push(format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
           IF NEW.{column} IS NOT NULL THEN RAISE EXCEPTION 'not allowed'; END IF;
           RETURN NEW;
         END
         $$;
         CREATE TRIGGER refuse BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION refuse()"
    ));
    ask(maker, "a value that a trigger refuses", format!("SELECT count({column}) FROM {name}"));
}

/// All rows belong to a workspace.
fn owner(maker: &mut Maker) {
    let mut dice = maker.dice("owner of rows");
    if !dice.chance(10) {
        return;
    }
    maker
        .schema
        .after
        .push("CREATE TABLE workspaces (id bigserial PRIMARY KEY, name text NOT NULL)".to_owned());
    let names: Vec<String> = maker
        .schema
        .tables
        .iter()
        .filter(|table| table.rows.is_empty())
        .map(|table| table.quoted())
        .collect();
    for name in &names {
        maker
            .schema
            .after
            .push(format!("ALTER TABLE {name} ADD workspace_id bigint NOT NULL REFERENCES workspaces"));
    }
    let (Some((to, companies, key)), Some((at, contacts, _))) =
        (table(maker, "organizations"), table(maker, "contacts"))
    else {
        return;
    };
    let Some(reference) = reference(maker, at, to) else { return };
    let query = format!(
        "SELECT count(*) FROM {contacts} f JOIN {companies} t ON t.{key} = f.{reference} WHERE f.workspace_id <> t.workspace_id"
    );
    ask(maker, "contacts of another workspace than their company's", query);
}

/// Who and when: both or neither.
fn approval(maker: &mut Maker) {
    let mut dice = maker.dice("approval");
    let Some((_, name, _)) = table(maker, "opportunities").filter(|_| dice.chance(20)) else { return };
    let [at, by] = ["approved_at", "approved_by"].map(|column| quote(&maker.style.column(column)));
    maker.schema.after.push(format!("ALTER TABLE {name} ADD {at} timestamptz, ADD {by} text"));
    let query = format!("SELECT count(*) FROM {name} WHERE ({at} IS NULL) <> ({by} IS NULL)");
    ask(maker, "approved by nobody, or never", query);
}

/// From before to.
fn span(maker: &mut Maker) {
    let mut dice = maker.dice("span");
    let Some((_, name, _)) = table(maker, "products").filter(|_| dice.chance(20)) else { return };
    let [from, to] = ["sold_from", "sold_until"].map(|column| quote(&maker.style.column(column)));
    maker.schema.after.push(format!("ALTER TABLE {name} ADD {from} date, ADD {to} date"));
    let query = format!("SELECT count(*) FROM {name} WHERE {from} > {to}");
    ask(maker, "valid until before it is valid", query);
}

/// Names of people are names, and mailboxes nobody's.
fn people(maker: &mut Maker) {
    let Some(at) = maker.position("contacts") else { return };
    let table = &maker.schema.tables[at];
    let name = table.quoted();
    let of = |ours: &str| {
        table
            .column(ours)
            .filter(|column| matches!(&*column.kind, "text" | "varchar(120)"))
            .map(|c| c.quoted())
    };
    let numbered = of("last_name").map(|last| format!("SELECT count(*) FROM {name} WHERE {last} ~ '[0-9]$'"));
    let mailboxes = of("email").map(|email| {
        format!(
            "SELECT count(*) FROM {name} WHERE {email} !~* '(\\.example|\\.test|example\\.(com|org|net))$'"
        )
    });
    if let Some(query) = numbered {
        ask(maker, "last names end in numbers", query);
    }
    if let Some(query) = mailboxes {
        ask(maker, "mailboxes that may be somebody's", query);
    }
}
