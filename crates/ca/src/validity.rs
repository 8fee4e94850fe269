//! How long a certificate holds.

use time::{Duration, OffsetDateTime, UtcOffset};

use crate::CaError;

/// notBefore and notAfter (RFC 5280 section 4.1.2.5): whole seconds of UTC, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Validity {
    /// The period between two instants; fractions of a second are cut off.
    ///
    /// # Errors
    /// [`CaError::Validity`] if it does not end after it begins, or lies outside the years 1950 to
    /// 9999 that certificates can write.
    pub fn new(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Result<Self, CaError> {
        let refuse = |problem| CaError::Validity {
            not_before,
            not_after,
            problem,
        };
        let second = |instant| {
            writable(instant).ok_or(refuse("certificates can write the years 1950 to 9999"))
        };
        let period = Self {
            not_before: second(not_before)?,
            not_after: second(not_after)?,
        };
        if period.not_before >= period.not_after {
            return Err(refuse("it does not end after it begins"));
        }
        Ok(period)
    }

    /// The first second.
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last second.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whether it holds at this instant.
    pub fn contains(&self, now: OffsetDateTime) -> bool {
        // The last second is included to its end.
        now >= self.not_before && now - Duration::SECOND < self.not_after
    }
}

/// The second of UTC that an instant lies in, if X.509 can write it (RFC 5280 section 4.1.2.5).
pub(crate) fn writable(instant: OffsetDateTime) -> Option<OffsetDateTime> {
    let second = instant
        .checked_to_offset(UtcOffset::UTC)?
        .replace_nanosecond(0)
        .ok()?;
    (1950..=9999).contains(&second.year()).then_some(second)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_validity_is_in_whole_seconds_of_utc_and_includes_both_ends() {
        let validity = Validity::new(
            datetime!(2031-04-01 09:00:00.9 +9),
            datetime!(2032-04-01 09:00:00.1 +9),
        )
        .unwrap();
        assert_eq!(validity.not_before(), datetime!(2031-04-01 00:00 UTC));
        assert!(validity.contains(datetime!(2031-04-01 00:00 UTC)));
        assert!(validity.contains(datetime!(2032-04-01 00:00:00.999 UTC)));
        assert!(!validity.contains(datetime!(2032-04-01 00:00:01 UTC)));
        assert!(!validity.contains(datetime!(2031-03-31 23:59:59 UTC)));
    }

    #[test]
    fn impossible_periods_are_refused() {
        for (not_before, not_after) in [
            (
                datetime!(2031-04-01 0:00 UTC),
                datetime!(2031-04-01 0:00 UTC),
            ),
            (
                datetime!(2031-04-01 0:00 UTC),
                datetime!(2031-04-01 0:00:00.5 UTC),
            ),
            (
                datetime!(2031-04-01 0:00 UTC),
                datetime!(2031-03-31 0:00 UTC),
            ),
            (
                datetime!(1949-12-31 0:00 UTC),
                datetime!(2031-04-01 0:00 UTC),
            ),
            (
                datetime!(2031-04-01 0:00 UTC),
                datetime!(9999-12-31 23:30 -1),
            ),
        ] {
            assert!(
                Validity::new(not_before, not_after).is_err(),
                "{not_before} {not_after}"
            );
        }
    }
}
