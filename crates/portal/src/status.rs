//! The HTTP status of everything that is refused: the one place where it is decided.
//!
//! It follows the outer code, never the inner reason, so that it tells no more than the page does.

use http::StatusCode;
use sealbank_bank::Refusal;

use crate::misfit::Misfit;

/// The status of a refusal of the bank.
pub(crate) fn of_refusal(refusal: Refusal) -> StatusCode {
    match refusal.code() {
        "MX-101" | "MX-102" | "MX-401" | "MX-402" | "MX-403" => StatusCode::UNPROCESSABLE_ENTITY,
        "MX-104" | "MX-501" => StatusCode::SERVICE_UNAVAILABLE,
        "MX-502" => StatusCode::BAD_GATEWAY,
        "MX-205" | "MX-303" | "MX-304" | "MX-404" | "MX-405" | "MX-702" | "MX-703" | "MX-705"
        | "MX-706" | "MX-707" | "MX-709" | "MX-710" => StatusCode::CONFLICT,
        "MX-704" => StatusCode::NOT_FOUND,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The status of a misfit.
pub(crate) fn of_misfit(misfit: Misfit) -> StatusCode {
    match misfit {
        Misfit::NotFound => StatusCode::NOT_FOUND,
        Misfit::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        // As for a lost session, whose code it shares.
        Misfit::Forged => of_refusal(Refusal::NoSession),
        Misfit::Malformed => StatusCode::BAD_REQUEST,
        Misfit::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Misfit::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Misfit::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_the_status_that_was_reviewed() {
        let list: Vec<String> = Refusal::ALL
            .iter()
            .map(|refusal| {
                format!(
                    "{} {} {}",
                    refusal.code(),
                    of_refusal(*refusal).as_u16(),
                    refusal.reason()
                )
            })
            .collect();
        insta::assert_snapshot!(list.join("\n"));
    }

    #[test]
    fn a_forged_form_cannot_be_told_from_a_lost_session() {
        assert_eq!(of_misfit(Misfit::Forged), of_refusal(Refusal::NoSession));
        assert_eq!(Misfit::Forged.code(), Refusal::NoSession.code());
        assert_eq!(Misfit::Forged.text(), Refusal::NoSession.text());
    }
}
