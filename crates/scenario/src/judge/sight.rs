//! Which claims can't be judged from outside a bank.

use crate::model::{CertificateClaim, Claim, Fact, Operand};
use crate::observation::Sight;
use crate::snapshot::is_seen;

use super::SavedValues;

/// What a claim is about that can't be seen; none where it can be judged.
#[must_use]
pub(super) fn hidden(claim: &Claim, sight: Sight, saved: &SavedValues) -> Option<&'static str> {
    match claim {
        Claim::Compared { fact, .. } if is_hidden(*fact, sight) => Some(fact.name()),
        Claim::Compared {
            fact,
            with: Operand::Saved(kept),
            ..
        } if sight != Sight::Inside && !saved.holds(kept) => Some(fact.name()),
        _ if sight.shows_books() => None,
        Claim::Because(_) => Some("because"),
        Claim::Record(_) => Some("record"),
        Claim::Condition(_) => Some("user"),
        Claim::Accepted(_) => Some("accepted-certificates"),
        Claim::Ever(_) => Some("certificates-ever"),
        Claim::Snapshot(claim) if !is_seen(claim.of, sight) => Some("snapshot"),
        Claim::Certificate(CertificateClaim::Standing(_)) => Some("certificate standing"),
        _ => None,
    }
}

/// Whether a fact stands only where it can't be seen.
#[must_use]
pub(super) fn is_hidden(fact: Fact, sight: Sight) -> bool {
    match fact {
        Fact::Because
        | Fact::Condition
        | Fact::Accepted
        | Fact::Ever
        | Fact::Account
        | Fact::Method
        | Fact::Grant
        | Fact::Generation
        | Fact::OnTheBooks
        | Fact::PinFailures => !sight.shows_books(),
        Fact::Screen
        | Fact::Refused
        | Fact::Serial
        | Fact::CommonName
        | Fact::NotBefore
        | Fact::NotAfter => false,
    }
}
