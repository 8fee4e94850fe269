//! The bank's events as records of the journal: one stream a contract, one entry an event.

use std::borrow::Cow;

use sealbank_bank::{ContractId, Event};
use sealbank_journal::{DecodeError, JournalError, Record, StreamName};

/// What the names of all contracts' streams begin with.
const STREAMS: &str = "contract/";

/// One event of the bank, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankEvent(pub Event);

impl BankEvent {
    /// The stream of `contract`: its id, with `_` before what was a capital letter.
    ///
    /// # Errors
    /// [`JournalError::StreamName`] if the id is too long for a stream's name.
    pub fn stream(contract: &ContractId) -> Result<StreamName, JournalError> {
        let mut name = STREAMS.to_owned();
        for letter in contract.as_str().chars() {
            if letter.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        StreamName::new(&name)
    }

    /// Whether `stream` is a contract's.
    #[must_use]
    pub fn is_in(stream: &StreamName) -> bool {
        stream.as_str().starts_with(STREAMS)
    }
}

impl Record for BankEvent {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.0.change.name())
    }

    fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("an event has string keys only, so it has a JSON form")
    }

    fn decode(kind: &str, payload: &[u8]) -> Result<Self, DecodeError> {
        let event: Event = serde_json::from_slice(payload).map_err(|problem| {
            DecodeError::new(format!("it is no event of the bank: {problem}"))
        })?;
        let found = event.change.name();
        if found == kind {
            Ok(Self(event))
        } else {
            Err(DecodeError::new(format!("it says {found} inside")))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sealbank_bank::settings::{Characters, IdFormat};
    use sealbank_bank::{Actor, Change};
    use time::macros::datetime;

    use super::*;

    const ANY: IdFormat = IdFormat {
        min: 1,
        max: 40,
        characters: Characters::Alphanumeric,
    };

    fn suspended() -> BankEvent {
        BankEvent(Event {
            at: datetime!(2031-04-01 00:00 UTC),
            by: Actor::Counter,
            contract: ContractId::parse("99990000001", &ANY).unwrap(),
            change: Change::ContractSuspended,
            before: None,
            after: None,
        })
    }

    #[test]
    fn an_event_comes_back_as_it_was_recorded() {
        let event = suspended();
        let read = BankEvent::decode(&event.kind(), &event.encode()).unwrap();
        assert_eq!(read, event);
    }

    #[test]
    fn an_entry_of_another_kind_or_content_is_refused() {
        let event = suspended();
        for (kind, payload) in [
            ("contract-resumed", event.encode()),
            ("contract-suspended", b"{}".to_vec()),
            ("contract-suspended", b"\xff".to_vec()),
        ] {
            assert!(BankEvent::decode(kind, &payload).is_err(), "{kind}");
        }
    }

    #[test]
    fn contracts_that_differ_in_case_have_streams_of_their_own() {
        let names: BTreeSet<String> = ["ab", "aB", "Ab", "AB"]
            .iter()
            .map(|id| {
                let contract = ContractId::parse(id, &ANY).unwrap();
                BankEvent::stream(&contract).unwrap().to_string()
            })
            .collect();
        assert_eq!(names.len(), 4, "{names:?}");
    }
}
