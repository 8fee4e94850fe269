//! [`Concealed`]: text that never shows itself in logs, traces or failure reports (V24).
//!
//! PINs typed into a form, cookies, anti-forgery tokens and request bodies live in it. It is no
//! protection against someone who reads the process's memory; it keeps `{:?}` from leaking.

use std::fmt;

use zeroize::Zeroizing;

/// Text whose `Debug` form is always the same word.
///
/// ```
/// use sealbank_workstation::Concealed;
///
/// let pin = Concealed::new("Test0001");
/// assert_eq!(format!("{pin:?}"), "(concealed)");
/// assert_eq!(pin.expose(), "Test0001");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Concealed(Zeroizing<String>);

impl Concealed {
    /// Conceals `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that must send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is any text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Concealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(concealed)")
    }
}

impl From<&str> for Concealed {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Concealed {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
