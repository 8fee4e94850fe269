//! OCSP over HTTP (RFC 6960 appendix A): what goes into a request and comes out of an answer.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use sealbank_ca::MAX_OCSP_REQUEST_BYTES;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The media type of requests (RFC 6960 appendix C.1).
const REQUEST: &str = "application/ocsp-request";

/// The media type of answers (RFC 6960 appendix C.2).
const RESPONSE: &str = "application/ocsp-response";

/// The extension nonce (id-pkix-ocsp-nonce, RFC 8954 section 2.1) as it stands in a request.
const NONCE: [u8; 11] = [
    0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02,
];

/// Base64 as clients write it into a path, with its padding or without.
const IN_PATH: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An OCSP request, and what may be done with its answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) der: Vec<u8>,
    caching: Caching,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caching {
    /// Anybody who asks the same gets the same.
    Possible,
    Impossible,
}

/// Why something is not even asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejection {
    Method,
    MediaType,
    TooLarge,
    /// A path without base64 of DER at its end, or a body that was cut off.
    Unreadable,
}

impl Asked {
    /// What an HTTP request asks.
    pub(super) async fn read<B>(request: Request<B>) -> Result<Self, Rejection>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        match *request.method() {
            Method::GET => Self::in_path(request.uri().path()),
            Method::POST => Self::in_body(request).await,
            _ => Err(Rejection::Method),
        }
    }

    /// The request is what follows a slash, in base64 within URL-encoding. Base64 has slashes too, which not everybody
    /// encodes; but DER begins with a SEQUENCE, and no name before it does.
    fn in_path(path: &str) -> Result<Self, Rejection> {
        let starts = path.match_indices('/').map(|(at, _)| at + 1);
        let der = starts
            .filter_map(|start| IN_PATH.decode(percent_decoded(&path[start..])?).ok())
            .find(|der| der.first() == Some(&0x30))
            .ok_or(Rejection::Unreadable)?;
        if der.len() > MAX_OCSP_REQUEST_BYTES {
            return Err(Rejection::TooLarge);
        }
        let caching = match der.windows(NONCE.len()).any(|window| window == NONCE) {
            true => Caching::Impossible,
            false => Caching::Possible,
        };
        Ok(Self { der, caching })
    }

    async fn in_body<B>(request: Request<B>) -> Result<Self, Rejection>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if !is_request(request.headers()) {
            return Err(Rejection::MediaType);
        }
        let body = request.into_body();
        let announced = usize::try_from(body.size_hint().lower());
        if announced.map_or(true, |announced| announced > MAX_OCSP_REQUEST_BYTES) {
            return Err(Rejection::TooLarge);
        }
        let body = Limited::new(body, MAX_OCSP_REQUEST_BYTES);
        let body = body.collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Rejection::TooLarge
            } else {
                Rejection::Unreadable
            }
        })?;
        Ok(Self {
            der: body.to_bytes().to_vec(),
            caching: Caching::Impossible,
        })
    }

    /// The answer over HTTP, given at `now` and good for `freshness`.
    pub(super) fn answered(
        &self,
        answer: Vec<u8>,
        now: OffsetDateTime,
        freshness: Duration,
    ) -> Response<Full<Bytes>> {
        let signed = super::status(&answer) == super::SUCCESSFUL;
        let tag = digest(&SHA256, &answer);
        let mut response = Response::new(Full::new(Bytes::from(answer)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(RESPONSE));
        if signed && self.caching == Caching::Possible {
            allow_caching(headers, tag.as_ref(), now, freshness);
        } else {
            let never = HeaderValue::from_static("no-store");
            headers.insert(header::CACHE_CONTROL, never);
        }
        response
    }
}

