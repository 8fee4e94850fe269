//! Certification requests (PKCS#10, PEM or DER): parsing and proving possession refuse or accept, and never panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sealbank_ca::CertificateRequest;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = CertificateRequest::parse(bytes) else {
        return;
    };
    let again = CertificateRequest::parse(request.der()).expect("its own DER is a request");
    assert_eq!(request.digest(), again.digest());
    let verified = request.verify();
    assert_eq!(verified.is_ok(), again.verify().is_ok());
});
