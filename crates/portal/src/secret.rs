//! Random tokens, and what is derived from them: session ids, form tokens.
//!
//! Randomness is the operating system's, by aws-lc-rs. A token is never printed and never logged.

use std::fmt;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::{digest, hmac};
use sealbank_bank::{Fingerprint, SessionId};

use crate::error::PortalError;

/// 256 random bits, as a cookie or a form carries them: 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// A new one from the operating system.
    pub(crate) fn random() -> Result<Self, PortalError> {
        random_bytes().map(Self)
    }

    /// Reads what a client sent; anything but a token is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse::<Fingerprint>()
            .ok()
            .map(|bytes| Self(bytes.0))
            .filter(|token| token.to_text() == text)
    }

    /// How it is sent.
    pub(crate) fn to_text(self) -> String {
        Fingerprint(self.0).to_string()
    }

    /// The session that it opens: its SHA-256, so that the bank's books hold no cookie.
    pub(crate) fn session(&self) -> SessionId {
        SessionId(Fingerprint(sha256(&self.0)))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The process's own key, for everything that a client carries and must not make.
pub(crate) struct Seal(hmac::Key);

/// What a derived token is for; one purpose's token is worth nothing to another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// Against forged forms.
    Csrf,
    /// The session that one form opens, however often it is sent (case 16).
    FormSession,
}

impl Seal {
    /// A new key from the operating system.
    pub(crate) fn random() -> Result<Self, PortalError> {
        let key: [u8; 32] = random_bytes()?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The token for `purpose` that belongs to these tokens, which have a fixed length each.
    pub(crate) fn derive(&self, purpose: Purpose, tokens: &[Token]) -> Token {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(match purpose {
            Purpose::Csrf => b"csrf",
            Purpose::FormSession => b"form",
        });
        for token in tokens {
            context.update(&token.0);
        }
        let tag = context.sign();
        Token(tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes"))
    }

    /// Whether `given` is the token for `purpose`; compared in constant time.
    pub(crate) fn confirms(&self, purpose: Purpose, tokens: &[Token], given: &Token) -> bool {
        let expected = self.derive(purpose, tokens);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected.0, &given.0).is_ok()
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

/// Random bytes from the operating system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], PortalError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| PortalError::Randomness)?;
    Ok(bytes)
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, bytes)
        .as_ref()
        .try_into()
        .expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_else_is_a_token() {
        let token = Token::random().unwrap();
        assert!(Token::parse(&token.to_text()) == Some(token));
        let shout = token.to_text().to_uppercase();
        let long = token.to_text() + "00";
        for text in ["", "x", "é", &shout, &long] {
            let digits_only = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() == 64;
            assert!(Token::parse(text).is_none() || digits_only, "{text}");
        }
    }

    #[test]
    fn tokens_differ_and_do_not_show_themselves() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert!(one != other);
        assert!(!format!("{one:?}").contains(&one.to_text()));
        assert_ne!(one.session().0.to_string(), one.to_text());
    }

    #[test]
    fn a_derived_token_fits_its_purpose_and_its_tokens_only() {
        let (seal, other_seal) = (Seal::random().unwrap(), Seal::random().unwrap());
        let (visitor, nonce) = (Token::random().unwrap(), Token::random().unwrap());
        let derived = seal.derive(Purpose::FormSession, &[visitor, nonce]);
        assert!(seal.derive(Purpose::FormSession, &[visitor, nonce]) == derived);
        for (purpose, tokens) in [
            (Purpose::Csrf, vec![visitor, nonce]),
            (Purpose::FormSession, vec![nonce, visitor]),
            (Purpose::FormSession, vec![visitor]),
        ] {
            assert!(!seal.confirms(purpose, &tokens, &derived), "{purpose:?}");
        }
        assert!(!other_seal.confirms(Purpose::FormSession, &[visitor, nonce], &derived));
        assert!(seal.confirms(Purpose::FormSession, &[visitor, nonce], &derived));
    }
}
