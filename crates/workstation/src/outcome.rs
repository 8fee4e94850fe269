//! [`Outcome`]: what a window shows after something was opened, followed or pressed.

use crate::alert::TlsAlert;
use crate::error::WorkstationError;
use crate::origin::Origin;
use crate::screen::Screen;

/// What came of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one per visit, and nearly always the large one"
)]
pub enum Outcome {
    /// The bank answered with a page, be it a refusal.
    Shown(Screen),
    /// TLS came to nothing; the browser shows its own error page.
    TlsRefused {
        /// The site.
        origin: Origin,
        /// The alert that the server sent, if it sent one.
        alert: Option<TlsAlert>,
        /// Who refused.
        by: Refuser,
    },
}

/// Who refused a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refuser {
    /// The bank's server.
    Server,
    /// The PC itself: the server's certificate does not hold on its clock, or the key of the
    /// chosen certificate can't be opened (cases 64, 77).
    Pc {
        /// What it did not accept.
        reason: String,
    },
}

impl Outcome {
    /// The page that is shown; `None` on a browser error page.
    #[must_use]
    pub fn screen(&self) -> Option<&Screen> {
        match self {
            Self::Shown(screen) => Some(screen),
            Self::TlsRefused { .. } => None,
        }
    }

    /// The page that is shown, or an error that names what was being done.
    ///
    /// # Errors
    /// [`WorkstationError::NoPage`] on a browser error page.
    pub fn into_screen(self, action: &str) -> Result<Screen, WorkstationError> {
        match self {
            Self::Shown(screen) => Ok(screen),
            Self::TlsRefused { origin, alert, .. } => {
                let alert = alert.map_or_else(|| "no alert".to_owned(), |alert| alert.to_string());
                Err(WorkstationError::NoPage {
                    action: format!("{action} ({origin} refused TLS: {alert})"),
                })
            }
        }
    }
}
