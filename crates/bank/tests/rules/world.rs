//! A small bank to try the rules on: one contract with its administrator, users made on demand, a clock and a log.
//!
//! Every command told to it is decided, recorded and applied as the real bank does it; PINs, sessions, requests and
//! serials are plain numbers. What ought to hold is checked in `checkers`.

use std::sync::OnceLock;

use sealbank_bank::{
    AdminAct, Answer, Bank, BankProfile, Browser, CertificateFacts, Command, Condition, ContractId,
    Enrolment, Event, Finding, Fingerprint, Generation, Member, NewPin, Pin, PinCost, PinHash,
    Popup, Refusal, RevocationReason, Rights, Serial, SessionId, Settings, Subscriber, UserId,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

pub(crate) const START: OffsetDateTime = datetime!(2031-04-01 09:00 +09:00);
pub(crate) const CONTRACT: &str = "99990000001";
pub(crate) const ADMIN_PIN: &str = "Admin0001";
pub(crate) const CONFIRMATION: &str = "Kakunin01";
pub(crate) const USER_PIN: &str = "Test0001";
pub(crate) const NEW_PIN: &str = "Atara5hii";
pub(crate) const WRONG_PIN: &str = "Wrong0001";

pub(crate) type Outcome = Result<Answer, Refusal>;

/// A bank, its clock, and all that it recorded.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) bank: Bank,
    pub(crate) now: OffsetDateTime,
    pub(crate) log: Vec<Event>,
    names: u32,
}

/// A certificate as a PC holds it together with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) serial: Serial,
    pub(crate) key: Fingerprint,
    pub(crate) retrieval: SessionId,
    pub(crate) enrolment: Enrolment,
}

/// Settings for a test world: those given, with PINs that cost little.
pub(crate) fn light(settings: Settings) -> Settings {
    let settings = Settings {
        pin_cost: PinCost::LIGHT,
        ..settings
    };
    settings
        .validated()
        .expect("a bank can run with these settings")
}

/// The hash of one of the world's PINs, made once.
pub(crate) fn hash(pin: &str) -> PinHash {
    static HASHES: OnceLock<Vec<(&str, PinHash)>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        let format = Settings::default().pin_format;
        let hashed = |pin| {
            let chosen = NewPin::parse(pin, &format).unwrap();
            PinHash::new(&chosen, [5; 16], PinCost::LIGHT).unwrap()
        };
        [ADMIN_PIN, CONFIRMATION, USER_PIN, NEW_PIN]
            .map(|pin| (pin, hashed(pin)))
            .to_vec()
    });
    let (_, found) = hashes.iter().find(|(known, _)| *known == pin).unwrap();
    found.clone()
}

pub(crate) fn contract() -> ContractId {
    static PARSED: OnceLock<ContractId> = OnceLock::new();
    let parsed = PARSED.get_or_init(|| {
        ContractId::parse(CONTRACT, &Settings::default().contract_id_format).unwrap()
    });
    parsed.clone()
}

pub(crate) fn user_id(name: &str) -> UserId {
    UserId::parse(name, &Settings::default().user_id_format).unwrap()
}

pub(crate) fn user(name: &str) -> Subscriber {
    Subscriber::user(contract(), user_id(name))
}

pub(crate) fn administrator() -> Subscriber {
    Subscriber::administrator(contract())
}

pub(crate) fn fingerprint(kind: u8, number: u32) -> Fingerprint {
    let mut digest = [kind; 32];
    digest[28..].copy_from_slice(&number.to_be_bytes());
    Fingerprint(digest)
}

pub(crate) fn session(number: u32) -> SessionId {
    SessionId(fingerprint(0x5e, number))
}

pub(crate) fn key(number: u32) -> Fingerprint {
    fingerprint(0x4b, number)
}

pub(crate) fn request(number: u32) -> Fingerprint {
    fingerprint(0xc5, number)
}

pub(crate) fn serial(number: u32) -> Serial {
    format!("{number:016x}").parse().unwrap()
}

/// What an honest CA signs.
pub(crate) fn signed(enrolment: &Enrolment, key: Fingerprint, serial: Serial) -> CertificateFacts {
    CertificateFacts {
        serial,
        issuer: "CN=TEST ONLY Issuing CA".to_owned(),
        subject: enrolment.subject.clone(),
        public_key: key,
        not_before: enrolment.not_before,
        not_after: enrolment.not_after,
    }
}

impl World {
    /// A contract with its administrator, and nobody else.
    pub(crate) fn with(settings: Settings) -> Self {
        let mut world = Self {
            bank: Bank::new(light(settings), BankProfile::default()),
            now: START,
            log: Vec::new(),
            names: 1_000,
        };
        let open = Command::OpenContract {
            contract: contract(),
            name: "株式会社サンプル商事".to_owned(),
            pin: hash(ADMIN_PIN),
            confirmation: hash(CONFIRMATION),
        };
        world.tell(&open).unwrap();
        world
    }

