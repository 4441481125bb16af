//! Fills the places of a template.

use std::fmt::Write;

use crate::domain::name::Name;
use crate::domain::vocabulary::{Piece, Template};

/// What the places of a template stand for in one row.
#[derive(Clone, Copy)]
pub struct Names {
    /// First name of the contact.
    pub contact: &'static str,
    pub customer: Name,
    /// The principal's brand.
    pub brand: Name,
    /// The food, in lower case.
    pub food: &'static str,
    /// The category's label.
    pub category: &'static str,
    /// The distributor, where there is one.
    pub distributor: Option<Name>,
}

/// Appends `template` with its places filled, beginning with a capital.
pub fn write(out: &mut String, template: &Template, names: &Names) {
    fill(out, template, |out, place| match place {
        Piece::Literal(text) => out.push_str(text),
        Piece::Contact => out.push_str(names.contact),
        Piece::Customer => names.customer.write(out),
        Piece::Brand => names.brand.write(out),
        Piece::Food => out.push_str(names.food),
        Piece::Category => out.push_str(names.category),
        Piece::Distributor => match names.distributor {
            Some(name) => name.write(out),
            None => out.push_str(NO_DISTRIBUTOR),
        },
    });
}

/// What stands for the distributor of a deal that has none.
pub const NO_DISTRIBUTOR: &str = "their distributor";

/// Appends every piece of `template` by `put`, beginning with a capital.
#[inline]
pub fn fill(out: &mut String, template: &Template, mut put: impl FnMut(&mut String, Piece)) {
    let start = out.len();
    for piece in &template.0 {
        put(out, *piece);
    }
    capitalize(out, start);
}

/// Makes the ASCII letter at `start` a capital.
pub fn capitalize(out: &mut str, start: usize) {
    if let Some(first) = out.get_mut(start..=start) {
        first.make_ascii_uppercase();
    }
}

/// Appends `text` as a JSON string.
pub fn write_json_string(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    let start = out.len();
    write(out);
    if out.as_bytes()[start..].iter().any(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)) {
        let raw = out.split_off(start);
        for c in raw.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\0'..='\x1f' => {
                    let _ = write!(out, "\\u{:04x}", c as u32);
                }
                c => out.push(c),
            }
        }
    }
    out.push('"');
}
