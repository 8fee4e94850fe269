//! OCSP requests (RFC 6960, DER): whatever comes, the responder answers, and never panics.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use sealbank_ca::{Authority, Responder, ResponderOptions};
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +9);

/// Made once: a responder makes a key.
static RESPONDER: OnceLock<Responder<Authority>> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let responder = RESPONDER.get_or_init(|| {
        let authority = Authority::ephemeral().expect("the system makes keys");
        Responder::new(authority, &ResponderOptions::default(), NOW)
            .expect("an authority has a responder")
    });
    assert!(!responder.respond(bytes, NOW).is_empty());
});
