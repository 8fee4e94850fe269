//! The loop that a Rust programmer writes in ten minutes: rcgen reads a request and verifies it, rcgen signs. A peer to
//! be measured beside: nothing is recorded, nothing compared, and the subject is whatever the request asks for.

use std::num::NonZeroUsize;
use std::thread::ScopedJoinHandle;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};

use crate::Corpus;

/// Signs the corpus with a P-256 key of its own, shared among the threads; the certificates in PEM, in no order.
///
/// # Panics
/// On a request that is not good.
#[must_use]
pub fn naive(corpus: &Corpus, threads: NonZeroUsize) -> Vec<String> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().expect("the system makes keys");
    let issuer = CertifiedIssuer::self_signed(parameters, key).expect("a CA signs itself");
    let sign = |request: &String| {
        let mut read = CertificateSigningRequestParams::from_pem(request)
            .expect("the recipe's requests are good");
        read.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        read.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let signed = read.signed_by(&issuer);
        signed.expect("a fresh key signs").pem()
    };
    std::thread::scope(|scope| {
        let share = |thread| corpus.requests().iter().skip(thread).step_by(threads.get());
        let workers: Vec<_> = (0..threads.get())
            .map(|thread| scope.spawn(move || share(thread).map(sign).collect::<Vec<_>>()))
            .collect();
        workers
            .into_iter()
            .map(ScopedJoinHandle::join)
            .flat_map(|signed| signed.expect("no request panics"))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Recipe;

    #[test]
    fn each_request_gets_a_certificate() {
        let corpus = Corpus::new(Recipe {
            p256: 5,
            rsa2048: 0,
            one_bad_in: 0,
            seed: 1,
        });
        let threads = NonZeroUsize::new(2).unwrap();
        assert_eq!(naive(&corpus, threads).len(), 5);
    }
}
