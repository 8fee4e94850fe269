//! Distinguished Encoding Rules (ITU-T X.690): a strict walk over what strangers send, a reader
//! that keeps slices, and a writer for the few structures that are laid by hand. What the
//! elements mean is for others.

use std::fmt;

/// Universal and context tags that occur in this crate.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number] EXPLICIT`, or `[number] IMPLICIT` of something constructed.
    pub(crate) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[number] IMPLICIT` of something primitive.
    pub(crate) const fn primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// Nothing that a certification authority reads is nested deeper; the walk recurses.
const MAX_DEPTH: usize = 16;

/// Where and how an encoding breaks the distinguished rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DerFault {
    offset: usize,
    what: &'static str,
}

impl DerFault {
    /// One as it occurs.
    pub(crate) fn specimen() -> Self {
        Self {
            offset: 4,
            what: "the length is not the shortest one",
        }
    }

    /// The byte at which the broken element begins, counted from 0.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for DerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for DerFault {}

/// One element: its tag, its content, and both with the length between them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
    /// Where `whole` begins in the outermost encoding.
    pub(crate) offset: usize,
}

impl<'a> Element<'a> {
    /// A reader over the elements inside this one.
    pub(crate) fn open(&self) -> Reader<'a> {
        let header = self.whole.len() - self.content.len();
        Reader {
            rest: self.content,
            offset: self.offset + header,
        }
    }

    /// The content of a BIT STRING that is made of whole bytes.
    pub(crate) fn whole_bytes(&self) -> Result<&'a [u8], DerFault> {
        match self.content {
            [0, bytes @ ..] if self.tag == tag::BIT_STRING => Ok(bytes),
            _ => Err(self.fault("a BIT STRING of whole bytes belongs here")),
        }
    }

    /// Refuses any other content; `what` says what was expected.
    pub(crate) fn must_hold(&self, content: &[u8], what: &'static str) -> Result<(), DerFault> {
        if self.content == content {
            Ok(())
        } else {
            Err(self.fault(what))
        }
    }

    fn fault(&self, what: &'static str) -> DerFault {
        DerFault {
            offset: self.offset,
            what,
        }
    }

    /// The rules for the content, and for all elements inside it.
    pub(crate) fn check(&self, depth: usize) -> Result<(), DerFault> {
        if depth > MAX_DEPTH {
            return Err(self.fault("it is nested too deeply"));
        }
        match self.tag {
            tag::SEQUENCE | tag::SET => self.check_inside(depth),
            tag if tag & 0xe0 == 0xa0 => self.check_inside(depth),
            tag if tag & 0x20 != 0 => Err(self.fault("a string is cut into segments")),
            tag if tag & 0xc0 == 0 => {
                primitive_fault(self.tag, self.content).map_or(Ok(()), |what| Err(self.fault(what)))
            }
            _ => Ok(()),
        }
    }

    fn check_inside(&self, depth: usize) -> Result<(), DerFault> {
        let mut inside = self.open();
        let mut previous: Option<Element<'_>> = None;
        while !inside.is_empty() {
            let element = inside.next()?;
            element.check(depth + 1)?;
            if self.tag == tag::SET && previous.is_some_and(|before| before.whole > element.whole) {
                return Err(element.fault("the elements of a SET are not in order"));
            }
            previous = Some(element);
        }
        Ok(())
    }
}

/// What is wrong with the content of a primitive universal element (X.690 sections 8, 10, 11).
fn primitive_fault(tag: u8, content: &[u8]) -> Option<&'static str> {
    match (tag, content) {
        (tag::BOOLEAN, [0x00 | 0xff]) => None,
        (tag::BOOLEAN, _) => Some("a BOOLEAN is neither 00 nor FF"),
        (tag::INTEGER, []) => Some("an INTEGER is empty"),
        (tag::INTEGER, [0x00, next, ..]) if next & 0x80 == 0 => Some("an INTEGER is padded"),
        (tag::INTEGER, [0xff, next, ..]) if next & 0x80 != 0 => Some("an INTEGER is padded"),
        (tag::BIT_STRING, []) => Some("a BIT STRING is empty"),
        (tag::BIT_STRING, [unused, bits @ ..]) => bit_string_fault(*unused, bits),
        (tag::NULL, content) if !content.is_empty() => Some("a NULL is not empty"),
        (tag::OID, content) => object_identifier_fault(content),
        (tag::UTF8_STRING, content) if std::str::from_utf8(content).is_err() => {
            Some("a UTF8String is not UTF-8")
        }
        _ => None,
    }
}

fn bit_string_fault(unused: u8, bits: &[u8]) -> Option<&'static str> {
    if unused > 7 {
        return Some("a BIT STRING has more than seven unused bits");
    }
    match bits.last() {
        None if unused != 0 => Some("a BIT STRING has unused bits but no bits"),
        Some(last) if last & ((1 << unused) - 1) != 0 => {
            Some("the unused bits of a BIT STRING are not zero")
        }
        _ => None,
    }
}

fn object_identifier_fault(content: &[u8]) -> Option<&'static str> {
    let ends = content.last().is_some_and(|last| last & 0x80 == 0);
    let mut starts_arc = true;
    for byte in content {
        if starts_arc && *byte == 0x80 {
            return Some("an OBJECT IDENTIFIER is padded");
        }
        starts_arc = byte & 0x80 == 0;
    }
    (!ends).then_some("an OBJECT IDENTIFIER is cut off")
}

/// Reads one element after the other and copies nothing.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            offset: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, with a definite and minimal length.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, DerFault> {
        let fault = |what| DerFault {
            offset: self.offset,
            what,
        };
        let [tag, first, after @ ..] = self.rest else {
            return Err(fault("an element is cut off"));
        };
        if tag & 0x1f == 0x1f {
            return Err(fault("a tag has more than one byte"));
        }
        let (length, header) = match *first {
            short @ 0..=0x7f => (usize::from(short), 2),
            0x80 => return Err(fault("a length is indefinite")),
            long => {
                let count = usize::from(long & 0x7f);
                let digits = after.get(..count).ok_or(fault("a length is cut off"))?;
                (long_length(digits).map_err(fault)?, 2 + count)
            }
        };
        let end = header
            .checked_add(length)
            .filter(|end| *end <= self.rest.len());
        let whole = &self.rest[..end.ok_or(fault("an element is longer than what is there"))?];
        let element = Element {
            tag: *tag,
            content: &whole[header..],
            whole,
            offset: self.offset,
        };
        self.rest = &self.rest[whole.len()..];
        self.offset += whole.len();
        Ok(element)
    }

    /// The next element, which must have this tag; `what` says what was expected.
    pub(crate) fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, DerFault> {
        let element = self.next()?;
        if element.tag == tag {
            Ok(element)
        } else {
            Err(element.fault(what))
        }
    }

    /// Refuses anything that follows.
    pub(crate) fn end(&self) -> Result<(), DerFault> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerFault {
                offset: self.offset,
                what: "something follows where nothing may",
            })
        }
    }
}

fn long_length(digits: &[u8]) -> Result<usize, &'static str> {
    match digits {
        [0, ..] | [0..=0x7f] => Err("a length is not minimal"),
        digits if digits.len() > 4 => Err("a length has more than four bytes"),
        digits => Ok(digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit))),
    }
}

/// The first element of `bytes`, checked to its last leaf, and what follows it.
///
/// OCTET STRINGs and BIT STRINGs are leaves: what they wrap is checked by whoever opens them.
pub(crate) fn check(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), DerFault> {
    let mut reader = Reader::new(bytes);
    let element = reader.next()?;
    element.check(0)?;
    Ok((element, reader.rest()))
}

/// As [`check`], of what has to be a SEQUENCE: within an element of another class nothing is checked.
pub(crate) fn check_sequence(bytes: &[u8]) -> Result<(Element<'_>, &[u8]), DerFault> {
    let (element, rest) = check(bytes)?;
    if element.tag == tag::SEQUENCE {
        Ok((element, rest))
    } else {
        Err(element.fault("a SEQUENCE belongs here"))
    }
}

/// An element with this tag around the parts.
pub(crate) fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut der = Vec::with_capacity(length + 6);
    put_header(&mut der, tag, length);
    for part in parts {
        der.extend_from_slice(part);
    }
    der
}

/// Writes the tag and the length of an element whose content comes next.
pub(crate) fn put_header(der: &mut Vec<u8>, tag: u8, length: usize) {
    der.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let digits = length.to_be_bytes();
            let skipped = digits.iter().take_while(|digit| **digit == 0).count();
            let count = digits.len() - skipped;
            der.push(0x80 | u8::try_from(count).expect("a usize has at most eight bytes"));
            der.extend_from_slice(&digits[skipped..]);
        }
    }
}

/// How many bytes [`put_header`] writes.
pub(crate) fn header_length(length: usize) -> usize {
    let digits = (usize::BITS - length.leading_zeros()).div_ceil(8) as usize;
    if length < 0x80 { 2 } else { 2 + digits }
}

/// The content of an OBJECT IDENTIFIER as dotted numbers, for messages.
pub(crate) fn dotted(content: &[u8]) -> String {
    x509_parser::der_parser::oid::Oid::new(content.into()).to_id_string()
}

/// The OBJECT IDENTIFIER of dotted numbers; `None` if they are not one.
pub(crate) fn object_identifier(dotted: &str) -> Option<Vec<u8>> {
    use std::str::FromStr as _;
    let oid = pkcs8::ObjectIdentifier::from_str(dotted).ok()?;
    Some(wrap(tag::OID, &[oid.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_departure_from_the_distinguished_rules_is_named() {
        let cases: [(&[u8], &str); 20] = [
            (&[], "cut off"),
            (&[0x30], "cut off"),
            (&[0x30, 0x80, 0x00, 0x00], "indefinite"),
            (&[0x30, 0x81, 0x00], "not minimal"),
            (&[0x04, 0x81, 0x01, 0xaa], "not minimal"),
            (&[0x04, 0x82, 0x00, 0x81], "not minimal"),
            (&[0x30, 0x85, 0x01, 0, 0, 0, 0], "more than four"),
            (&[0x30, 0xff], "length is cut off"),
            (&[0x30, 0x02, 0x05], "longer than"),
            (&[0x1f, 0x85, 0x01, 0x00], "more than one byte"),
            (&[0x24, 0x03, 0x04, 0x01, 0xaa], "segments"),
            (&[0x01, 0x01, 0x01], "neither 00 nor FF"),
            (&[0x02, 0x00], "empty"),
            (&[0x02, 0x02, 0x00, 0x01], "padded"),
            (&[0x02, 0x02, 0xff, 0xff], "padded"),
            (&[0x03, 0x02, 0x01, 0x01], "not zero"),
            (&[0x05, 0x01, 0x00], "NULL"),
            (&[0x06, 0x02, 0x2a, 0x81], "cut off"),
            (&[0x06, 0x03, 0x2a, 0x80, 0x01], "padded"),
            (&[0x31, 0x06, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01], "order"),
        ];
        for (der, expected) in cases {
            let fault = check(der).map(|_| ()).unwrap_err().to_string();
            assert!(fault.contains(expected), "{der:02x?}: {fault}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |levels| (0..levels).fold(Vec::new(), |inner, _| wrap(tag::SEQUENCE, &[&inner]));
        assert!(check(&deep(MAX_DEPTH)).is_ok());
        assert!(
            check(&deep(MAX_DEPTH + 2))
                .unwrap_err()
                .to_string()
                .contains("deeply")
        );
    }

    #[test]
    fn what_is_wrapped_reads_back_at_every_length_form() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![0x5a; length];
            let der = wrap(0x04, &[&content]);
            let (element, rest) = check(&der).unwrap();
            assert_eq!((element.content.len(), rest.len()), (length, 0));
            assert_eq!(der.len(), header_length(length) + length);
        }
    }

    #[test]
    fn a_fault_names_its_byte() {
        let der = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01];
        assert_eq!(check(&der).unwrap_err().offset(), 0);
        let der = [0x30, 0x06, 0x02, 0x01, 0x00, 0x05, 0x01, 0x00];
        assert_eq!(check(&der).unwrap_err().offset(), 5);
    }
}