impl Rejection {
    /// The answer over HTTP.
    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let (status, reason) = match self {
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "use GET or POST\n"),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send application/ocsp-request\n",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "an OCSP request has at most 16 KiB\n",
            ),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "there is no OCSP request in base64 at the end of the path\n",
            ),
        };
        let mut response = Response::new(Full::new(Bytes::from_static(reason.as_bytes())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, text);
        if self == Self::Method {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

/// The headers of RFC 5019 section 6.2.
fn allow_caching(headers: &mut HeaderMap, tag: &[u8], now: OffsetDateTime, freshness: Duration) {
    let seconds = freshness.whole_seconds();
    let expires = now.saturating_add(freshness);
    let values = [
        (header::LAST_MODIFIED, http_date(now)),
        (header::EXPIRES, http_date(expires)),
        (header::ETAG, format!("\"{}\"", STANDARD.encode(&tag[..16]))),
        (
            header::CACHE_CONTROL,
            format!("max-age={seconds},public,no-transform,must-revalidate"),
        ),
    ];
    for (name, value) in values {
        let value =
            HeaderValue::try_from(value).expect("dates, numbers and base64 are visible ASCII");
        headers.insert(name, value);
    }
}

/// As in `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
fn http_date(at: OffsetDateTime) -> String {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.to_offset(UtcOffset::UTC)
        .format(form)
        .expect("every part of the form is a part of a time")
}

fn is_request(headers: &HeaderMap) -> bool {
    let named = headers.get(header::CONTENT_TYPE);
    let named = named.and_then(|value| value.to_str().ok());
    let kind = named.and_then(|value| value.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(REQUEST))
}

/// The bytes that `%XX` stand for (RFC 3986 section 2.1); `None` if one of them doesn't.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        decoded.push(u8::from_str_radix(digits, 16).ok()?);
        decoded.extend_from_slice(rest.as_bytes());
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn plain() -> Vec<u8> {
        // Four bytes whose base64 has a slash and a plus: MD//+w==.
        vec![0x30, 0x3f, 0xff, 0xfb]
    }

    #[test]
    fn a_request_is_found_at_the_end_of_any_path() {
        for path in [
            "/MD//+w==",
            "/MD%2F%2f%2Bw%3D%3D",
            "/MD%2F%2F%2Bw",
            "/ocsp/MD//+w==",
            "/ca/ocsp/MD%2F%2F%2Bw%3D%3D",
            "//MD//+w==",
        ] {
            let found = Asked::in_path(path).unwrap();
            assert_eq!(
                (found.der, found.caching),
                (plain(), Caching::Possible),
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_without_a_request_is_rejected() {
        for path in [
            "/", "/ocsp", "/ocsp/", "/MD%2", "/MD%zz", "/M?", "/MD%+1", "",
        ] {
            assert_eq!(Asked::in_path(path), Err(Rejection::Unreadable), "{path}");
        }
        let long = format!(
            "/{}",
            STANDARD.encode(vec![0x30; MAX_OCSP_REQUEST_BYTES + 1])
        );
        assert_eq!(Asked::in_path(&long), Err(Rejection::TooLarge));
    }

    #[test]
    fn an_answer_without_a_nonce_may_be_kept_for_as_long_as_it_is_good() {
        let now = datetime!(2031-04-01 09:00:00 +9);
        let asked = |der: &[u8]| {
            let path = format!("/{}", STANDARD.encode(der));
            Asked::in_path(&path).unwrap()
        };
        let answered = |asked: Asked, answer: &[u8]| {
            let response = asked.answered(answer.to_vec(), now, Duration::hours(1));
            let all: Vec<_> = response.headers().iter().collect();
            let lines = all
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
            lines.collect::<Vec<_>>()
        };
        let mut kept = answered(asked(&plain()), b"signed");
        kept.sort();
        insta::assert_snapshot!(kept.join("\n"));
        let with_nonce = [&[0x30], &NONCE[..]].concat();
        let never = [
            "content-type: application/ocsp-response",
            "cache-control: no-store",
        ];
        assert_eq!(answered(asked(&with_nonce), b"signed"), never);
        assert_eq!(answered(asked(&plain()), &[0x30, 3, 0x0a, 1, 6]), never);
    }
}
