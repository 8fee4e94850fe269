//! A form that a visitor sent: bounded, decoded, and from one of our own pages.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use zeroize::Zeroizing;

use crate::caller::Caller;
use crate::limits::Limits;
use crate::misfit::Misfit;
use crate::secret::{Purpose, Token};
use crate::site::{Shared, Site};

/// Fields that one form may have.
const MOST_FIELDS: usize = 32;

/// The fields of a form, each named once.
pub(crate) struct Form(BTreeMap<String, Zeroizing<String>>);

impl Form {
    /// The field `name`; empty where it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.as_str())
    }

    /// The token in the field `name`.
    pub(crate) fn token(&self, name: &str) -> Option<Token> {
        Token::parse(self.text(name))
    }

    /// The field `name`, moved out of the form.
    pub(crate) fn take(&mut self, name: &str) -> Zeroizing<String> {
        self.0.remove(name).unwrap_or_default()
    }

    fn decode(body: &[u8]) -> Result<Self, Misfit> {
        let mut fields = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = Zeroizing::new(value.into_owned());
            let twice = fields.insert(name.into_owned(), value).is_some();
            if twice || fields.len() > MOST_FIELDS {
                return Err(Misfit::Malformed);
            }
        }
        Ok(Self(fields))
    }
}

impl FromRequest<Shared> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let Ok(caller) = Caller::from_request_parts(&mut parts, site).await;
        let refuse = |misfit| site.misfit(&caller, misfit);
        came_from_us(&parts.headers).map_err(refuse)?;
        must_be_a_form(&parts.headers).map_err(refuse)?;
        let body = read(body, site).await.map_err(refuse)?;
        let form = Self::decode(&body).map_err(refuse)?;
        must_be_sealed(&form, &caller, site).map_err(refuse)?;
        Ok(form)
    }
}

/// The visitor's own CSRF token must be in the form.
fn must_be_sealed(form: &Form, caller: &Caller, site: &Site) -> Result<(), Misfit> {
    let seal = &site.app.seal;
    let given = form.token("csrf").ok_or(Misfit::Forged)?;
    if seal.confirms(Purpose::Csrf, &[caller.visitor], &given) {
        Ok(())
    } else {
        Err(Misfit::Forged)
    }
}

/// What the browser itself says about where the form came from must not contradict it. Older browsers say nothing.
fn came_from_us(headers: &HeaderMap) -> Result<(), Misfit> {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(origin) = text(&ORIGIN) {
        let host = text(&HOST).unwrap_or_default();
        return if origin.strip_prefix("https://") == Some(host) {
            Ok(())
        } else {
            Err(Misfit::Forged)
        };
    }
    match text(&SITE) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) => Err(Misfit::Forged),
    }
}

fn must_be_a_form(headers: &HeaderMap) -> Result<(), Misfit> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(Misfit::Malformed)
    }
}

/// Reads a body within the site's limits of size and time.
pub(crate) async fn read(body: Body, site: &Site) -> Result<Bytes, Misfit> {
    read_within(body, &site.limits).await
}

/// Reads a body within limits of size and time.
pub(crate) async fn read_within(body: Body, limits: &Limits) -> Result<Bytes, Misfit> {
    let limited = Limited::new(body, limits.body_bytes);
    match tokio::time::timeout(limits.body, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Misfit::TooLarge),
        Ok(Err(_)) => Err(Misfit::Malformed),
        Err(_) => Err(Misfit::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_form_from_elsewhere_is_forged() {
        let host = ("host", "ib.bank.test:8443");
        let cases: [(&[(&str, &str)], bool); 8] = [
            (&[host], true),
            (&[host, ("origin", "https://ib.bank.test:8443")], true),
            (&[host, ("origin", "https://ib.bank.test")], false),
            (&[host, ("origin", "http://ib.bank.test:8443")], false),
            (&[host, ("origin", "https://cert.ib.bank.test:8443")], false),
            (&[host, ("origin", "null")], false),
            (&[host, ("sec-fetch-site", "same-origin")], true),
            (&[host, ("sec-fetch-site", "same-site")], false),
        ];
        for (pairs, ours) in cases {
            assert_eq!(came_from_us(&headers(pairs)).is_ok(), ours, "{pairs:?}");
        }
    }

    #[test]
    fn only_the_encoding_of_forms_is_read() {
        for (kind, good) in [
            ("application/x-www-form-urlencoded", true),
            ("Application/X-WWW-Form-URLencoded; charset=utf-8", true),
            ("multipart/form-data; boundary=x", false),
            ("text/plain", false),
        ] {
            let pairs = [("content-type", kind)];
            assert_eq!(must_be_a_form(&headers(&pairs)).is_ok(), good, "{kind}");
        }
        assert!(must_be_a_form(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_field_that_is_named_twice_spoils_the_form() {
        assert!(Form::decode(b"a=1&a=2").is_err());
        let many: String = (0..40).map(|n| format!("f{n}=x&")).collect();
        assert!(Form::decode(many.as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_form_or_none(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(form) = Form::decode(&body) {
                let _ = form.token("csrf");
            }
        }

        #[test]
        fn what_a_browser_encodes_is_decoded(value in "\\PC{0,40}") {
            let body: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("契約法人ID", &value)
                .finish();
            let form = Form::decode(body.as_bytes()).unwrap();
            prop_assert_eq!(form.text("契約法人ID"), value);
        }
    }
}
