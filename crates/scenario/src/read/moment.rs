//! Durations such as `366d` or `1h30m`, and moments with their offset.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::Reader;
use crate::node::Node;
use crate::source::At;

/// The longest way that the clock goes in one step.
const LONGEST: Duration = Duration::days(36_525);

impl Reader<'_> {
    /// A duration: numbers with `d`, `h`, `m` or `s`, a minus sign before them going back.
    pub(super) fn duration(&self, node: &Node) -> Option<At<Duration>> {
        let node = self.resolved(node);
        let parsed = node.scalar().and_then(|scalar| duration(&scalar.text));
        match parsed {
            Some(value) => Some(At {
                value,
                span: node.span.clone(),
            }),
            None => self.wrong(
                node,
                "a duration",
                "write days, hours, minutes and seconds: 366d, 1h30m, -10m; at most 36525d",
            ),
        }
    }

    /// A moment (RFC 3339).
    pub(super) fn moment(&self, node: &Node) -> Option<At<OffsetDateTime>> {
        let node = self.resolved(node);
        let parsed = node
            .scalar()
            .and_then(|scalar| OffsetDateTime::parse(&scalar.text, &Rfc3339).ok());
        match parsed {
            Some(value) => Some(At {
                value,
                span: node.span.clone(),
            }),
            None => self.wrong(
                node,
                "a moment",
                "write date, time and offset: 2031-04-01T09:00:00+09:00",
            ),
        }
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut sum = Duration::ZERO;
    let mut units = "dhms".chars();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i32 = rest.get(..end)?.parse().ok()?;
        let unit = rest.get(end..)?.chars().next()?;
        // Each unit once, the larger one first.
        units.find(|known| *known == unit)?;
        let one = match unit {
            'd' => Duration::DAY,
            'h' => Duration::HOUR,
            'm' => Duration::MINUTE,
            _ => Duration::SECOND,
        };
        sum = sum.checked_add(one.checked_mul(number)?)?;
        rest = rest.get(end + 1..)?;
    }
    (sum != Duration::ZERO && sum <= LONGEST).then(|| sum * sign)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_they_are_spoken() {
        for (text, seconds) in [
            ("366d", Some(366 * 86_400)),
            ("1h30m", Some(5_400)),
            ("-10m", Some(-600)),
            ("1d2h3m4s", Some(93_784)),
            ("30m1h", None),
            ("1h1h", None),
            ("10", None),
            ("", None),
            ("-", None),
            ("0d", None),
            ("99999999999d", None),
            ("36526d", None),
            ("1日", None),
        ] {
            let read = duration(text).map(Duration::whole_seconds);
            assert_eq!(read, seconds, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            let _ = duration(&text);
        }
    }
}
