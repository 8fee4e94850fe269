//! What to do about a refusal of the bank.

use sealbank_bank::Refusal as R;

/// How whoever was refused gets on.
pub(super) fn of_refusal(refusal: R) -> &'static str {
    match refusal {
        R::FieldMissing => "fill in every field that is marked 必須",
        R::FieldMalformed => "type identifiers and PINs in the bank's format",
        R::UnsupportedBrowser => "use a recommended browser; in a scenario, see pc.surround",
        R::OutsideServiceHours => {
            "come back within the service hours; in a scenario, set the clock"
        }
        R::UnknownContract | R::UnknownUser | R::WrongPin => {
            "compare contract, user and PIN with what was registered; the screen does not say which one is wrong"
        }
        R::Deregistered => "register the user again: his id may not be given a second time",
        R::ContractCancelled => "open another contract; a cancelled one does not come back",
        R::Suspended => "the administrator lifts the suspension: admin.lift-suspension",
        R::StoppedByAdmin => "the administrator lifts the stop: admin.lift-suspension",
        R::ContractSuspended => {
            "the bank's counter resumes the contract, or unlocks its administrator"
        }
        R::AlreadyLoggedOn => {
            "log off where the holder is logged on, or wait for the end of that session"
        }
        R::IdPinClosed | R::CertificateMandatory => "log on with the certificate",
        R::LapseBlocksLogon | R::GrantLapsed => {
            "the administrator re-initialises: admin.reinitialize; then retrieve in time"
        }
        R::RetrievalOnly => "retrieve the certificate first: user.retrieve",
        R::NotGranted => "the administrator grants first: admin.grant",
        R::AlreadyRetrieved | R::GrantVoid => {
            "the administrator re-initialises: admin.reinitialize; then retrieve again"
        }
        R::RetrievalInProgress => {
            "finish the retrieval that is under way, or wait for its session to end"
        }
        R::OutsideRenewalWindow => {
            "renew within the renewal period, or have the administrator re-initialise"
        }
        R::RequestMalformed => "send a PKCS #10 request, as RFC 2986 has it",
        R::PossessionNotProved => "sign the request with the key that is in it",
        R::KeyNotAllowed => {
            "use the kind and size of key that the bank asks for: the setting key-algorithm"
        }
        R::AnotherRequest | R::RequestReplayed => {
            "one request is taken for each grant: the administrator re-initialises"
        }
        R::NotARetrieval | R::StaleGeneration => {
            "begin the retrieval again from the top page; an older one was made void meanwhile"
        }
        R::CaRefused => "look at the CA's records for its reason, and try again",
        R::CaAnsweredWrong => "the CA is at fault: compare its profile with the bank's",
        R::NoCertificate => {
            "close every browser window, log on again, and pick the certificate; if there is none, retrieve one"
        }
        R::UnknownCertificate | R::RevokedCertificate => {
            "close every browser window and pick the newest certificate; a revoked one is replaced by a re-initialisation"
        }
        R::ExpiredCertificate => {
            "the administrator re-initialises, and the user retrieves a new certificate"
        }
        R::NotYetValid => "compare the clocks of bank and CA",
        R::CertificateClosed => "log on by ID and PIN",
        R::BrowserNotClosed => "close every browser window, then log on again",
        R::WrongConfirmationPin => {
            "type the contract's confirmation PIN, not the administrator's own"
        }
        R::UserIdTaken => "choose another user id; one that was deregistered stays taken",
        R::TooManyUsers => "deregister somebody first, or raise the bank's setting",
        R::NoSuchUser => "look the user up in the list of users",
        R::AlreadyGranted => "re-initialise instead of granting: admin.reinitialize",
        R::NothingToRevoke => "look at the user's certificate status first: none is in force",
        R::NotSuspended => "nothing needs to be lifted",
        R::NotPermitted => "log on as the administrator, or give the user the right",
        R::NotPossible => "look at the account's state first",
        R::ContractTaken => "choose another contract id",
        R::NoSession | R::IrregularOrder => {
            "begin again from the top page, and use the screens' own buttons"
        }
        R::SessionTimedOut => "begin again from the top page",
        R::CertificateChanged => "close every browser window and log on again with one certificate",
    }
}
