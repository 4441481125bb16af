//! INSERT statements that need nothing but SQL: no psql, no bind parameters, no prepared
//! statements. The INSERT load method sends the same statements that the files hold.

use crate::calendar::{write_date, write_timestamp};
use crate::plan::header::TableHeader;
use crate::sink::encode::encoder::Encoder;
use crate::sink::encode::numbers::{push_cents, push_int};
use crate::value::{Batch, Cell};

/// INSERT statements of at most `rows` rows each.
pub struct Inserts {
    /// Rows in a statement.
    pub rows: usize,
}

impl Encoder for Inserts {
    fn begin(&self, _: &TableHeader, _: &mut Vec<u8>) {}

    fn rows(&self, header: &TableHeader, batch: &Batch, out: &mut Vec<u8>) {
        // Identity columns that are GENERATED ALWAYS take a value only when overridden; on any
        // other column the words mean nothing.
        let insert = format!("INSERT INTO {header} OVERRIDING SYSTEM VALUE VALUES\n");
        let mut in_statement = 0;
        for row in batch.rows() {
            if in_statement == 0 {
                out.extend_from_slice(insert.as_bytes());
            } else {
                out.extend_from_slice(b",\n");
            }
            for (i, cell) in row.iter().enumerate() {
                out.push(if i == 0 { b'(' } else { b',' });
                literal(batch, *cell, out);
            }
            out.push(b')');
            in_statement += 1;
            if in_statement == self.rows {
                out.extend_from_slice(b";\n");
                in_statement = 0;
            }
        }
        if in_statement > 0 {
            out.extend_from_slice(b";\n");
        }
    }

    fn end(&self, _: &TableHeader, _: &mut Vec<u8>) {}
}

fn literal(batch: &Batch, cell: Cell, out: &mut Vec<u8>) {
    let quoted = |out: &mut Vec<u8>, write: &dyn Fn(&mut Vec<u8>)| {
        out.push(b'\'');
        write(out);
        out.push(b'\'');
    };
    match cell {
        Cell::Null => out.extend_from_slice(b"NULL"),
        Cell::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Cell::Int(value) => push_int(out, value),
        Cell::Cents(cents) => push_cents(out, cents),
        Cell::Date(day) => quoted(out, &|out| write_date(out, day)),
        Cell::Timestamp(second) => quoted(out, &|out| write_timestamp(out, second)),
        Cell::Word(word) => string(word, out),
        Cell::Text { start, end } | Cell::Json { start, end } => string(batch.text(start, end), out),
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    // A backslash is an escape or not, as the server's settings have it; in E'' it always is.
    let escapes = text.contains('\\');
    out.extend_from_slice(if escapes { b"E'" } else { b"'" });
    for byte in text.bytes() {
        if byte == b'\'' || byte == b'\\' {
            out.push(byte);
        }
        out.push(byte);
    }
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_hold_so_many_rows_and_quote_what_they_hold() {
        let mut batch = Batch::default();
        batch.reset(2);
        for text in ["O'Brien", "a\\b", "c"] {
            batch.word(text);
            batch.date(1);
        }
        let header = TableHeader { table: "t".into(), columns: ["name", "on"].map(String::from).into() };
        let mut out = Vec::new();
        Inserts { rows: 2 }.rows(&header, &batch, &mut out);
        assert_eq!(
            String::from_utf8(out).expect("utf-8"),
            "INSERT INTO t (name, \"on\") OVERRIDING SYSTEM VALUE VALUES\n\
             ('O''Brien','1970-01-02'),\n(E'a\\\\b','1970-01-02');\n\
             INSERT INTO t (name, \"on\") OVERRIDING SYSTEM VALUE VALUES\n('c','1970-01-02');\n"
        );
    }
}
