//! JSON Lines: an object a row, its columns in order. Decimals are numbers, times RFC 3339.

use crate::calendar::{write_date, write_timestamp};
use crate::plan::header::TableHeader;
use crate::sink::encode::encoder::Encoder;
use crate::sink::encode::numbers::{push_cents, push_int};
use crate::value::{Batch, Cell};

/// JSON Lines: one object per row.
pub struct JsonLines;

impl Encoder for JsonLines {
    fn begin(&self, _: &TableHeader, _: &mut Vec<u8>) {}

    fn rows(&self, header: &TableHeader, batch: &Batch, out: &mut Vec<u8>) {
        for row in batch.rows() {
            for (i, (cell, column)) in row.iter().zip(&header.columns).enumerate() {
                out.push(if i == 0 { b'{' } else { b',' });
                string(column, out);
                out.push(b':');
                value(batch, *cell, out);
            }
            out.extend_from_slice(b"}\n");
        }
    }

    fn end(&self, _: &TableHeader, _: &mut Vec<u8>) {}
}

fn value(batch: &Batch, cell: Cell, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Bool(value) => out.extend_from_slice(if value { b"true" } else { b"false" }),
        Cell::Int(value) => push_int(out, value),
        Cell::Cents(cents) => push_cents(out, cents),
        Cell::Date(day) => {
            out.push(b'"');
            write_date(out, day);
            out.push(b'"');
        }
        Cell::Timestamp(second) => {
            out.push(b'"');
            let start = out.len();
            write_timestamp(out, second);
            // `1970-01-01 00:00:00+00` as `1970-01-01T00:00:00Z`.
            out[start + 10] = b'T';
            out.truncate(start + 19);
            out.extend_from_slice(b"Z\"");
        }
        Cell::Word(word) => string(word, out),
        Cell::Text { start, end } => string(batch.text(start, end), out),
        Cell::Json { start, end } => out.extend_from_slice(batch.text(start, end).as_bytes()),
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    // Serializing a string into memory cannot fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_an_object_that_json_reads() {
        let mut batch = Batch::default();
        batch.reset(5);
        batch.word("a \"b\"\n");
        batch.cents(50);
        batch.timestamp(1);
        batch.json(|s| s.push_str("[1]"));
        batch.null();
        let columns = ["text", "price", "at", "tags", "gone"].map(String::from).into();
        let header = TableHeader { table: "t".into(), columns };
        let mut out = Vec::new();
        JsonLines.rows(&header, &batch, &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let wanted = serde_json::json!({
            "text": "a \"b\"\n", "price": 0.5, "at": "1970-01-01T00:00:01Z", "tags": [1], "gone": null
        });
        assert_eq!(value, wanted);
    }
}
