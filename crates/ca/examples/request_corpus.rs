//! Rebuilds `fixtures/requests`: good requests from the `openssl` command, and bad ones made from
//! them. Each file's name begins with the verdict that it must get.
//!
//! ```console
//! $ cargo run -p sealbank-ca --example request_corpus -- fixtures/requests
//! ```

#![expect(clippy::unwrap_used, reason = "a recipe that fails has to stop")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Verdict and name, and how `openssl` makes it. `{key}` is a file for the private key, which is
/// thrown away.
const MADE_BY_OPENSSL: [(&str, &str); 22] = [
    (
        "accepted.p256",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
    ),
    (
        "accepted.p256-with-sha512",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha512",
    ),
    (
        "accepted.p384-with-sha256",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha256",
    ),
    (
        "accepted.p384-with-sha384",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384",
    ),
    ("accepted.ed25519", "-newkey ed25519"),
    ("accepted.rsa2048", "-newkey rsa:2048"),
    (
        "accepted.rsa2048-pss",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest",
    ),
    ("accepted.rsa3072", "-newkey rsa:3072 -sha384"),
    ("accepted.rsa4096", "-newkey rsa:4096 -sha512"),
    (
        "accepted.new-certificate-request",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -newhdr",
    ),
    (
        "accepted.asks-for-everything",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -addext basicConstraints=critical,CA:TRUE \
         -addext keyUsage=critical,keyCertSign,cRLSign -addext extendedKeyUsage=serverAuth \
         -addext subjectAltName=DNS:bank.example,email:root@bank.example",
    ),
    (
        "malformed-key.explicit-curve",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
    ),
    (
        "signature-parameters.pss-with-the-longest-salt",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max",
    ),
    (
        "unknown-key-algorithm.p521",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-521",
    ),
    (
        "unknown-key-algorithm.secp256k1",
        "-newkey ec -pkeyopt ec_paramgen_curve:secp256k1",
    ),
    ("unknown-key-algorithm.ed448", "-newkey ed448"),
    (
        "unknown-key-algorithm.rsa-pss-key",
        "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048",
    ),
    ("unsupported-key-size.rsa2560", "-newkey rsa:2560"),
    ("weak-key.rsa1024", "-newkey rsa:1024"),
    (
        "weak-key.rsa-exponent-3",
        "-newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:3",
    ),
    ("weak-hash.rsa-with-sha1", "-newkey rsa:2048 -sha1"),
    (
        "weak-hash.ecdsa-with-sha1",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha1",
    ),
];

fn main() {
    let target = std::env::args_os()
        .nth(1)
        .expect("name the directory to fill");
    let corpus = Corpus { dir: target.into() };
    fs::create_dir_all(&corpus.dir).unwrap();
    corpus.clear();
    for (name, options) in MADE_BY_OPENSSL {
        fs::write(corpus.path(name, "pem"), request(options)).unwrap();
    }
    corpus.spoil();
}

struct Corpus {
    dir: PathBuf,
}

