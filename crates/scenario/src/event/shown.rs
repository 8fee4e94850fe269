//! What a person saw: [`ScreenShown`] and [`CertificateShown`], as plain data for reports.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A page of the bank as it stood in a window, with what was typed into it when it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScreenShown {
    /// When it came, on the scenario's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where: PC, OS profile, browser and window.
    pub seat: String,
    /// Its id, such as `CIBMU921`; empty when the page has none.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Host and path, without query.
    pub address: String,
    /// The HTTP status.
    pub status: u16,
    /// What it complains about.
    pub alerts: Vec<AlertShown>,
    /// What else it says, one piece each, without what the other lists hold.
    pub texts: Vec<String>,
    /// Its fields that have a label, in page order.
    pub fields: Vec<FieldShown>,
    /// Its buttons.
    pub buttons: Vec<String>,
    /// Its links.
    pub links: Vec<String>,
}

/// A complaint or refusal on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlertShown {
    /// The code, such as `MX-101`.
    pub code: Option<String>,
    /// The label of the field it is about.
    pub field: Option<String>,
    /// What it says.
    pub text: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FieldShown {
    /// Its label.
    pub label: String,
    /// Whether it is marked 必須.
    pub need: NeedShown,
    /// What stands in it.
    pub filled: Filled,
}

/// Whether a field is marked 必須.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedShown {
    /// It is.
    Required,
    /// It is not.
    Optional,
}

/// What stands in a field. A PIN has no place here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filled {
    /// Nothing.
    Empty,
    /// A text that may be shown.
    Text(String),
    /// Something secret; not even its length is told.
    Masked,
    /// Something long, such as a request in PEM, which is not repeated.
    Long,
    /// A tick that is set.
    Ticked,
    /// A tick that is not set.
    Unticked,
}

/// A certificate in a person's store, decoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CertificateShown {
    /// The subject's attributes in their order.
    pub subject: Vec<(String, String)>,
    /// The issuer's Common Name.
    pub issuer: String,
    /// The serial number in hexadecimal; it differs from run to run.
    pub serial: String,
    /// First second (RFC 5280, 4.1.2.5).
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Last second.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// Extended key usages by name (RFC 5280, 4.2.1.12).
    pub usages: Vec<String>,
    /// Whether its key is in the same store: `matches`, `missing` or `unreadable`.
    pub key: Cow<'static, str>,
    /// How the bank stands to it: `accepted` or `not-accepted`.
    pub standing: Cow<'static, str>,
}
