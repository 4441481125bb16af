//! COPY's text format: what the server reads fastest, and the form that digests are taken of.

use crate::calendar::{write_date, write_timestamp};
use crate::plan::header::TableHeader;
use crate::sink::encode::encoder::Encoder;
use crate::sink::encode::numbers::{push_cents, push_int};
use crate::value::{Batch, Cell};

/// The rows alone, as `COPY ... FROM STDIN` takes them.
pub struct CopyText;

/// A psql script with a COPY block for each table.
pub struct CopyScript;

impl Encoder for CopyText {
    fn begin(&self, _: &TableHeader, _: &mut Vec<u8>) {}

    fn rows(&self, _: &TableHeader, batch: &Batch, out: &mut Vec<u8>) {
        write_rows(batch, out);
    }

    fn end(&self, _: &TableHeader, _: &mut Vec<u8>) {}

    fn is_canonical(&self) -> bool {
        true
    }
}

impl Encoder for CopyScript {
    fn begin(&self, header: &TableHeader, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("COPY {header} FROM stdin;\n").as_bytes());
    }

    fn rows(&self, _: &TableHeader, batch: &Batch, out: &mut Vec<u8>) {
        write_rows(batch, out);
    }

    fn end(&self, _: &TableHeader, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\\.\n\n");
    }

    fn is_canonical(&self) -> bool {
        true
    }
}

/// Appends the rows of `batch`.
pub fn write_rows(batch: &Batch, out: &mut Vec<u8>) {
    for row in batch.rows() {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                out.push(b'\t');
            }
            write_cell(batch, *cell, out);
        }
        out.push(b'\n');
    }
}

#[inline]
fn write_cell(batch: &Batch, cell: Cell, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.extend_from_slice(b"\\N"),
        Cell::Bool(value) => out.push(if value { b't' } else { b'f' }),
        Cell::Int(value) => push_int(out, value),
        Cell::Cents(cents) => push_cents(out, cents),
        Cell::Date(day) => write_date(out, day),
        Cell::Timestamp(second) => write_timestamp(out, second),
        Cell::Word(word) => escape(word, out),
        Cell::Text { start, end } | Cell::Json { start, end } => escape(batch.text(start, end), out),
    }
}

#[inline]
fn escape(text: &str, out: &mut Vec<u8>) {
    // Looks at every byte, as a loop without an early end is done many bytes at a time.
    let special = |found, b: &u8| found | matches!(b, b'\\' | b'\t' | b'\n' | b'\r');
    if !text.as_bytes().iter().fold(false, special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for byte in text.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            byte => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_cell_is_written_and_escaped() {
        let mut batch = Batch::default();
        batch.reset(8);
        batch.null();
        batch.bool(true);
        batch.int(-7);
        batch.cents(1250);
        batch.date(0);
        batch.timestamp(61);
        batch.word("O'Brien");
        batch.compose(|s| s.push_str("a\tb\\c\nd"));
        let mut out = Vec::new();
        write_rows(&batch, &mut out);
        assert_eq!(
            String::from_utf8(out).expect("utf-8"),
            "\\N\tt\t-7\t12.50\t1970-01-01\t1970-01-01 00:01:01+00\tO'Brien\ta\\tb\\\\c\\nd\n"
        );
    }
}