impl Corpus {
    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.dir.join(format!("{name}.{extension}"))
    }

    /// Removes what an earlier run has left.
    fn clear(&self) {
        for entry in fs::read_dir(&self.dir).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "pem" || extension == "der")
            {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// Makes the requests that no tool would.
    fn spoil(&self) {
        let pem = fs::read_to_string(self.path("accepted.p256", "pem")).unwrap();
        let good = decode(&pem);
        let fields = Fields::of(&good);
        let der = |name: &str, bytes: &[u8]| fs::write(self.path(name, "der"), bytes).unwrap();
        let text = |name: &str, text: &str| fs::write(self.path(name, "pem"), text).unwrap();

        der("accepted.p256", &good);
        text(
            "accepted.p256-with-carriage-returns",
            &pem.replace('\n', "\r\n"),
        );

        let flipped = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            bytes
        };
        der("bad-signature.flipped-signature", &flipped(good.len() - 1));
        der(
            "bad-signature.flipped-subject",
            &flipped(fields.subject_end - 1),
        );
        der("malformed-key.flipped-key", &flipped(fields.key_end - 1));

        let mut hybrid = good.clone();
        hybrid[fields.point] = 6 | hybrid[fields.key_end - 1] & 1;
        der("malformed-key.hybrid-point", &hybrid);
        let bits = [
            &[3, 34, 0, 2 | good[fields.key_end - 1] & 1],
            &good[fields.point + 1..][..32],
        ];
        let key = sequence(&[&good[fields.algorithm.clone()], &bits.concat()]);
        let before = &good[fields.version - 2..fields.subject_end];
        let compressed = sequence(&[before, &key, &good[fields.key_end..fields.info.end]]);
        der(
            "malformed-key.compressed-point",
            &sequence(&[&compressed, &good[fields.info.end..]]),
        );
        let mut later = good.clone();
        later[fields.version] = 1;
        der("unsupported-version.two", &later);

        let ed25519 = decode(&fs::read_to_string(self.path("accepted.ed25519", "pem")).unwrap());
        let foreign = Fields::of(&ed25519);
        let info = &good[fields.info.clone()];
        der(
            "key-and-signature-disagree.ed25519-on-p256",
            &sequence(&[info, &ed25519[foreign.info.end..]]),
        );
        let another = decode(&request(MADE_BY_OPENSSL[0].1));
        let rest = &another[Fields::of(&another).info.end..];
        der(
            "bad-signature.signed-by-another-key",
            &sequence(&[info, rest]),
        );

        der("trailing-bytes.one-zero", &[&good[..], &[0]].concat());
        der(
            "trailing-bytes.a-second-request",
            &[&good[..], &good].concat(),
        );
        let content = &good[fields.info.start..];
        der(
            "not-der.indefinite-length",
            &[&[0x30, 0x80], content, &[0, 0]].concat(),
        );
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        der(
            "not-der.padded-length",
            &[&[0x30, 0x83, 0], &length[..], content].concat(),
        );
        der("not-der.cut-off", &good[..good.len() - 1]);
        der("not-der.nothing-but-depth", &[0x30, 0x80].repeat(4000));
        der("not-a-request.an-empty-sequence", &[0x30, 0]);
        der("not-pem.nothing", &[]);
        der("not-pem.zeroes", &[0; 300]);
        der(
            "too-large.a-long-octet-string",
            &[&[0x30, 0x82, 0x7f, 0xff][..], &[4; 0x4000]].concat(),
        );

        text("not-pem.two-requests", &pem.repeat(2));
        text(
            "not-pem.text-before",
            &format!("Certificate Request:\n{pem}"),
        );
        text("not-pem.cut-off", &pem[..pem.len() / 2]);
        text("not-pem.not-base64", &pem.replacen("MI", "M!", 1));
        text(
            "wrong-label.certificate",
            &pem.replace("CERTIFICATE REQUEST", "CERTIFICATE"),
        );
        text(
            "wrong-label.private-key",
            &pem.replace("CERTIFICATE REQUEST", "PRIVATE KEY"),
        );
    }
}

/// Where things are in a request.
struct Fields {
    info: std::ops::Range<usize>,
    version: usize,
    subject_end: usize,
    algorithm: std::ops::Range<usize>,
    /// The first byte of an elliptic-curve point.
    point: usize,
    key_end: usize,
}

impl Fields {
    fn of(request: &[u8]) -> Self {
        let info = content(request, 0).start..0;
        let inside = content(request, info.start);
        let version = content(request, inside.start);
        let subject = content(request, version.end);
        let key = content(request, subject.end);
        let algorithm = key.start..content(request, key.start).end;
        let bits = content(request, algorithm.end);
        Self {
            info: info.start..inside.end,
            version: version.start,
            subject_end: subject.end,
            algorithm,
            point: bits.start + 1,
            key_end: key.end,
        }
    }
}

/// The content of the element at `at`.
fn content(der: &[u8], at: usize) -> std::ops::Range<usize> {
    let (start, length) = match der[at + 1] {
        short @ 0..=0x7f => (at + 2, usize::from(short)),
        0x81 => (at + 3, usize::from(der[at + 2])),
        _ => (
            at + 4,
            usize::from(u16::from_be_bytes([der[at + 2], der[at + 3]])),
        ),
    };
    start..start + length
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let header = match length {
        [0, short @ 0..=0x7f] => vec![0x30, short],
        [0, long] => vec![0x30, 0x81, long],
        [high, low] => vec![0x30, 0x82, high, low],
    };
    [header, content].concat()
}

fn request(options: &str) -> String {
    let directory = std::env::temp_dir().join(format!("request-corpus-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let key = directory.join("key.pem");
    let output = Command::new("openssl")
        .args([
            "req",
            "-new",
            "-nodes",
            "-batch",
            "-subj",
            "/O=A requester/CN=who writes what he likes",
        ])
        .args(["-keyout".as_ref(), key.as_os_str()])
        .args(options.split_whitespace())
        .output()
        .expect("the openssl command is needed");
    remove(&directory);
    assert!(
        output.status.success(),
        "{options}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn remove(directory: &Path) {
    fs::remove_dir_all(directory).unwrap();
}

fn decode(pem: &str) -> Vec<u8> {
    pkcs8::der::pem::decode_vec(pem.as_bytes()).unwrap().1
}