    /// The default bank with the user `keiri01`, not granted anything yet.
    pub(crate) fn new() -> Self {
        Self::with_user(Settings::default())
    }

    /// A bank with these settings and the user `keiri01`.
    pub(crate) fn with_user(settings: Settings) -> Self {
        let mut world = Self::with(settings);
        world.register("keiri01").unwrap();
        world
    }

    /// Decides, records and applies `command` now.
    pub(crate) fn tell(&mut self, command: &Command) -> Outcome {
        let decision = self.bank.decide(command, self.now);
        for event in &decision.events {
            self.bank
                .apply(event)
                .expect("what was decided fits the books");
        }
        self.log.extend(decision.events);
        decision.outcome
    }

    pub(crate) fn wait(&mut self, duration: Duration) -> &mut Self {
        self.now += duration;
        self
    }

    pub(crate) fn pass_time(&mut self) -> Outcome {
        let contract = contract();
        self.tell(&Command::PassTime { contract })
    }

    /// A number that this world has not used yet.
    pub(crate) fn fresh(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    pub(crate) fn member(&self, name: &str) -> &Member {
        self.bank.member(&user(name)).unwrap()
    }

    /// Who sees what: `keys` are the certificates that some PC holds with their keys.
    pub(crate) fn condition(&self, name: &str, keys: &[&Held]) -> Condition {
        Condition::of(self.member(name), self.now, |facts| {
            keys.iter().any(|held| held.serial == facts.serial)
        })
    }

    // The administrator and the counter

    /// The administrator logs on, does one thing with the right confirmation PIN, and logs off.
    pub(crate) fn administer(&mut self, act: AdminAct) -> Outcome {
        let session = session(self.fresh());
        self.log_on_as(administrator(), ADMIN_PIN, session)?;
        let done = self.administer_in(session, CONFIRMATION, act);
        self.log_off(session)?;
        done
    }

    pub(crate) fn administer_in(
        &mut self,
        session: SessionId,
        confirmation: &str,
        act: AdminAct,
    ) -> Outcome {
        let confirmation = Pin::new(confirmation);
        let contract = contract();
        self.tell(&Command::Administer {
            contract,
            session,
            confirmation,
            act,
        })
    }

    pub(crate) fn register(&mut self, name: &str) -> Outcome {
        self.register_with(name, Rights::Ordinary)
    }

    pub(crate) fn register_with(&mut self, name: &str, rights: Rights) -> Outcome {
        self.administer(AdminAct::Register {
            user: user_id(name),
            name: "試験 太郎".to_owned(),
            rights,
            pin: hash(USER_PIN),
        })
    }

    pub(crate) fn grant(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::Grant {
            user: user_id(name),
        })
    }

