//! A line of JSON for each request. A line that can't be read is an entry with its fault.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use sealbank_ca::MAX_REQUEST_BYTES;
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::feed::Feed;
use crate::ca::args::DAYS;
use crate::ca::bulk::entry::{Entry, Fault, Origin, Wish};
use crate::ca::subject::SubjectParts;

/// The longest line: a request of the largest size with all its line feeds escaped, and room for the rest.
const MAX_LINE: usize = 4 * MAX_REQUEST_BYTES;

/// The characters of a line of base64 in PEM (RFC 7468 section 2).
const COLUMNS: usize = 64;

/// The lines of NDJSON; empty ones are passed over.
pub(super) struct Lines<R>(Feed<R>);

/// What a line says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order<'a> {
    #[serde(borrow)]
    request: Cow<'a, str>,
    subject: Option<Name>,
    days: Option<u32>,
    id: Option<Value>,
}

/// A subject as an object of its parts, or as it is written on a command line.
struct Name(SubjectParts);

impl<R: Read> Lines<R> {
    pub(super) fn new(feed: Feed<R>) -> Self {
        Self(feed)
    }

    fn entry(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let number = self.0.line();
            let mut text = Vec::new();
            let whole = self.0.until(b'\n', &mut text, MAX_LINE)?;
            if text.is_empty() {
                return Ok(None);
            }
            if !whole && text.len() == MAX_LINE {
                self.0.skip_line()?;
                return Ok(Some(too_long(number, text)));
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Some(read(number, text)));
            }
        }
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<io::Result<Entry>> {
        self.entry().transpose()
    }
}

fn too_long(number: u64, mut text: Vec<u8>) -> Entry {
    text.truncate(MAX_REQUEST_BYTES);
    let reason = format!("the line has more than {MAX_LINE} bytes; leave out what is no request");
    unfit(number, text, Fault::new("too-large", reason))
}

fn read(number: u64, text: Vec<u8>) -> Entry {
    let order = match serde_json::from_slice::<Order<'_>>(text.trim_ascii()) {
        Ok(order) => order,
        Err(problem) => {
            let reason = format!(
                "the line is no request: {}; write {{\"request\": …, \"subject\": …}}",
                without_place(&problem)
            );
            return unfit(number, text, Fault::new("not-json", reason));
        }
    };
    let wish = match order.days {
        Some(days) if !DAYS.contains(&i64::from(days)) => Err(Fault::new(
            "days",
            format!("{days} is no number of days; use 1 to {}", DAYS.end()),
        )),
        days => Ok(Wish {
            subject: order.subject.map(|Name(parts)| parts),
            days,
        }),
    };
    Entry {
        origin: Origin::Line(number),
        id: order.id,
        bytes: armoured(&order.request),
        wish,
    }
}

fn unfit(number: u64, bytes: Vec<u8>, fault: Fault) -> Entry {
    Entry {
        wish: Err(fault),
        ..Entry::plain(Origin::Line(number), bytes)
    }
}

/// The parser's words without its line, which is always the first.
fn without_place(problem: &serde_json::Error) -> String {
    let words = problem.to_string();
    match words.rsplit_once(" at line ") {
        Some((words, _)) => format!("{words} at column {}", problem.column()),
        None => words,
    }
}

/// The request in PEM, whichever it was; what is in it is read by the CA.
fn armoured(request: &str) -> Vec<u8> {
    if request.trim_start().starts_with("-----") {
        return request.trim_start().as_bytes().to_vec();
    }
    let mut pem = b"-----BEGIN CERTIFICATE REQUEST-----\n".to_vec();
    for line in request.trim().as_bytes().chunks(COLUMNS) {
        pem.extend_from_slice(line);
        pem.push(b'\n');
    }
    pem.extend_from_slice(b"-----END CERTIFICATE REQUEST-----\n");
    pem
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a subject as in \"O=…,OU=…,CN=…\" or {\"o\": …, \"ou\": …, \"cn\": …}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name, E> {
        text.parse().map(Name).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Name, A::Error> {
        SubjectParts::deserialize(MapAccessDeserializer::new(map)).map(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<Entry> {
        Lines::new(Feed::new(text.as_bytes()))
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn a_line_says_whom_how_long_and_what_it_is_known_by() {
        let text = concat!(
            r#"{"request":"QUFB","subject":{"cn":"a"},"days":30,"id":{"row":7}}"#,
            "\n\n",
            r#"{"request":"-----BEGIN X-----\nQUFB\n-----END X-----\n","subject":"O=o,CN=a"}"#,
        );
        let [first, second] = &entries(text)[..] else {
            panic!("two lines have something");
        };
        let wish = first.wish.as_ref().unwrap();
        assert_eq!(wish.subject, Some("CN=a".parse().unwrap()));
        assert_eq!(wish.days, Some(30));
        assert_eq!(first.id, Some(serde_json::json!({ "row": 7 })));
        assert!(
            first
                .bytes
                .starts_with(b"-----BEGIN CERTIFICATE REQUEST-----\nQUFB\n-----END")
        );
        assert_eq!(second.origin, Origin::Line(3));
        assert!(second.bytes.starts_with(b"-----BEGIN X-----\nQUFB\n"));
        let wish = second.wish.as_ref().unwrap();
        assert_eq!(wish.subject, Some("O=o,CN=a".parse().unwrap()));
    }

    #[test]
    fn a_line_that_can_not_be_read_says_why_and_takes_no_other_with_it() {
        for (line, code, word) in [
            ("nonsense", "not-json", "expected ident at column"),
            ("{", "not-json", "EOF"),
            ("{}", "not-json", "missing field `request`"),
            (
                r#"{"request":"QUFB","day":3}"#,
                "not-json",
                "unknown field `day`",
            ),
            (
                r#"{"request":"QUFB","subject":7}"#,
                "not-json",
                "a subject as in",
            ),
            (
                r#"{"request":"QUFB","subject":"a"}"#,
                "not-json",
                "not a part",
            ),
            (
                r#"{"request":"QUFB","subject":{"c":"JP"}}"#,
                "not-json",
                "unknown field `c`",
            ),
            (r#"{"request":"QUFB","days":0}"#, "days", "1 to 36500"),
            ("\u{0}\u{1}", "not-json", "expected value"),
        ] {
            let found = entries(&format!("{line}\n{{\"request\":\"\"}}\n"));
            let [unfit, fit] = &found[..] else {
                panic!("{line}: two entries");
            };
            let fault = unfit.wish.as_ref().unwrap_err();
            assert_eq!(fault.code, code, "{line}");
            assert!(fault.reason.contains(word), "{line}: {}", fault.reason);
            assert!(fit.wish.is_ok(), "{line}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let long = format!(
            "{{\"request\":\"{}\"}}\n{{\"request\":\"\"}}",
            "A".repeat(2 * MAX_LINE)
        );
        let [unfit, fit] = &entries(&long)[..] else {
            panic!("two entries");
        };
        assert_eq!(unfit.wish.as_ref().unwrap_err().code, "too-large");
        assert!(unfit.bytes.len() <= MAX_REQUEST_BYTES);
        assert_eq!(fit.origin, Origin::Line(2));
    }
}
