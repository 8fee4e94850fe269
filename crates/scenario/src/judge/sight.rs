//! Which claims can't be judged from outside a bank.

use crate::model::{CertificateClaim, Claim, Fact, Operand};
use crate::observation::Sight;

use super::SavedValues;

/// What a claim is about that can't be seen; none where it can be judged.
#[must_use]
pub(super) fn hidden(claim: &Claim, sight: Sight, saved: &SavedValues) -> Option<&'static str> {
    if sight == Sight::Inside {
        return None;
    }
    match claim {
        Claim::Because(_) => Some("because"),
        Claim::Record(_) => Some("record"),
        Claim::Condition(_) => Some("user"),
        Claim::Accepted(_) => Some("accepted-certificates"),
        Claim::Ever(_) => Some("certificates-ever"),
        Claim::Certificate(CertificateClaim::Standing(_)) => Some("certificate standing"),
        Claim::Compared { fact, .. } if is_hidden(*fact) => Some(fact.name()),
        Claim::Compared {
            fact,
            with: Operand::Saved(kept),
            ..
        } if !saved.holds(kept) => Some(fact.name()),
        _ => None,
    }
}

/// Whether a fact stands in the bank's books or on its trail alone.
#[must_use]
pub(super) fn is_hidden(fact: Fact) -> bool {
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
        | Fact::PinFailures => true,
        Fact::Screen
        | Fact::Refused
        | Fact::Serial
        | Fact::CommonName
        | Fact::NotBefore
        | Fact::NotAfter => false,
    }
}
