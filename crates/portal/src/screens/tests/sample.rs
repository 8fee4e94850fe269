//! Every screen once in each of its shapes, with the same text in every field that can hold any.

use sealbank_bank::settings::KeyAlgorithm;
use sealbank_bank::{Account, LogonMethod, Refusal};
use time::macros::datetime;

use crate::screens::{
    Act, AdministratorLogon, AdministratorMenu, AdministratorProof, AdministratorUnlock, Alert,
    CertificateInformation, CertificateLogon, ClosedScreen, CompletionScreen, DeliveryScreen,
    Ending, ErrorScreen, ExecuteScreen, IdLogon, IntermediateScreen, KeyboardScreen, Moment, Offer,
    Page, Party, PinAgeNotice, PinEntry, RenewalNotice, RetrievalForm, Screen, Stage, StatusScreen,
    TopScreen, UserDetail, UserList, UserResult, UserScreen,
};

/// Text that would break out of an element, an attribute or an address.
pub(super) const HOSTILE: &str = r#"</p><script>"'&/..?="#;

/// What m-PROC delivers, as far as a page is concerned.
pub(super) const CHAIN: &str =
    "-----BEGIN CERTIFICATE-----\nTEST+ONLY/\n-----END CERTIFICATE-----\n";

/// One screen in one shape.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) bank: String,
    pub(super) csrf: String,
    pub(super) html: String,
}

/// The texts of all fields.
struct Filler {
    page: Page,
    contract: String,
    user: String,
    person: String,
    company: String,
    unit: String,
    common_name: String,
    token: String,
}

const EXPIRES: Moment = Moment(datetime!(2032-03-31 23:59:59 UTC));

/// A page without messages.
pub(super) fn page() -> Page {
    Page {
        bank: "The Higo Bank, Ltd".to_owned(),
        csrf: "csrf-token".to_owned(),
        ib: "https://ib.bank.test:8443".to_owned(),
        cert: "https://cert.ib.bank.test:8444".to_owned(),
        alerts: Vec::new(),
    }
}

/// Every screen with `text` in every field.
pub(super) fn samples(text: &str) -> Vec<Sample> {
    let text = || text.to_owned();
    let page = Page {
        bank: text(),
        csrf: text(),
        ..page()
    };
    Filler {
        page,
        contract: text(),
        user: text(),
        person: text(),
        company: text(),
        unit: text(),
        common_name: text(),
        token: text(),
    }
    .screens()
}

/// Every screen as a reader of the snapshots likes to see it.
pub(super) fn reviewed() -> Vec<Sample> {
    Filler {
        page: page(),
        contract: "99990000001".to_owned(),
        user: "keiri01".to_owned(),
        person: "試験 太郎".to_owned(),
        company: "株式会社サンプル商事".to_owned(),
        unit: "The Higo Bank Internet Banking tBIB CA".to_owned(),
        common_name: "ZZTST99990000001 keiri01".to_owned(),
        token: "token".to_owned(),
    }
    .screens()
}

impl Filler {
    fn screens(&self) -> Vec<Sample> {
        let mut all = self.retrieval();
        all.extend(self.doors());
        all.extend(self.logged_on());
        all.extend(self.administration());
        all
    }

    fn page(&self) -> Page {
        self.page.clone()
    }

    /// The screen, named by its id and, after a hyphen, what is special about it.
    fn sample(&self, special: &str, screen: &impl Screen) -> Sample {
        let id = screen.id();
        Sample {
            name: [id, special].join("-").trim_end_matches('-').to_owned(),
            id,
            title: screen.title(),
            bank: self.page.bank.clone(),
            csrf: self.page.csrf.clone(),
            html: screen.html(),
        }
    }

    fn retrieval(&self) -> Vec<Sample> {
        let fresh = RetrievalForm {
            page: self.page(),
            party: Party::User,
            contract: String::new(),
            user: String::new(),
            nonce: self.token.clone(),
            pin: PinEntry::Typed,
        };
        let missing = Alert {
            code: Some(Refusal::FieldMissing.code()),
            field: Some("利用者ID"),
            text: format!("{}（{}）", Refusal::FieldMissing.text(), self.user),
        };
        let again = RetrievalForm {
            page: self.page().with_alert(missing),
            contract: self.contract.clone(),
            ..fresh.clone()
        };
        let entered = RetrievalForm {
            contract: self.contract.clone(),
            user: self.user.clone(),
            pin: PinEntry::Keyboard {
                id: self.token.clone(),
            },
            ..fresh.clone()
        };
        let administrator = RetrievalForm {
            party: Party::Administrator,
            ..fresh.clone()
        };
        let mut all = vec![
            self.sample("", &fresh),
            self.sample("error", &again),
            self.sample("keyboard", &entered),
            self.sample("administrator", &administrator),
        ];
        all.extend(self.walk());
        all
    }

