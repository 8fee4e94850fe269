//! [`Fact`]: a single value that is seen after a step, so that it can be saved and compared.

use time::OffsetDateTime;

use crate::source::At;

/// One value that is seen after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The id of the screen.
    Screen,
    /// The code of the refusal.
    Refused,
    /// The inner reason.
    Because,
    /// The person's condition.
    Condition,
    /// How many certificates of the person the bank accepts.
    Accepted,
    /// How many certificates of the person the bank ever recorded.
    Ever,
    /// The serial number of the newest certificate in his store.
    Serial,
    /// Its Common Name.
    CommonName,
    /// Its first second.
    NotBefore,
    /// Its last second.
    NotAfter,
    /// `account` of the bank's record.
    Account,
    /// `logon_method`.
    Method,
    /// `grant`.
    Grant,
    /// The highest generation.
    Generation,
    /// The state of the newest certificate on the books.
    OnTheBooks,
    /// Wrong PINs counted.
    PinFailures,
}

/// What kind of value a fact is; only equal kinds can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Words and identifiers: equal or not.
    Text,
    /// Counts: also more or less.
    Number,
    /// Moments: also earlier or later.
    Moment,
}

/// A fact as it was seen or is expected.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Of [`FactKind::Text`].
    Text(String),
    /// Of [`FactKind::Number`].
    Number(u64),
    /// Of [`FactKind::Moment`].
    Moment(OffsetDateTime),
}

/// How a fact has to stand to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same.
    Is,
    /// Another one.
    Not,
    /// The same, less or earlier.
    AtMost,
    /// The same, more or later.
    AtLeast,
}

/// What a fact is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A value that is written.
    Written(Reading),
    /// One that an earlier step of the case saves.
    Saved(Saved),
}

/// A value that a step saves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// What it is called, without `$`, and where.
    pub name: At<String>,
    /// What is saved.
    pub fact: Fact,
    /// What tells it from all others of the case: a flow that is called twice saves twice.
    pub key: String,
}

impl Fact {
    /// Every fact by the words in which `expect` says it.
    pub const ALL: [(&str, Self); 16] = [
        ("screen", Self::Screen),
        ("refused", Self::Refused),
        ("because", Self::Because),
        ("user", Self::Condition),
        ("accepted-certificates", Self::Accepted),
        ("certificates-ever", Self::Ever),
        ("certificate.serial", Self::Serial),
        ("certificate.CN", Self::CommonName),
        ("certificate.not-before", Self::NotBefore),
        ("certificate.not-after", Self::NotAfter),
        ("record.account", Self::Account),
        ("record.method", Self::Method),
        ("record.grant", Self::Grant),
        ("record.generation", Self::Generation),
        ("record.certificate", Self::OnTheBooks),
        ("record.pin-failures", Self::PinFailures),
    ];

    /// The words for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(_, fact)| *fact == self)
            .map_or("", |(name, _)| name)
    }

    /// What kind of value it is.
    #[must_use]
    pub fn kind(self) -> FactKind {
        match self {
            Self::Accepted | Self::Ever | Self::Generation | Self::PinFailures => FactKind::Number,
            Self::NotBefore | Self::NotAfter => FactKind::Moment,
            _ => FactKind::Text,
        }
    }
}

impl FactKind {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Moment => "a moment",
        }
    }
}

impl Relation {
    /// Whether it holds.
    #[must_use]
    pub fn holds(self, found: &Reading, wanted: &Reading) -> bool {
        match self {
            Self::Is => found == wanted,
            Self::Not => found != wanted,
            Self::AtMost => found <= wanted,
            Self::AtLeast => found >= wanted,
        }
    }

    /// What is wanted, in words.
    #[must_use]
    pub fn words(self, wanted: &Reading) -> String {
        match self {
            Self::Is => wanted.to_string(),
            Self::Not => format!("not {wanted}"),
            Self::AtMost => format!("at most {wanted}"),
            Self::AtLeast => format!("at least {wanted}"),
        }
    }
}

impl std::fmt::Display for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Moment(moment) => write!(f, "{moment}"),
        }
    }
}
