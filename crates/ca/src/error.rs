//! The authority failing, or being asked for what it must not do. Its saying no to a request is in
//! `refusal`.

use std::path::PathBuf;

use sealbank_journal::JournalError;
use time::OffsetDateTime;

use crate::{BulkRun, Generation, RequestDigest, RequestError, Serial};

/// Why the authority did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaError {
    /// The request was refused.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The journal could not record or replay; nothing was released.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A part of a subject that cannot stand in a certificate.
    #[error("the subject's {attribute} {problem}: {value:?}")]
    Subject {
        /// Which part.
        attribute: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// The part.
        value: String,
    },
    /// An issuer's name that is not a distinguished name.
    #[error("the name is not a distinguished name: {problem}")]
    Name {
        /// What is wrong with it.
        problem: String,
    },
    /// A period that ends before it begins, or that X.509 cannot write (RFC 5280 section 4.1.2.5).
    #[error("{not_before} to {not_after} cannot be a validity: {problem}")]
    Validity {
        /// The beginning.
        not_before: OffsetDateTime,
        /// The end.
        not_after: OffsetDateTime,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A certificate may not be valid longer than the certificate of its issuer.
    #[error(
        "a certificate until {not_after} would outlive its issuer, which ends {issuer_not_after}; shorten it or renew the issuer"
    )]
    OutlivesIssuer {
        /// The end that was asked for.
        not_after: OffsetDateTime,
        /// The end of the issuer.
        issuer_not_after: OffsetDateTime,
    },
    /// A setting of the certificate profile that cannot be encoded.
    #[error("the profile's {setting} {problem}: {value:?}")]
    Profile {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: &'static str,
        /// The setting.
        value: String,
    },
    /// Text that is not a serial number of this authority.
    #[error("{text:?} is not a serial number of this authority: {problem}")]
    Serial {
        /// The text, or the bytes in hexadecimal.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Text that is not a digest.
    #[error("{text:?} is not a SHA-256 digest: write 64 lower-case hexadecimal digits")]
    Digest {
        /// The text.
        text: String,
    },
    /// Text that names no key algorithm.
    #[error(
        "{text:?} is not a key algorithm: use p256, p384, ed25519, rsa2048, rsa3072 or rsa4096"
    )]
    KeyAlgorithm {
        /// The text.
        text: String,
    },
    /// No certificate with this serial was recorded.
    #[error("no certificate with serial {serial} was signed here")]
    UnknownSerial {
        /// The serial.
        serial: Serial,
    },
    /// Text that names no revocation reason.
    #[error(
        "{text:?} is not a revocation reason: use a name of RFC 5280 section 5.3.1, such as keyCompromise"
    )]
    Reason {
        /// The text.
        text: String,
    },
    /// A clock that shows a time which X.509 cannot write (RFC 5280 section 4.1.2.5).
    #[error(
        "the clock shows {now}, but certificates can write the years 1950 to 9999; set it right"
    )]
    Clock {
        /// What it shows.
        now: OffsetDateTime,
    },
    /// Something could not be encoded.
    #[error("{what} could not be encoded: {problem}")]
    Encoding {
        /// What.
        what: &'static str,
        /// The encoder's words.
        problem: String,
    },
    /// Something that was encoded here, or read back, is not what was meant.
    #[error(
        "{what} is not what was decided: {field} should be {expected} and is {found}; nothing was released"
    )]
    Mismatch {
        /// What was compared.
        what: &'static str,
        /// In which part.
        field: &'static str,
        /// The decision.
        expected: String,
        /// The outcome.
        found: String,
    },
    /// Something that should be of our own making cannot be parsed.
    #[error("{what} cannot be read: {problem}")]
    Malformed {
        /// What.
        what: &'static str,
        /// The parser's words.
        problem: String,
    },
    /// The positions of a bulk run's requests do not rise.
    #[error("request {found} of the bulk run comes after request {last}; number them upwards")]
    BulkOrder {
        /// The position before.
        last: u64,
        /// The one that is not above it.
        found: u64,
    },
    /// A bulk run is continued with another input.
    #[error(
        "request {position} of the bulk run was {recorded} and is {found} now; continue it with the same input, or begin another run"
    )]
    BulkInput {
        /// The request's place in the input.
        position: u64,
        /// The request that was certified.
        recorded: RequestDigest,
        /// The request that is there now.
        found: RequestDigest,
    },
    /// A bulk run is at work already.
    #[error("bulk run {run} is at work already; wait for its end, or begin another run")]
    BulkRunning {
        /// The run.
        run: BulkRun,
    },
    /// A private key could not be made, read or used.
    #[error("the private key could not be {doing}: {problem}")]
    Key {
        /// What was being done.
        doing: &'static str,
        /// The library's words.
        problem: String,
    },
    /// The passphrase protects nothing.
    #[error("the passphrase for the key is empty; give one")]
    EmptyPassphrase,
    /// A key that does not open.
    #[error("{} does not open with this passphrase; give the one that it was made with", path.display())]
    WrongPassphrase {
        /// The key's file.
        path: PathBuf,
    },
    /// A key that needs a passphrase, and there is none.
    #[error("the key in {} is encrypted; open the authority with its passphrase", path.display())]
    KeyEncrypted {
        /// The key's file.
        path: PathBuf,
    },
    /// A password that not every reader of PKCS #12 files takes.
    #[error("the transport password {problem}; choose one of printable ASCII characters")]
    TransportPassword {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// TLS cannot be set up with what was given.
    #[cfg(feature = "rustls")]
    #[error("TLS could not be set up: {problem}")]
    Tls {
        /// The library's words.
        problem: String,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes; nothing was signed")]
    Randomness,
    /// A file or directory could not be read or written.
    #[error("{}: could not {doing}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's words.
        source: std::io::Error,
    },
    /// There is an authority already.
    #[error("{} exists and is not overwritten; choose an empty directory", path.display())]
    Exists {
        /// What stands in the way.
        path: PathBuf,
    },
    /// The root's key must not lie beside the issuing key.
    #[error("the root's directory is the authority's own, {}; keep the root apart", path.display())]
    RootNotApart {
        /// The directory.
        path: PathBuf,
    },
    /// The journal belongs to an authority already.
    #[error("the journal already holds an authority; open that one, or begin a new journal")]
    JournalInUse,
    /// The journal knows no authority.
    #[error("the journal holds no authority; create one, or name the journal that belongs to it")]
    NoHierarchy,
    /// A root that is not this authority's.
    #[error("the root is not the one that this authority was founded with; take out that one")]
    ForeignRoot,
    /// The keys of an authority are kept in one place.
    #[error(
        "the keys of this authority are not kept where the new one would be; renew it in the way it was opened"
    )]
    KeysElsewhere,
    /// A generation of the issuing authority that has no key here.
    #[error(
        "generation {generation} of the issuing authority has no key here; bring the keys of all"
    )]
    NoKey {
        /// The generation.
        generation: Generation,
    },
    /// A generation that there is not.
    #[error("the issuing authority has no generation {generation}; its newest is {newest}")]
    UnknownGeneration {
        /// What was asked for.
        generation: Generation,
        /// The newest.
        newest: Generation,
    },
    /// The files and the journal speak of different authorities.
    #[error("{} has {found}, but the journal has {recorded}; they do not belong together", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What the file has.
        found: String,
        /// What is recorded.
        recorded: String,
    },
    /// The records contradict each other; `audit` says more.
    #[error("the records of the authority contradict each other: {problem}; run an audit")]
    Inconsistent {
        /// The contradiction.
        problem: String,
    },
}
