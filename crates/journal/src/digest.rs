//! SHA-256 as a value: computing, comparing and printing. What is digested, and in which
//! order, is said in `chain`.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};

/// A SHA-256 digest (FIPS 180-4, section 6.2); prints as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; Digest::LENGTH]);

impl Digest {
    /// The length of a digest in bytes.
    pub const LENGTH: usize = 32;

    /// The digest of `bytes`.
    ///
    /// ```
    /// use sealbank_journal::Digest;
    /// assert_eq!(
    ///     Digest::of(b"abc").to_string(),
    ///     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    /// );
    /// ```
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_output(digest(&SHA256, bytes).as_ref())
    }

    /// A digest that was computed before and stored.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    fn from_output(output: &[u8]) -> Self {
        Self(output.try_into().expect("SHA-256 yields 32 bytes"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Digests a sequence of fields so that no two different sequences look alike: every field
/// is preceded by its length, so bytes cannot wander from one field into the next.
pub(crate) struct FieldDigest(Context);

impl FieldDigest {
    /// Starts with `purpose`, which keeps digests made for different ends apart.
    pub(crate) fn new(purpose: &[u8]) -> Self {
        Self(Context::new(&SHA256)).field(purpose)
    }

    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        let length = u64::try_from(bytes.len()).expect("a slice's length fits 64 bits");
        self.0.update(&length.to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::from_output(self.0.finish().as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_move_from_one_field_to_the_next_change_the_digest() {
        let digest = |fields: &[&str]| {
            fields
                .iter()
                .fold(FieldDigest::new(b"test"), |digest, field| {
                    digest.field(field.as_bytes())
                })
                .finish()
        };
        let sequences: [&[&str]; 6] = [
            &["ab", "c"],
            &["a", "bc"],
            &["abc"],
            &["abc", ""],
            &["", "abc"],
            &[],
        ];
        let digests: std::collections::BTreeSet<_> =
            sequences.iter().map(|fields| digest(fields)).collect();
        assert_eq!(digests.len(), sequences.len());
    }

    #[test]
    fn the_purpose_keeps_equal_fields_apart() {
        assert_ne!(
            FieldDigest::new(b"one").field(b"x").finish(),
            FieldDigest::new(b"two").field(b"x").finish(),
        );
    }
}
