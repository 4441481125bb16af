//! No secret is repeated, wherever on the command line, in the environment or in a file it stands.

use crate::harness::{Crm, Outcome};

/// Stands in every secret of these tests. It has no letter in common with what is told.
const SECRET: &str = "Zq8";
const URL: &str = "postgres://app:Zq8Zq8@db.example.com/crm";
/// Nobody listens there.
const NOWHERE: &str = "postgres://app@127.0.0.1:1/crm";

fn run(crm: &Crm, arguments: &[&str]) -> Outcome {
    crm.run_with(arguments).silent_about(SECRET)
}

#[test]
fn a_url_without_its_flag_is_masked_and_the_flag_told() {
    let crm = Crm::new();
    let named = format!("DATABASE_URL={URL}");
    for arguments in [
        &[URL][..],
        &["--clean", URL],
        &["--clean", "--seed", "42", URL],
        &[&named],
        &["doctor", URL],
        &["verify", URL],
        &["migrate", URL],
        &["migrate", "up", URL],
        &["init", URL],
        &["scenario", URL],
        &["--seed", URL],
        &["--as-of", URL],
        &["--jobs", URL],
        &["--method", URL],
        &["--triggers", URL],
        &["generate", "--out", "x", "--format", URL],
        &["completions", URL],
        &["host=db user=app password=Zq8Zq8"],
        &["host=db password='Zq8 Zq8' user=app"],
        &["host=db password = Zq8Zq8"],
        &["postgres://app:a Zq8/Zq8@Zq8?@db/crm"],
    ] {
        let outcome = run(&crm, arguments).fails(2);
        outcome.telling("--database-url URL").telling("***");
    }
    run(&crm, &["verify", URL]).telling("unexpected argument 'postgres://app:***@db.example.com/crm' found");
    // The shell has cut these at a blank.
    for arguments in [
        &["--database-url", "postgres://app:a", "Zq8@db/crm"][..],
        &["postgres://app:Zq8", "b@db/crm"],
        &["verify", "--postgres://app:Zq8@db/crm"],
        &["man", "--", "postgres://app:Zq8@db/crm"],
    ] {
        run(&crm, arguments).exits(2);
    }
    assert_eq!(crm.names_in(""), [""; 0]);
}

#[test]
fn a_url_in_the_place_of_a_file_or_a_name_is_masked() {
    let crm = Crm::new();
    for arguments in [
        &["--scenario", URL][..],
        &["--scenario-dir", URL],
        &["--config", URL],
        &["--handles", URL],
        &["generate", "--out", "x", "--table", URL],
        &["generate", "--out", "x", "--handles", URL],
        &["migrate", "up", "--dir", URL],
        &["man", URL],
        &["scenario", "show", URL],
        &["scenario", "check", URL],
        &["scenario", "new", URL],
    ] {
        let mut arguments = arguments.to_vec();
        if arguments[0].starts_with("--") {
            arguments.extend(["--database-url", NOWHERE]);
        }
        run(&crm, &arguments).fails(2).telling("***");
    }
    for arguments in [["--only", URL], ["--exclude", URL], ["--allow-remote", URL]] {
        run(&crm, &[arguments[0], arguments[1], "--database-url", NOWHERE]).fails(4);
    }
    let crm = Crm::new().with("CRM_SEED_SCENARIOS", URL);
    run(&crm, &["scenario", "list"]).fails(2);
}

#[test]
fn a_database_url_that_is_wrong_is_not_repeated() {
    for (url, code) in [
        ("mysql://app:Zq8@127.0.0.1:1/crm", 2),
        ("postgres:/app:Zq8@127.0.0.1:1/crm", 2),
        ("host=127.0.0.1 password=Zq8", 2),
        ("Zq8", 2),
        ("postgres://app:Zq8@127.0.0.1:port/crm", 2),
        ("postgres://app:1/Zq8@127.0.0.1:1/crm", 2),
        ("postgres://app:1?Zq8@127.0.0.1:1/crm", 2),
        ("postgres://app:1#Zq8@127.0.0.1:1/crm", 2),
        ("postgres://app:a@Zq8/b@127.0.0.1:1/crm", 2),
        ("postgres://app:a@Zq8?b@127.0.0.1:1/crm", 2),
        ("postgres://app:a@Zq8#b@127.0.0.1:1/crm", 2),
        ("postgres://app@127.0.0.1:1/crm?sslpassword=Zq8", 2),
        ("postgres://app@127.0.0.1:1/crm?sslpasswort=Zq8", 2),
        ("postgres://app@127.0.0.1:1/crm?pasword=Zq8", 4),
        ("postgres://app@127.0.0.1:1/crm?password=Zq8&Zq8", 4),
        ("postgres://app:a@Zq8@127.0.0.1:1/crm", 4),
        ("postgres://app:a:Zq8@127.0.0.1:1/crm", 4),
        ("postgres://app:Zq8@127.0.0.1:1/crm", 4),
        ("postgres://app:Zq8@[::1]:1/crm", 4),
        ("postgres://app:Zq8@/crm?host=/nowhere", 4),
        ("postgres://app:Zq8@db.example.com/crm", 3),
    ] {
        for command in ["verify", "doctor", "--clean", "init", "migrate up"] {
            let mut arguments: Vec<&str> = command.split(' ').collect();
            arguments.extend(["--database-url", url]);
            run(&Crm::new(), &arguments).fails(code);
        }
        let crm = Crm::new().with("DATABASE_URL", url);
        run(&crm, &["migrate", "status"]).fails(code);
        let crm = Crm::new();
        crm.write(".env", &format!("DATABASE_URL='{url}'\n"));
        run(&crm, &["verify"]).fails(code);
    }
}

#[test]
fn files_that_are_wrong_are_not_repeated_with_their_secrets() {
    for text in [
        "DATABASE_URL=postgres://app:Zq8 Zq8@db/crm\n",
        "DATABASE_URL=\"postgres://app:Zq8@db/crm\n",
        "Zq8 Zq8\nDATABASE_URL\n",
        "export DATABASE_URL Zq8\n",
    ] {
        let crm = Crm::new();
        crm.write(".env", text);
        run(&crm, &["verify"]).fails(2).telling(".env");
    }
    for text in [
        format!("database_url = \"{URL}\"\n"),
        format!("[tables.a]\nis = \"{URL}\"\n"),
        format!("[tables.\"{URL}\"]\nrows = -1\n"),
        format!("include = \"{URL}\"\n"),
    ] {
        let crm = Crm::new();
        crm.write("crm-seed.toml", &text);
        run(&crm, &["--database-url", NOWHERE]).fails(2).telling("crm-seed.toml:");
    }
    for text in [
        format!("{{ \"database_url\": \"{URL}\" }}"),
        format!("{{ \"name\": \"{URL}\", \"title\": \"t\", \"description\": \"d\" }}"),
        format!("{{ \"name\": \"s\", \"title\": \"t\", \"description\": \"d\", \"extends\": \"{URL}\" }}"),
        format!("{{ \"{URL}\": 1 }}"),
    ] {
        let crm = Crm::new();
        crm.write("s.json", &text);
        run(&crm, &["scenario", "check", "s.json"]).fails(2).telling("s.json:");
    }
}
