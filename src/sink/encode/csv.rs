//! Comma-separated values with a header (RFC 4180, lines ended by a line feed), as
//! `COPY ... WITH (FORMAT csv, HEADER)` reads them: NULL is nothing, an empty text is `""`.

use crate::calendar::{write_date, write_timestamp};
use crate::plan::header::TableHeader;
use crate::sink::encode::encoder::Encoder;
use crate::sink::encode::numbers::{push_cents, push_int};
use crate::value::{Batch, Cell};

/// CSV as `COPY ... WITH (FORMAT csv, HEADER)` reads it.
pub struct Csv;

impl Encoder for Csv {
    fn begin(&self, header: &TableHeader, out: &mut Vec<u8>) {
        for (i, column) in header.columns.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            quote(column, out);
        }
        out.push(b'\n');
    }

    fn rows(&self, _: &TableHeader, batch: &Batch, out: &mut Vec<u8>) {
        for row in batch.rows() {
            for (i, cell) in row.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                match *cell {
                    Cell::Null => {}
                    Cell::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
                    Cell::Int(value) => push_int(out, value),
                    Cell::Cents(cents) => push_cents(out, cents),
                    Cell::Date(day) => write_date(out, day),
                    Cell::Timestamp(second) => write_timestamp(out, second),
                    Cell::Word(word) => quote(word, out),
                    Cell::Text { start, end } | Cell::Json { start, end } => {
                        quote(batch.text(start, end), out)
                    }
                }
            }
            out.push(b'\n');
        }
    }

    fn end(&self, _: &TableHeader, _: &mut Vec<u8>) {}
}

fn quote(text: &str, out: &mut Vec<u8>) {
    let special = |b: &u8| matches!(b, b'"' | b',' | b'\n' | b'\r');
    // `\.` alone on a line would end the data for psql.
    if !text.is_empty() && text != "\\." && !text.as_bytes().iter().any(special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_an_empty_text_differ_and_quotes_are_doubled() {
        let mut batch = Batch::default();
        batch.reset(4);
        batch.null();
        batch.word("");
        batch.word("say \"no\", twice");
        batch.bool(false);
        let header =
            TableHeader { table: "t".into(), columns: ["a", "b", "c", "d"].map(String::from).into() };
        let mut out = Vec::new();
        Csv.begin(&header, &mut out);
        Csv.rows(&header, &batch, &mut out);
        assert_eq!(
            String::from_utf8(out).expect("utf-8"),
            "a,b,c,d\n,\"\",\"say \"\"no\"\", twice\",false\n"
        );
    }
}
