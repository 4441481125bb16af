//! Numbers as text.

/// Appends `value` in decimal.
pub fn push_int(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends hundredths as a decimal number with two places.
pub fn push_cents(out: &mut Vec<u8>, cents: i64) {
    if cents < 0 {
        out.push(b'-');
    }
    let cents = cents.unsigned_abs();
    push_int(out, (cents / 100) as i64);
    out.extend_from_slice(&[b'.', b'0' + (cents / 10 % 10) as u8, b'0' + (cents % 10) as u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_full() {
        let mut out = Vec::new();
        for value in [0, -1, i64::MAX, i64::MIN] {
            push_int(&mut out, value);
            out.push(b' ');
        }
        for cents in [0, 5, -5, 12_345, -100] {
            push_cents(&mut out, cents);
            out.push(b' ');
        }
        assert_eq!(
            String::from_utf8(out).expect("ascii"),
            format!("0 -1 {} {} 0.00 0.05 -0.05 123.45 -1.00 ", i64::MAX, i64::MIN)
        );
    }
}
