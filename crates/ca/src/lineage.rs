//! The root and all generations of the issuing authority, as the journal has them. Whatever is
//! entered here was checked: who signed it, and that it follows from what came before.

use rustls_pki_types::CertificateDer;
use sealbank_journal::Version;
use time::Duration;

use crate::facts::same;
use crate::hierarchy::Hierarchy;
use crate::issuer::{AuthorityCertificate, Identity};
use crate::{CaError, Generation, Profile, RevocationList};

/// An entry of the stream of the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HierarchyRecord {
    /// The authority is founded.
    Founded(Hierarchy),
    /// The issuing authority has a new generation.
    Renewed(Renewal),
    /// The root has a newer revocation list.
    RootListed(RevocationList),
}

/// A new generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Renewal {
    pub(crate) generation: Generation,
    pub(crate) issuing: CertificateDer<'static>,
    pub(crate) profile: Profile,
}

/// What is known of the authorities without their keys.
#[derive(Debug, Clone)]
pub(crate) struct Lineage {
    root: CertificateDer<'static>,
    root_authority: AuthorityCertificate,
    /// In the order of their numbers; the founding brings the first.
    root_lists: Vec<RevocationList>,
    /// Oldest first; the founding brings the first.
    members: Vec<Member>,
    list_lifetime: Duration,
    version: Version,
}

/// One generation.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) authority: AuthorityCertificate,
    pub(crate) profile: Profile,
}

impl Lineage {
    /// Begins with the founding.
    pub(crate) fn found(hierarchy: Hierarchy) -> Result<Self, CaError> {
        let (root_authority, authority) = hierarchy.check()?;
        Ok(Self {
            root: hierarchy.root,
            root_authority,
            root_lists: vec![hierarchy.root_list],
            members: vec![Member {
                certificate: hierarchy.issuing,
                authority,
                profile: hierarchy.profile,
            }],
            list_lifetime: hierarchy.list_lifetime,
            version: Version::new(1),
        })
    }

    /// Enters what follows the founding.
    pub(crate) fn enter(&mut self, record: HierarchyRecord) -> Result<(), CaError> {
        match record {
            HierarchyRecord::Founded(_) => {
                let problem = "the authority is founded again".to_owned();
                return Err(CaError::Inconsistent { problem });
            }
            HierarchyRecord::Renewed(renewal) => {
                let member = self.check_renewal(renewal)?;
                self.members.push(member);
            }
            HierarchyRecord::RootListed(list) => {
                self.check_root_list(&list)?;
                self.root_lists.push(list);
            }
        }
        self.version = self.version.next().ok_or_else(|| CaError::Inconsistent {
            problem: "the stream of the hierarchy is full".to_owned(),
        })?;
        Ok(())
    }

    /// Refuses a generation that is not the next one, not the root's, or not new in name and key.
    fn check_renewal(&self, renewal: Renewal) -> Result<Member, CaError> {
        const WHAT: &str = "the renewed issuing authority";
        let expected = self.next_generation()?;
        same(WHAT, "generation", &expected, &renewal.generation)?;
        let authority = AuthorityCertificate::read(&renewal.issuing)?;
        authority.must_be_signed_by(&self.root_authority)?;
        let older = self.members.iter().map(|member| &member.authority.identity);
        for taken in older.chain([&self.root_authority.identity]) {
            let found = &authority.identity;
            if found.name == taken.name || found.key_identifier == taken.key_identifier {
                return Err(CaError::Mismatch {
                    what: WHAT,
                    field: "subject and key",
                    expected: "new ones".to_owned(),
                    found: format!("some of {}", taken.name),
                });
            }
        }
        let (not_after, issuer_not_after) = (
            authority.validity.not_after(),
            self.root_authority.validity.not_after(),
        );
        if not_after > issuer_not_after {
            return Err(CaError::OutlivesIssuer {
                not_after,
                issuer_not_after,
            });
        }
        Ok(Member {
            certificate: renewal.issuing,
            authority,
            profile: renewal.profile,
        })
    }

    /// Refuses a list that the root did not sign, that is not newer, or that revokes anything: the
    /// root revokes nothing here.
    fn check_root_list(&self, list: &RevocationList) -> Result<(), CaError> {
        list.must_be_signed_by(&self.root_authority.identity, &self.root_authority.key)?;
        let last = self.root_list().number();
        if list.number() <= last || !list.revoked().is_empty() {
            let problem = format!(
                "root list {} follows list {last} and revokes {} certificates",
                list.number(),
                list.revoked().len()
            );
            return Err(CaError::Inconsistent { problem });
        }
        Ok(())
    }

    pub(crate) fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// The root's latest list.
    pub(crate) fn root_list(&self) -> &RevocationList {
        self.root_lists.last().expect("the founding brings a list")
    }

    /// All lists of the root, oldest first.
    pub(crate) fn root_lists(&self) -> &[RevocationList] {
        &self.root_lists
    }

    /// All generations, oldest first.
    pub(crate) fn members(&self) -> impl Iterator<Item = (Generation, &Member)> {
        Generation::all().zip(&self.members)
    }

    pub(crate) fn founding(&self) -> &Member {
        self.members
            .first()
            .expect("the founding brings a generation")
    }

    pub(crate) fn newest(&self) -> (Generation, &Member) {
        self.members()
            .last()
            .expect("the founding brings a generation")
    }

    pub(crate) fn next_generation(&self) -> Result<Generation, CaError> {
        let next = Generation::all().nth(self.members.len());
        next.ok_or_else(|| CaError::Inconsistent {
            problem: "the numbers of the generations are used up".to_owned(),
        })
    }

    pub(crate) fn member(&self, generation: Generation) -> Option<&Member> {
        self.members.get(generation.index())
    }

    /// The generation that names itself so in what it signs.
    pub(crate) fn find(
        &self,
        is_it: impl Fn(&Identity) -> bool,
    ) -> Option<(Generation, &AuthorityCertificate)> {
        self.members()
            .map(|(generation, member)| (generation, &member.authority))
            .find(|(_, authority)| is_it(&authority.identity))
    }

    /// How long a revocation list of the issuing authority is good for.
    pub(crate) fn list_lifetime(&self) -> Duration {
        self.list_lifetime
    }

    /// The version that the next record of the hierarchy builds on.
    pub(crate) fn version(&self) -> Version {
        self.version
    }
}