    fn walk(&self) -> Vec<Sample> {
        let page = || self.page();
        let keyboard = KeyboardScreen {
            page: page(),
            party: Party::User,
            keyboard: self.token.clone(),
            contract: self.contract.clone(),
            user: self.user.clone(),
            nonce: self.token.clone(),
            entered: 3,
        };
        let intermediate = |party| IntermediateScreen {
            page: page(),
            party,
        };
        let execute = ExecuteScreen {
            page: page(),
            key_algorithm: KeyAlgorithm::Rsa2048,
            key_exportable: false,
            popups: 2,
        };
        let delivery = DeliveryScreen {
            page: page(),
            certificates: CHAIN.to_owned(),
            popups: 2,
        };
        let certificate = CertificateInformation {
            organization: self.page.bank.clone(),
            organizational_unit: self.unit.clone(),
            common_name: self.common_name.clone(),
            expires: EXPIRES,
        };
        let completion = CompletionScreen {
            page: page(),
            certificate,
        };
        let closed = |ending| ClosedScreen {
            page: page(),
            ending,
        };
        vec![
            self.sample("", &keyboard),
            self.sample("", &intermediate(Party::User)),
            self.sample("administrator", &intermediate(Party::Administrator)),
            self.sample("", &execute),
            self.sample("", &delivery),
            self.sample("", &completion),
            self.sample("", &closed(Ending::Retrieved)),
            self.sample("abandoned", &closed(Ending::Abandoned)),
            self.sample("logged-off", &closed(Ending::LoggedOff)),
        ]
    }

    fn doors(&self) -> Vec<Sample> {
        let page = || self.page();
        let refused = Alert {
            code: Some(Refusal::NotGranted.code()),
            field: None,
            text: Refusal::NotGranted.text().to_owned(),
        };
        let elsewhere = Alert {
            code: None,
            field: None,
            text: self.token.clone(),
        };
        let error = |alert, close| ErrorScreen {
            page: page().with_alert(alert),
            close,
        };
        let by_id = IdLogon {
            page: page(),
            contract: self.contract.clone(),
            user: self.user.clone(),
        };
        let by_certificate = |common_name| CertificateLogon {
            page: page(),
            common_name,
        };
        let administrator = |proof| AdministratorLogon {
            page: page(),
            proof,
        };
        let typed = AdministratorProof::Contract {
            typed: self.contract.clone(),
        };
        let presented = |common_name| AdministratorProof::Certificate { common_name };
        let name = || Some(self.common_name.clone());
        vec![
            self.sample("", &TopScreen { page: page() }),
            self.sample("", &error(refused, "/retrieval/close")),
            self.sample("web-server", &error(elsewhere, "/logoff")),
            self.sample("", &by_id),
            self.sample("", &by_certificate(name())),
            self.sample("none", &by_certificate(None)),
            self.sample("", &administrator(typed)),
            self.sample("certificate", &administrator(presented(name()))),
            self.sample("no-certificate", &administrator(presented(None))),
        ]
    }

    fn logged_on(&self) -> Vec<Sample> {
        let user = StatusScreen {
            page: self.page(),
            contract: self.contract.clone(),
            user: Some(self.user.clone()),
            method: LogonMethod::Certificate,
            expires: Some(EXPIRES),
            renewal: Offer::Made,
            unlock: Offer::Made,
        };
        let administrator = StatusScreen {
            user: None,
            method: LogonMethod::IdPin,
            expires: None,
            renewal: Offer::Withheld,
            unlock: Offer::Withheld,
            ..user.clone()
        };
        let renewal = RenewalNotice {
            page: self.page(),
            expires: EXPIRES,
        };
        let pin_age = PinAgeNotice {
            page: self.page(),
            party: Party::User,
            set: Moment(datetime!(2030-10-01 00:00 UTC)),
        };
        vec![
            self.sample("", &user),
            self.sample("administrator", &administrator),
            self.sample("", &renewal),
            self.sample("", &pin_age),
        ]
    }

    fn detail(&self, account: Account, method: LogonMethod, stage: Stage) -> UserDetail {
        UserDetail {
            user: self.user.clone(),
            name: self.person.clone(),
            account,
            method,
            stage,
        }
    }

    fn details(&self) -> Vec<UserDetail> {
        use Account::{Active, Deleted, StoppedByAdmin, Suspended};
        use LogonMethod::{Certificate, IdPin};
        let deadline = Some(Moment(datetime!(2031-06-20 00:00 UTC)));
        vec![
            self.detail(Active, IdPin, Stage::NotGranted),
            self.detail(Active, IdPin, Stage::Granted { deadline }),
            self.detail(Active, IdPin, Stage::Granted { deadline: None }),
            self.detail(Active, IdPin, Stage::Retrieving),
            self.detail(Active, Certificate, Stage::Retrieved { expires: EXPIRES }),
            self.detail(Suspended, Certificate, Stage::Expired { expired: EXPIRES }),
            self.detail(StoppedByAdmin, IdPin, Stage::Lapsed),
            self.detail(Deleted, Certificate, Stage::Revoked),
        ]
    }

    fn administration(&self) -> Vec<Sample> {
        let menu = AdministratorMenu {
            page: self.page(),
            contract: self.contract.clone(),
            name: self.company.clone(),
        };
        let list = UserList {
            page: self.page(),
            users: self.details(),
            new_user: self.user.clone(),
            new_name: self.person.clone(),
        };
        let unlock = AdministratorUnlock {
            page: self.page(),
            contract: self.contract.clone(),
        };
        let user = |detail: &UserDetail| UserScreen {
            page: self.page(),
            detail: detail.clone(),
        };
        let result = |act, user| UserResult {
            page: self.page(),
            act,
            user,
        };
        let [ungranted, granted, .., retrieved, _, _, _] = &self.details()[..] else {
            unreachable!("there are eight")
        };
        let mut all = vec![
            self.sample("", &menu),
            self.sample("", &list),
            self.sample("", &unlock),
            self.sample("", &user(ungranted)),
            self.sample("granted", &user(granted)),
            self.sample("", &user(retrieved)),
            self.sample("", &result(Act::Reinitialize, Some(self.user.clone()))),
        ];
        all.push(self.sample("unlocked", &result(Act::UnlockAdministrator, None)));
        all
    }
}
