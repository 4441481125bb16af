//! The checksum with which Flyway tells whether a file was edited.

/// Of the polynomial 0xEDB88320, as zip files have it.
const fn of_byte(byte: u32) -> u32 {
    let (mut sum, mut bit) = (byte, 0);
    while bit < 8 {
        sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
        bit += 1;
    }
    sum
}

/// The CRC-32 of the lines of a text without their ends, as the signed number that Flyway stores.
pub fn of_lines(text: &str) -> i32 {
    let bytes = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r'));
    let sum = bytes.fold(u32::MAX, |sum, byte| of_byte((sum ^ u32::from(byte)) & 0xFF) ^ (sum >> 8));
    (!sum).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_standard_is_met() {
        assert_eq!(of_lines("1234\r\n567\n89").cast_unsigned(), 0xCBF4_3926);
    }
}
