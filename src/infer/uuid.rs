//! UUIDs made of random bits.

/// Any UUID, made of 64 random bits: version 4 in form.
pub fn random_uuid(bits: u64) -> String {
    let low = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ bits.rotate_left(29);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
        bits >> 32,
        bits >> 16 & 0xffff,
        bits & 0xfff,
        8 + (low >> 60 & 3),
        low >> 48 & 0xfff,
        low & 0xffff_ffff_ffff
    )
}
