//! A retrieval's request on its way through the house: T10 to T13, and T31 where it came to no end.
//!
//! Runs in one piece in one blocking thread: whoever hangs up after the request arrived misses the answer, no
//! more. A crash between two steps is settled at start-up (procedure 1.5, B3 to B8).

use std::str::FromStr;

use sealbank_bank::{
    Answer, CertificateFacts, Command, ContractId, Enrolment, Fingerprint, Refusal, Serial,
    SessionId, SubjectName,
};
use sealbank_ca::{
    CaError, Certificate, CertificateRequest, RequestDigest, RequestError, Subject, Validity,
    VerifiedRequest,
};
use sealbank_journal::Durable;

use crate::app::App;
use crate::error::{Failure, PortalError};
use crate::fault::{Act, FaultVerdict, Place};
use crate::origin::Origin;
use crate::trail::{Note, Outcome};

/// A retrieval session in which a request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(crate) origin: Origin,
    pub(crate) contract: ContractId,
    pub(crate) session: SessionId,
}

impl App {
    /// Takes a request (PKCS #10) and answers with its recorded certificate.
    pub(crate) fn enrol(
        &self,
        desk: &Desk,
        request: &[u8],
    ) -> Result<Durable<Certificate>, Failure> {
        let request = CertificateRequest::parse(request)
            .and_then(CertificateRequest::verify)
            .map_err(|error| self.refuse_request(desk, &error))?;
        let accept = Command::AcceptRequest {
            contract: desk.contract.clone(),
            session: desk.session,
            request: Fingerprint(*request.digest().as_bytes()),
            public_key: Fingerprint(request.public_key().digest()),
        };
        match self.walk(desk.origin, &accept)? {
            Answer::Sign(enrolment) => {
                let certificate = self.sign(desk.origin, request, &enrolment)?;
                self.deliver(desk.origin, &enrolment)?;
                Ok(certificate)
            }
            Answer::Redeliver(serial) => self.recorded_certificate(&serial),
            Answer::Done => Err(PortalError::UnexpectedAnswer {
                command: "accept-request",
                found: "done",
            }
            .into()),
        }
    }

    fn refuse_request(&self, desk: &Desk, error: &RequestError) -> Failure {
        let refusal = refusal_of(error);
        let subscriber = self.bank(|bank| {
            let now = self.clock().now();
            let visit = bank.visit(&desk.session, None, now);
            visit.ok().map(|visit| visit.subscriber())
        });
        self.note(Note {
            at: self.clock().now(),
            origin: desk.origin,
            what: "accept-request",
            subscriber: subscriber.as_ref(),
            outcome: Outcome::refused(refusal),
            detail: Some(format!("{}: {error}", error.code())),
        });
        refusal.into()
    }

    /// T11 and T12: the authority signs, the bank commits.
    fn sign(
        &self,
        origin: Origin,
        request: VerifiedRequest,
        enrolment: &Enrolment,
    ) -> Result<Durable<Certificate>, Failure> {
        let signed = self.ask_authority(origin, request, enrolment);
        let certificate = match signed.map(|mut certificates| certificates.pop()) {
            Ok(Some(certificate)) => certificate,
            Ok(None) => {
                return Err(PortalError::UnexpectedAnswer {
                    command: "sign",
                    found: "no certificate",
                }
                .into());
            }
            Err(PortalError::Crashed) => return Err(PortalError::Crashed.into()),
            Err(error) => return Err(self.give_up(origin, enrolment, &error)),
        };
        let record = Command::RecordCertificate {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
            facts: facts_of(&certificate)?,
        };
        self.walk(origin, &record)?;
        Ok(certificate)
    }

    /// T11: asks the authority, unless it was asked to fail: to refuse, to sign and not be heard, or to sign for
    /// another name.
    fn ask_authority(
        &self,
        origin: Origin,
        request: VerifiedRequest,
        enrolment: &Enrolment,
    ) -> Result<Vec<Durable<Certificate>>, PortalError> {
        self.alive()?;
        let concerns = |rule| rule == Act::Execute;
        let hit = self.strike(origin, Place::Authority, concerns).hit;
        let asked_to_fail = hit.map(|hit| (hit.rule.verdict, hit.rule.to_string()));
        if let Some((FaultVerdict::CaRefuses, rule)) = asked_to_fail {
            return Err(PortalError::AskedToFail { rule });
        }
        let mut order = order(request, enrolment)?;
        let errs = matches!(asked_to_fail, Some((FaultVerdict::CaErrs, _)));
        if errs {
            order.1 = another_name(&order.1)?;
        }
        let signed = self.authority().sign(&[order], self.clock().now())?;
        match asked_to_fail {
            None => Ok(signed),
            Some(_) if errs => Ok(signed),
            Some((_, rule)) => Err(PortalError::AskedToFail { rule }),
        }
    }

