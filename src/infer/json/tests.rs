use super::shape::{Scalar, Shape};
use super::*;

fn read(sql: &str, column: &str) -> Shape {
    let mut shape = Shape::default();
    reader::read(&mut shape, sql, column, &BTreeSet::new());
    shape
}

fn members(shape: &Shape) -> Vec<&str> {
    shape.members.keys().map(String::as_str).collect()
}

fn items(sql: &str) -> Vec<String> {
    let shape = read(sql, "emails");
    let item = shape.item.unwrap_or_else(|| panic!("{sql}: no item"));
    members(&item).into_iter().map(str::to_owned).collect()
}

#[test]
fn members_are_read() {
    for sql in [
        "profile ->> 'city'",
        "((c.profile -> 'city'::text) #>> '{}'::text[])",
        "new.profile->>'city' is null",
        "lower((profile ->> 'city'::text))",
        "coalesce(profile, '{}'::jsonb) ->> 'city'",
        "profile #>> '{city}'",
        "profile['city']",
        "profile ? 'city'",
        "profile ?& array['city'::text]",
        "profile @> '{\"city\": \"Austin\"}'",
        "jsonb_extract_path_text(profile, 'city')",
        "SELECT x.city FROM jsonb_to_record(profile) AS x(city text)",
        "jsonb_path_exists(profile, '$.\"city\"'::jsonpath)",
        "old_profile := new.profile; if old_profile ->> 'city' = '' then",
    ] {
        assert_eq!(members(&read(sql, "profile")), ["city"], "{sql}");
    }
    assert_eq!(members(&read("other ->> 'city', x.data ->> 'town'", "profile")), [""; 0]);
}

#[test]
fn items_are_read() {
    for sql in [
        "(emails -> 0) ->> 'email'",
        "select e ->> 'email' from jsonb_array_elements(new.emails) e",
        "select e.value ->> 'email' from jsonb_array_elements(c.emails) with ordinality as e(value, n)",
        "select value ->> 'email' from jsonb_array_elements(emails)",
        "for row in select * from jsonb_array_elements(new.emails) loop x := row.value ->> 'email'; end loop",
        "jsonb_array_elements(emails) ->> 'email'",
        "jsonb_path_query_array(emails, '$[*].\"email\"'::jsonpath)",
        "jsonb_path_query(emails, '$[*] ? (@.email == \"x\")')",
        "from jsonb_to_recordset(coalesce(emails, '[]')) as x(email text)",
        "emails @> '[{\"email\": \"x\"}]'",
        "emails #>> '{0,email}'",
    ] {
        assert_eq!(items(sql), ["email"], "{sql}");
    }
}

#[test]
fn types_and_values_are_read() {
    let shape =
        read("(data ->> 'seats')::int > 3 and data ->> 'plan' = 'pro' and (data ->> 'ok')::boolean", "data");
    assert_eq!(shape.members["seats"].scalar, Some(Scalar::Number));
    assert_eq!(shape.members["ok"].scalar, Some(Scalar::Bool));
    assert!(shape.members["plan"].values.contains("pro"));
    assert!(read("jsonb_typeof(data) = 'array'", "data").is_array());
    assert!(read("jsonb_array_length(data) > 0", "data").is_array());
}

#[test]
fn comments_have_examples() {
    let example = example_in("Addresses [sic], such as [{\"street\": \"x\"}].").expect("an example");
    assert_eq!(example[0]["street"], "x");
}
