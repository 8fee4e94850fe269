//! The client-certificate choice: who answers the picker, and what the browser remembers of it.
//!
//! A browser asks once per origin and keeps the answer, also the answer "none", until all its
//! windows are closed. That is why the manual says 「開いているブラウザはすべて閉じてください」
//! (procedure 0.5, T17, V22). [`decide`] is pure; the TLS driver calls it when a server asks.

use std::collections::BTreeMap;

use crate::certificate::Fingerprint;
use crate::origin::Origin;

/// What a browser remembers for one origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nothing: the next request for a certificate asks the person.
    #[default]
    Unasked,
    /// There was no certificate to offer; none is sent again, silently (case 58).
    None,
    /// The person cancelled the picker; none is sent again, silently (case 59).
    Declined,
    /// This certificate is sent again, silently (case 76).
    Certificate(Fingerprint),
}

/// The choices of one browser, by origin.
#[derive(Clone, Debug, Default)]
pub struct ChoiceCache(BTreeMap<Origin, Choice>);

impl ChoiceCache {
    /// What is remembered for `origin`.
    #[must_use]
    pub fn of(&self, origin: &Origin) -> Choice {
        self.0.get(origin).copied().unwrap_or_default()
    }

    /// Remembers `choice` for `origin`.
    pub fn remember(&mut self, origin: Origin, choice: Choice) {
        if choice == Choice::Unasked {
            self.0.remove(&origin);
        } else {
            self.0.insert(origin, choice);
        }
    }

    /// Forgets everything: all windows were closed.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// What the person does when the picker 「認証用の証明書の選択」 appears.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Pick {
    /// Takes the one that was stored last.
    #[default]
    Newest,
    /// Takes the newest one with this Common Name.
    CommonName(String),
    /// Takes the one with this serial number (hexadecimal; colons and leading zeros don't matter).
    Serial(String),
    /// Presses キャンセル.
    Cancel,
}

impl Pick {
    fn finds<'a>(&self, offered: &[&'a Candidate]) -> Option<&'a Candidate> {
        match self {
            Self::Newest => offered.first().copied(),
            Self::CommonName(name) => offered.iter().copied().find(|c| c.common_name == *name),
            Self::Serial(serial) => offered
                .iter()
                .copied()
                .find(|c| plain_serial(&c.serial) == plain_serial(serial)),
            Self::Cancel => None,
        }
    }
}

/// The policy `AutoSelectCertificateForUrls`: the browser answers the picker itself.
///
/// Every filter that is given must match; a policy without filters takes the newest certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoSelect {
    /// The origin it applies to; every origin when absent.
    pub origin: Option<Origin>,
    /// The issuer's Common Name.
    pub issuer: Option<String>,
    /// The subject's Common Name.
    pub subject: Option<String>,
}

impl AutoSelect {
    fn matches(&self, origin: &Origin, candidate: &Candidate) -> bool {
        self.origin.as_ref().is_none_or(|wanted| wanted == origin)
            && self
                .issuer
                .as_ref()
                .is_none_or(|cn| candidate.issuer_common_name.as_ref() == Some(cn))
            && self
                .subject
                .as_ref()
                .is_none_or(|cn| candidate.common_name == *cn)
    }
}

/// One certificate that could be offered, with what the picker shows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its identity in the store.
    pub fingerprint: Fingerprint,
    /// The subject's Common Name.
    pub common_name: String,
    /// The serial number in hexadecimal.
    pub serial: String,
    /// The issuer's Common Name.
    pub issuer_common_name: Option<String>,
    /// The names, in DER, of all issuers in its chain.
    pub issuers: Vec<Vec<u8>>,
}

impl Candidate {
    fn is_hinted(&self, hints: &[&[u8]]) -> bool {
        hints.is_empty()
            || self
                .issuers
                .iter()
                .any(|issuer| hints.contains(&issuer.as_slice()))
    }
}

/// Everything the answer depends on.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The site that asks.
    pub origin: &'a Origin,
    /// What the browser remembers for it.
    pub remembered: Choice,
    /// The certificates that may be offered at this moment, newest first.
    pub candidates: &'a [Candidate],
    /// The browser's policies.
    pub policies: &'a [AutoSelect],
    /// What the person does if asked.
    pub pick: &'a Pick,
}

/// The answer to a server that asks for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This is sent (or nothing, for [`Choice::None`] and [`Choice::Declined`]) and remembered.
    Give(Choice),
    /// The person looked for a certificate that the picker does not offer, and walked away.
    NotOffered {
        /// What the picker offered, by Common Name and serial.
        offered: Vec<String>,
    },
}

/// Answers a server that asks for a certificate, `hints` being the issuers it would accept
/// (RFC 8446, section 4.2.4; RFC 5246, section 7.4.4; none means any).
#[must_use]
pub fn decide(situation: &Situation<'_>, hints: &[&[u8]]) -> Answer {
    let held = |wanted| situation.candidates.iter().any(|c| c.fingerprint == wanted);
    match situation.remembered {
        Choice::Certificate(remembered) if held(remembered) => {
            return Answer::Give(situation.remembered);
        }
        Choice::None | Choice::Declined => return Answer::Give(situation.remembered),
        // Deleting the certificate makes the browser choose again.
        Choice::Certificate(_) | Choice::Unasked => {}
    }
    let offered: Vec<&Candidate> = situation
        .candidates
        .iter()
        .filter(|c| c.is_hinted(hints))
        .collect();
    let selected = situation
        .policies
        .iter()
        .find_map(|policy| offered.iter().find(|c| policy.matches(situation.origin, c)));
    if let Some(candidate) = selected {
        return Answer::Give(Choice::Certificate(candidate.fingerprint));
    }
    match (offered.is_empty(), situation.pick) {
        (true, _) => Answer::Give(Choice::None),
        (false, Pick::Cancel) => Answer::Give(Choice::Declined),
        (false, pick) => match pick.finds(&offered) {
            Some(candidate) => Answer::Give(Choice::Certificate(candidate.fingerprint)),
            None => Answer::NotOffered {
                offered: offered
                    .iter()
                    .map(|c| format!("{} (serial {})", c.common_name, c.serial))
                    .collect(),
            },
        },
    }
}

fn plain_serial(serial: &str) -> String {
    let digits: String = serial.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .to_ascii_lowercase()
        .trim_start_matches('0')
        .to_owned()
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