    pub(crate) fn reinitialize(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::Reinitialize {
            user: user_id(name),
        })
    }

    pub(crate) fn revoke(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::Revoke {
            user: user_id(name),
            reason: RevocationReason::KeyCompromise,
        })
    }

    pub(crate) fn lift(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::LiftSuspension {
            user: user_id(name),
        })
    }

    pub(crate) fn stop(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::Stop {
            user: user_id(name),
        })
    }

    pub(crate) fn deregister(&mut self, name: &str) -> Outcome {
        self.administer(AdminAct::Deregister {
            user: user_id(name),
        })
    }

    pub(crate) fn suspend_contract(&mut self) -> Outcome {
        let contract = contract();
        self.tell(&Command::SuspendContract { contract })
    }

    /// Locks the administrator by wrong PINs.
    pub(crate) fn lock_administrator(&mut self) {
        self.lock(&administrator());
    }

    /// Types wrong PINs at the ID+PIN door until `subscriber` is suspended.
    pub(crate) fn lock(&mut self, subscriber: &Subscriber) {
        for _ in 0..self.bank.settings().pin_failure_limit {
            let id = session(self.fresh());
            self.begin_as(subscriber.clone(), WRONG_PIN, id)
                .expect_err("the PIN is wrong");
        }
    }

    // The retrieval

    pub(crate) fn begin_as(
        &mut self,
        subscriber: Subscriber,
        pin: &str,
        session: SessionId,
    ) -> Outcome {
        self.tell(&Command::BeginRetrieval {
            subscriber,
            pin: Pin::new(pin),
            session,
            browser: Browser::Supported,
        })
    }

    /// 取得 in a new session.
    pub(crate) fn begin(&mut self, name: &str) -> Result<SessionId, Refusal> {
        let session = session(self.fresh());
        self.begin_as(user(name), USER_PIN, session)
            .map(|_| session)
    }

    pub(crate) fn send_request(&mut self, session: SessionId, number: u32) -> Outcome {
        self.tell(&Command::AcceptRequest {
            contract: contract(),
            session,
            request: request(number),
            public_key: key(number),
        })
    }

    /// A new request in the retrieval `session`: what the CA is to sign, and the key's number.
    pub(crate) fn request(&mut self, session: SessionId) -> Result<(Enrolment, u32), Refusal> {
        let number = self.fresh();
        match self.send_request(session, number)? {
            Answer::Sign(enrolment) => Ok((enrolment, number)),
            other => panic!("a new request is to be signed, not {other:?}"),
        }
    }

    pub(crate) fn record(&mut self, enrolment: &Enrolment, facts: CertificateFacts) -> Outcome {
        self.tell(&Command::RecordCertificate {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
            facts,
        })
    }

    pub(crate) fn withdraw(&mut self, enrolment: &Enrolment) -> Outcome {
        self.tell(&Command::WithdrawRequest {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
        })
    }

    pub(crate) fn reconcile(&mut self, enrolment: &Enrolment, finding: Finding) -> Outcome {
        self.tell(&Command::Reconcile {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
            finding,
        })
    }

    /// Request, signature and record in the retrieval `session`: T10 to T12.
    pub(crate) fn sign_in(&mut self, session: SessionId) -> Result<Held, Refusal> {
        let (enrolment, number) = self.request(session)?;
        let facts = signed(&enrolment, key(number), serial(number));
        self.record(&enrolment, facts)?;
        Ok(Held {
            serial: serial(number),
            key: key(number),
            retrieval: session,
            enrolment,
        })
    }

    pub(crate) fn deliver(&mut self, subscriber: Subscriber, generation: Generation) -> Outcome {
        self.tell(&Command::MarkDelivered {
            subscriber,
            generation,
        })
    }

    /// As [`Self::sign_in`], and sent: T10 to T13.
    pub(crate) fn deliver_in(&mut self, session: SessionId) -> Result<Held, Refusal> {
        let held = self.sign_in(session)?;
        let Enrolment {
            subscriber,
            generation,
            ..
        } = held.enrolment.clone();
        self.deliver(subscriber, generation)?;
        Ok(held)
    }

    /// The manual's steps 1 to 4, undisturbed.
    pub(crate) fn retrieve(&mut self, name: &str) -> Result<Held, Refusal> {
        let session = self.begin(name)?;
        let held = self.deliver_in(session)?;
        self.confirm(session)?;
        self.close(session)?;
        Ok(held)
    }

    /// 発行 and [`Self::retrieve`].
    pub(crate) fn equip(&mut self, name: &str) -> Held {
        self.grant(name).unwrap();
        self.retrieve(name).unwrap()
    }

    pub(crate) fn confirm(&mut self, session: SessionId) -> Outcome {
        let contract = contract();
        self.tell(&Command::ConfirmInstallation { contract, session })
    }

    pub(crate) fn close(&mut self, session: SessionId) -> Outcome {
        let contract = contract();
        self.tell(&Command::CloseRetrieval { contract, session })
    }

    pub(crate) fn cancel(&mut self, session: SessionId, popup: Popup) -> Outcome {
        let contract = contract();
        self.tell(&Command::CancelPopup {
            contract,
            session,
            popup,
        })
    }

    pub(crate) fn restart(&mut self) -> Outcome {
        let contract = contract();
        self.tell(&Command::Recover { contract })
    }

    // Logon

    pub(crate) fn log_on_as(
        &mut self,
        subscriber: Subscriber,
        pin: &str,
        session: SessionId,
    ) -> Outcome {
        self.tell(&Command::LogOn {
            subscriber,
            pin: Pin::new(pin),
            session,
        })
    }

    /// Logon by ID and the right PIN.
    pub(crate) fn log_on(&mut self, name: &str) -> Result<SessionId, Refusal> {
        let session = session(self.fresh());
        self.log_on_as(user(name), USER_PIN, session)
            .map(|_| session)
    }

    pub(crate) fn present(&mut self, held: &Held, pin: &str) -> Result<SessionId, Refusal> {
        let session = session(self.fresh());
        let logon = Command::LogOnWithCertificate {
            contract: contract(),
            serial: held.serial.clone(),
            public_key: held.key,
            pin: Pin::new(pin),
            session,
        };
        self.tell(&logon).map(|_| session)
    }

    /// Logon by certificate and the right PIN.
    pub(crate) fn log_on_with(&mut self, held: &Held) -> Result<SessionId, Refusal> {
        self.present(held, USER_PIN)
    }

    pub(crate) fn log_off(&mut self, session: SessionId) -> Outcome {
        let contract = contract();
        self.tell(&Command::LogOff { contract, session })
    }

    /// 更新 from the logon `logon`, in a new retrieval session.
    pub(crate) fn renew(&mut self, logon: SessionId) -> Result<SessionId, Refusal> {
        let retrieval = session(self.fresh());
        let renew = Command::Renew {
            contract: contract(),
            session: logon,
            retrieval,
        };
        self.tell(&renew).map(|_| retrieval)
    }
}
