//! What the books say of somebody, as JSON for the tester: everything but secrets.

use std::collections::BTreeMap;

use sealbank_bank::{
    Account, Bank, CertificateFacts, CertificateState, Contract, ContractId, ContractStatus,
    Generation, Grant, Holder, LogonMethod, Member, RevocationReason, Serial, UserId,
};
use serde::Serialize;
use time::OffsetDateTime;

/// A contract's books.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ContractAccount {
    contract: ContractId,
    name: String,
    status: &'static str,
    administrator: MemberAccount,
    users: BTreeMap<UserId, MemberAccount>,
}

/// A member's books.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MemberAccount {
    name: String,
    account: Account,
    method: LogonMethod,
    grant: &'static str,
    generation: Generation,
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    deadline: Option<OffsetDateTime>,
    pin_failures: u16,
    sessions: usize,
    certificates: Vec<CertificateAccount>,
    orphans: Vec<Serial>,
}

/// A certificate's record.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct CertificateAccount {
    generation: Generation,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<RevocationReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<CertificateFacts>,
}

/// The books of `contract`.
pub(crate) fn of_contract(bank: &Bank, contract: &ContractId) -> Option<ContractAccount> {
    let books = bank.contract(contract)?;
    Some(ContractAccount {
        contract: contract.clone(),
        name: books.name.clone(),
        status: match books.status {
            ContractStatus::Active => "active",
            ContractStatus::Suspended => "suspended",
            ContractStatus::Cancelled => "cancelled",
        },
        administrator: of_member(books, &Holder::Administrator, &books.administrator),
        users: books
            .users
            .iter()
            .map(|(user, member)| {
                let holder = Holder::User(user.clone());
                (user.clone(), of_member(books, &holder, member))
            })
            .collect(),
    })
}

/// The books of the user called `user`.
pub(crate) fn of_user(bank: &Bank, contract: &ContractId, user: &str) -> Option<MemberAccount> {
    let books = bank.contract(contract)?;
    let user = UserId::parse(user, &bank.settings().user_id_format).ok()?;
    let member = books.users.get(&user)?;
    Some(of_member(books, &Holder::User(user), member))
}

fn of_member(books: &Contract, holder: &Holder, member: &Member) -> MemberAccount {
    let certificates = member.certificates.iter();
    MemberAccount {
        name: member.name.clone(),
        account: member.account,
        method: member.logon_method,
        grant: member.grant.name(),
        generation: member.grant.generation(),
        deadline: match member.grant {
            Grant::Ready { deadline, .. } => deadline,
            _ => None,
        },
        pin_failures: member.pin_failures.values().map(|n| u16::from(*n)).sum(),
        sessions: books.sessions_of(holder).count(),
        certificates: certificates
            .map(|(generation, record)| CertificateAccount {
                generation: *generation,
                state: record.state.name(),
                reason: match record.state {
                    CertificateState::Revoked(reason) => Some(reason),
                    _ => None,
                },
                facts: record.facts.clone(),
            })
            .collect(),
        orphans: member.orphans.clone(),
    }
}