    /// The authority did not sign (case 40). Only where it certainly has no certificate either is the request
    /// withdrawn; otherwise it stays open until it is reconciled (case 39: no blind retry).
    fn give_up(&self, origin: Origin, enrolment: &Enrolment, error: &PortalError) -> Failure {
        self.note(Note {
            at: self.clock().now(),
            origin,
            what: "sign",
            subscriber: Some(&enrolment.subscriber),
            outcome: Outcome::failed(error),
            detail: None,
        });
        let request = RequestDigest::from(enrolment.request.0);
        if !self.authority().find_by_request(&request).is_empty() {
            return Refusal::CaRefused.into();
        }
        let withdraw = Command::WithdrawRequest {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
            request: enrolment.request,
        };
        match self.walk(origin, &withdraw) {
            Ok(_) => Refusal::CaRefused.into(),
            Err(failure) => failure,
        }
    }

    /// T13: from here on the certificate counts as sent.
    fn deliver(&self, origin: Origin, enrolment: &Enrolment) -> Result<(), Failure> {
        let delivered = Command::MarkDelivered {
            subscriber: enrolment.subscriber.clone(),
            generation: enrolment.generation,
        };
        self.walk(origin, &delivered).map(|_| ())
    }

    fn recorded_certificate(&self, serial: &Serial) -> Result<Durable<Certificate>, Failure> {
        let known = sealbank_ca::Serial::from_str(&serial.to_string())?;
        let certificate = self.authority().certificate(&known);
        certificate.ok_or_else(|| CaError::UnknownSerial { serial: known }.into())
    }
}

/// What the bank writes down of a certificate.
pub(crate) fn facts_of(certificate: &Certificate) -> Result<CertificateFacts, PortalError> {
    let serial = certificate.serial().to_string();
    let subject = certificate.subject();
    Ok(CertificateFacts {
        serial: serial
            .parse()
            .map_err(
                |problem: sealbank_bank::SerialError| PortalError::Unrecordable {
                    serial,
                    problem: problem.to_string(),
                },
            )?,
        issuer: certificate.issuer().to_string(),
        subject: SubjectName {
            organization: subject.organization().to_owned(),
            organizational_unit: subject.organizational_unit().to_owned(),
            common_name: subject.common_name().to_owned(),
        },
        public_key: Fingerprint(certificate.public_key_digest()),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
    })
}

fn order(
    request: VerifiedRequest,
    enrolment: &Enrolment,
) -> Result<(VerifiedRequest, Subject, Validity), CaError> {
    let subject = Subject::new(
        enrolment.subject.organization.as_str(),
        enrolment.subject.organizational_unit.as_str(),
        enrolment.subject.common_name.as_str(),
    )?;
    let validity = Validity::new(enrolment.not_before, enrolment.not_after)?;
    Ok((request, subject, validity))
}

/// A name that is not the one that was ordered (case 41).
fn another_name(ordered: &Subject) -> Result<Subject, CaError> {
    let somebody = format!("{} NOT ORDERED", ordered.common_name());
    Subject::new(
        ordered.organization(),
        ordered.organizational_unit(),
        &somebody,
    )
}

/// The bank's word for what is wrong with a request; the exact reason is for the trail.
fn refusal_of(error: &RequestError) -> Refusal {
    match error {
        RequestError::BadSignature => Refusal::PossessionNotProved,
        RequestError::WeakKey { .. }
        | RequestError::WeakHash { .. }
        | RequestError::UnsupportedKeySize { .. }
        | RequestError::UnknownKeyAlgorithm { .. }
        | RequestError::UnknownSignatureAlgorithm { .. }
        | RequestError::SignatureParameters { .. }
        | RequestError::KeyAndSignatureDisagree { .. } => Refusal::KeyNotAllowed,
        _ => Refusal::RequestMalformed,
    }
}
