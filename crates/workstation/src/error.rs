//! [`WorkstationError`]: what can go wrong at a PC, said as where, what, and how to mend it.
//!
//! A bank that refuses is no error: its screen is an answer. A refused TLS handshake is an
//! [`Outcome`](crate::Outcome) as well.

use thiserror::Error;

use crate::key::KeyAlgorithm;
use crate::origin::Origin;
use crate::point::Point;

/// Why something could not be done at a PC.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorkstationError {
    /// The PC is off.
    #[error("{pc} is switched off; boot it first")]
    PowerIsOff {
        /// The PC.
        pc: String,
    },
    /// Nobody is logged on to the PC.
    #[error("nobody is logged on to {pc}; log an OS user on first")]
    NobodyLoggedOn {
        /// The PC.
        pc: String,
    },
    /// The OS user's session has ended.
    #[error("{profile} has no session on {pc} any more; log on again")]
    NoSession {
        /// The PC.
        pc: String,
        /// The OS profile.
        profile: String,
    },
    /// There is no such OS user.
    #[error("{pc} has no OS profile {wanted}; it has {present}")]
    NoSuchProfile {
        /// The PC.
        pc: String,
        /// Who was wanted.
        wanted: String,
        /// Who is there.
        present: String,
    },
    /// The window was closed.
    #[error("window {window} of {browser} is closed; open a page in a new one")]
    WindowClosed {
        /// The browser.
        browser: String,
        /// The window.
        window: String,
    },
    /// The window shows no page.
    #[error("{action}: the window shows no page; open one first")]
    NoPage {
        /// What was tried.
        action: String,
    },
    /// No field with that label.
    #[error("{screen} has no field 「{wanted}」; its fields are: {present}")]
    NoSuchField {
        /// The screen.
        screen: String,
        /// The label that was looked for.
        wanted: String,
        /// The labels that are there.
        present: String,
    },
    /// The field can't be written into.
    #[error(
        "{screen}: a person can't write into 「{label}」; it is shown only, or is to be ticked"
    )]
    NotWritable {
        /// The screen.
        screen: String,
        /// The label.
        label: String,
    },
    /// The list has no such option.
    #[error("{screen}: the list 「{label}」 has no such option")]
    NoSuchOption {
        /// The screen.
        screen: String,
        /// The label.
        label: String,
    },
    /// No button with that text.
    #[error("{screen} has no button 「{wanted}」; its buttons are: {present}")]
    NoSuchButton {
        /// The screen.
        screen: String,
        /// The text that was looked for.
        wanted: String,
        /// The texts that are there.
        present: String,
    },
    /// No link with that text.
    #[error("{screen} has no link 「{wanted}」; its links are: {present}")]
    NoSuchLink {
        /// The screen.
        screen: String,
        /// The text that was looked for.
        wanted: String,
        /// The texts that are there.
        present: String,
    },
    /// The screen does not go on by itself.
    #[error("{screen} does not go on by itself; press a button or follow a link")]
    NoRefresh {
        /// The screen.
        screen: String,
    },
    /// There is no page before this one.
    #[error("there is no page before {screen} in this window")]
    NothingBefore {
        /// The screen.
        screen: String,
    },
    /// Refreshing would send a form again, and the person said no.
    #[error("refreshing {screen} would send its form again, and the person declined")]
    RepostDeclined {
        /// The screen.
        screen: String,
    },
    /// Another screen stands where the retrieval needs one of its own.
    #[error("the retrieval at {point} needs {wanted}, but the window shows {found}")]
    OtherScreen {
        /// Where the retrieval stands.
        point: Point,
        /// What it needs.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// The exchange that the retrieval held was cut.
    #[error(
        "the exchange held at {point} is gone: something else was done in its window; begin again"
    )]
    Abandoned {
        /// Where the retrieval stood.
        point: Point,
    },
    /// The retrieval has come to its end.
    #[error("the retrieval ended at {point}; begin a new one")]
    RetrievalOver {
        /// Where it ended.
        point: Point,
    },
    /// The person looked for a certificate that the picker does not offer.
    #[error("the picker for {origin} does not offer {wanted}; it offers: {offered}")]
    NotOffered {
        /// The site that asked.
        origin: Origin,
        /// What was looked for.
        wanted: String,
        /// What is offered.
        offered: String,
    },
    /// The host has no address.
    #[error("no address is known for the host {host}; known hosts: {known}")]
    UnknownHost {
        /// The host.
        host: String,
        /// The hosts of the site.
        known: String,
    },
    /// The browser speaks only HTTPS.
    #[error("{url} is not an https address with a host name")]
    NotHttps {
        /// The address.
        url: String,
    },
    /// The connection broke.
    #[error("{origin}: {stage}: {detail}")]
    Connection {
        /// The site.
        origin: Origin,
        /// What was being done.
        stage: &'static str,
        /// What happened.
        detail: String,
    },
    /// The answer is too large.
    #[error("{origin}{path} answered with more than {limit} bytes; the rest was not read")]
    AnswerTooLarge {
        /// The site.
        origin: Origin,
        /// The path.
        path: String,
        /// The most that is read.
        limit: usize,
    },
    /// The page passes the bounds under which it is read.
    #[error("the page at {path} has more than {limit} {what}; it is not read")]
    PageTooComplex {
        /// The path.
        path: String,
        /// What is too many.
        what: String,
        /// How many are allowed.
        limit: usize,
    },
    /// The bank sends the browser in circles.
    #[error("{path}: more than {limit} redirects in a row")]
    TooManyRedirects {
        /// The last path.
        path: String,
        /// How many are followed.
        limit: usize,
    },
    /// TLS can't be set up on this side.
    #[error("TLS can't be set up: {detail}")]
    TlsSetup {
        /// Why.
        detail: String,
    },
    /// Bytes that should be a certificate are none.
    #[error("not a certificate: {what}")]
    BadCertificate {
        /// What the parser said.
        what: String,
    },
    /// The key provider failed.
    #[error("the key provider can't handle a key of {algorithm}: {detail}")]
    KeyProvider {
        /// The algorithm.
        algorithm: KeyAlgorithm,
        /// What it said.
        detail: String,
    },
    /// The page asks for a key that the provider does not know.
    #[error("unknown key algorithm {given}; known: {known}")]
    UnknownKeyAlgorithm {
        /// What was asked for.
        given: String,
        /// What is known.
        known: String,
    },
    /// No such point.
    #[error("unknown point {given}; the points are: {known}")]
    UnknownPoint {
        /// What was given.
        given: String,
        /// What is known.
        known: String,
    },
}
