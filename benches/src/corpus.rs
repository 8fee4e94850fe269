//! Requests by recipe: how many of which key, in which order, and which of them are bad. What is
//! done with them is left to the benches.
//!
//! The seed decides the order and the bad ones; the keys come from the system, so two corpora of
//! one recipe have the same shape and different bytes.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256};

/// The line that ends a request in PEM.
const END: &str = "-----END CERTIFICATE REQUEST-----\n";

/// How many RSA keys a corpus shares: one takes some 60 ms to make.
const RSA_KEYS: usize = 16;

/// What a corpus is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// Requests with a P-256 key, each its own.
    pub p256: usize,
    /// Requests with one of 16 RSA-2048 keys.
    pub rsa2048: usize,
    /// One in so many has a signature that doesn't fit; none if zero.
    pub one_bad_in: usize,
    /// Decides the order, and which are bad.
    pub seed: u64,
}

/// Requests in PEM, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus(Vec<String>);

impl Corpus {
    /// Follows a recipe.
    ///
    /// # Panics
    /// Where the system makes no keys: a bench can't go on then.
    #[must_use]
    pub fn new(recipe: Recipe) -> Self {
        let mut random = SplitMix(recipe.seed);
        let rsa: Vec<_> = (0..recipe.rsa2048.min(RSA_KEYS))
            .map(|_| KeyPair::generate_for(&PKCS_RSA_SHA256).expect("the system makes keys"))
            .collect();
        let mut requests: Vec<_> =
            (0..recipe.p256)
                .map(|_| KeyPair::generate().expect("the system makes keys"))
                .enumerate()
                .map(|(number, key)| request(&format!("p256-{number:07}"), &key))
                .chain((0..recipe.rsa2048).map(|number| {
                    request(&format!("rsa2048-{number:07}"), &rsa[number % rsa.len()])
                }))
                .collect();
        random.shuffle(&mut requests);
        if let Some(bad) = requests.len().checked_div(recipe.one_bad_in) {
            let mut places: Vec<_> = (0..requests.len()).collect();
            random.shuffle(&mut places);
            for place in places.into_iter().take(bad) {
                requests[place] = spoilt(&requests[place]);
            }
        }
        Self(requests)
    }

    /// The requests of a bundle in PEM.
    #[must_use]
    pub fn read(bundle: &str) -> Self {
        Self(bundle.split_inclusive(END).map(str::to_owned).collect())
    }

    /// The requests, in PEM.
    #[must_use]
    pub fn requests(&self) -> &[String] {
        &self.0
    }

    /// All requests, one after another.
    #[must_use]
    pub fn bundle(&self) -> String {
        self.0.concat()
    }
}

fn request(name: &str, key: &KeyPair) -> String {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let request = parameters
        .serialize_request(key)
        .expect("a request can be encoded");
    let pem = request.pem().expect("a request can be written in PEM");
    pem.replace("\r\n", "\n")
}

/// The request with another bit in its signature, which stands at its end.
fn spoilt(request: &str) -> String {
    let text = request.strip_suffix(END).unwrap_or(request);
    // Far enough from the end to be no padding, near enough to be within the signature.
    let place = text.trim_end().len() - 12;
    let place = place - usize::from(text.as_bytes()[place] == b'\n');
    let other = if text.as_bytes()[place] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &request[..place], &request[place + 1..])
}

/// `SplitMix64`: a seed's sequence, the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Fisher and Yates.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = u64::try_from(last).expect("a length fits 64 bits") + 1;
            let place = usize::try_from(self.next() % bound).expect("it is below a length");
            items.swap(last, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use sealbank_ca::CertificateRequest;

    use super::{Corpus, Recipe};

    const RECIPE: Recipe = Recipe {
        p256: 190,
        rsa2048: 10,
        one_bad_in: 50,
        seed: 7,
    };

    fn verdicts(corpus: &Corpus) -> Vec<bool> {
        let verified = |request: &String| {
            CertificateRequest::parse(request.as_bytes())
                .and_then(CertificateRequest::verify)
                .is_ok()
        };
        corpus.requests().iter().map(verified).collect()
    }

    #[test]
    fn as_many_are_bad_as_the_recipe_says_and_at_the_same_places() {
        let first = verdicts(&Corpus::new(RECIPE));
        assert_eq!(first.len(), 200);
        assert_eq!(first.iter().filter(|good| !**good).count(), 4);
        assert_eq!(first, verdicts(&Corpus::new(RECIPE)));
    }

    #[test]
    fn a_bundle_is_read_back_as_it_was() {
        let corpus = Corpus::new(RECIPE);
        assert_eq!(Corpus::read(&corpus.bundle()), corpus);
    }
}
