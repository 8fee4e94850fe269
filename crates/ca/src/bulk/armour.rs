//! The quick way out of PEM. The form that tools write (RFC 7468 section 3: lines of 64 characters,
//! nothing around the block) is decoded at once, all requests of a slice into one buffer; whatever
//! is not exactly that goes the long way of [`CertificateRequest`](crate::CertificateRequest).

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::MAX_REQUEST_BYTES;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE REQUEST-----\n";
const END: &[u8] = b"-----END CERTIFICATE REQUEST-----";
const LINE: usize = 64;

/// Requests of a slice, those in PEM decoded.
#[derive(Debug)]
pub(super) struct Unwrapped {
    ders: Vec<u8>,
    /// Where the DER of each request is; `None` where it stayed as it was.
    places: Vec<Option<Range<usize>>>,
    /// The characters of the block at hand, without its line ends.
    text: Vec<u8>,
}

impl Unwrapped {
    /// Decodes what is in the usual PEM, into an empty buffer.
    pub(super) fn of<'a>(
        requests: impl ExactSizeIterator<Item = &'a [u8]>,
        buffer: Vec<u8>,
    ) -> Self {
        let mut unwrapped = Self {
            ders: buffer,
            places: Vec::with_capacity(requests.len()),
            text: Vec::new(),
        };
        for request in requests {
            let place = unwrapped.decode(request);
            unwrapped.places.push(place);
        }
        unwrapped
    }

    /// A request as it is to be read: its DER, or what was sent.
    pub(super) fn get<'a>(&'a self, index: usize, sent: &'a [u8]) -> &'a [u8] {
        match &self.places[index] {
            Some(place) => &self.ders[place.clone()],
            None => sent,
        }
    }

    /// The buffer, once nobody reads in it.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.ders
    }

    fn decode(&mut self, sent: &[u8]) -> Option<Range<usize>> {
        let body = body(sent)?;
        self.text.clear();
        let mut lines = body.chunks(LINE + 1).peekable();
        while let Some(line) = lines.next() {
            let (end, text) = line.split_last()?;
            let whole = text.len() == LINE || lines.peek().is_none();
            if *end != b'\n' || !whole {
                return None;
            }
            self.text.extend_from_slice(text);
        }
        let begin = self.ders.len();
        self.ders.resize(begin + self.text.len() / 4 * 3 + 3, 0);
        let decoded = STANDARD.decode_slice(&self.text, &mut self.ders[begin..]);
        let end = begin + decoded.as_ref().unwrap_or(&0);
        self.ders.truncate(end);
        decoded.is_ok().then_some(begin..end)
    }
}

/// The lines between the boundaries; `None` for any other form than the usual.
fn body(sent: &[u8]) -> Option<&[u8]> {
    let inside = sent.strip_prefix(BEGIN)?;
    let inside = inside.strip_suffix(b"\n").unwrap_or(inside);
    let body = inside.strip_suffix(END)?;
    (sent.len() <= MAX_REQUEST_BYTES && !body.is_empty()).then_some(body)
}

/// One request as it is to be read.
pub(super) fn unwrap(sent: &[u8]) -> Cow<'_, [u8]> {
    let mut one = Unwrapped::of(std::iter::once(sent), Vec::new());
    match one.places.pop().flatten() {
        Some(place) => Cow::Owned(one.ders.drain(place).collect()),
        None => Cow::Borrowed(sent),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::skim::Skim;
    use super::*;
    use crate::CertificateRequest;

    const PEM: &[u8] = include_bytes!("../../../../fixtures/requests/accepted.p256.pem");

    /// What the quick way decodes to a request, the long way decodes to the same.
    fn agree(sent: &[u8]) -> bool {
        let Cow::Owned(der) = unwrap(sent) else {
            return false;
        };
        if Skim::of(&der).is_some() {
            assert_eq!(CertificateRequest::parse(sent).unwrap().der(), der);
        }
        true
    }

    #[test]
    fn what_tools_write_is_decoded_at_once() {
        assert!(agree(PEM));
        assert!(agree(PEM.trim_ascii_end()));
        let key = rcgen::KeyPair::generate().unwrap();
        let made = rcgen::CertificateParams::default();
        let pem = made.serialize_request(&key).unwrap().pem().unwrap();
        assert!(agree(pem.replace("\r\n", "\n").as_bytes()));
    }

    #[test]
    fn any_other_form_is_left_to_the_long_way() {
        let text = std::str::from_utf8(PEM).unwrap();
        for other in [
            text.replace('\n', "\r\n"),
            text.replace("CERTIFICATE", "NEW CERTIFICATE"),
            format!("\n{text}"),
            format!("{text}{text}"),
            text.replacen("=", "", 1),
        ] {
            assert!(matches!(unwrap(other.as_bytes()), Cow::Borrowed(_)));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn no_mutation_is_decoded_at_once_to_something_else(
            changes in prop::collection::vec((0..PEM.len(), prop_oneof![Just(b'\n'), Just(b'='), any::<u8>()]), 1..4),
            cut in prop::option::of(0..PEM.len()),
        ) {
            let mut pem = PEM.to_vec();
            for (at, byte) in changes {
                pem[at] = byte;
            }
            pem.truncate(cut.unwrap_or(pem.len()));
            agree(&pem);
        }
    }
}
