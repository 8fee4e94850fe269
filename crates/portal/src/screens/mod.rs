//! The bank's screens (procedure 1.2) as view structs over the templates of `templates/`.
//!
//! A view is plain data that a handler fills in; it knows its screen id and title, and [`Screen::html`] makes the
//! page. No view has a field for a PIN, so no page can show one. What a screen means, who may see it and which
//! HTTP status it has is left to the handlers.

mod administration;
mod error;
mod keyboard;
mod layout;
mod logon;
mod retrieval;
mod status;
#[cfg(test)]
mod tests;

pub(crate) use administration::{
    Act, AdministratorMenu, AdministratorUnlock, Stage, UserDetail, UserList, UserResult,
    UserScreen,
};
pub(crate) use error::ErrorScreen;
pub(crate) use keyboard::{KeyboardAct, KeyboardScreen};
pub(crate) use layout::{Alert, Moment, Page, Party};
pub(crate) use logon::{AdministratorLogon, AdministratorProof, CertificateLogon, IdLogon};
pub(crate) use retrieval::{
    CertificateInformation, ClosedScreen, CompletionScreen, DeliveryScreen, Ending, ExecuteScreen,
    IntermediateScreen, PinEntry, RetrievalForm,
};
pub(crate) use status::{Offer, PinAgeNotice, RenewalNotice, StatusScreen, TopScreen};

/// The stylesheet that every page links to as `/assets/style.css` (`text/css; charset=utf-8`).
pub(crate) const STYLE: &str = include_str!("../../templates/style.css");

/// One screen of the bank.
pub(crate) trait Screen: askama::Template {
    /// The screen id of procedure 1.2; all but `CIBMU921` are this mock's invention.
    fn id(&self) -> &'static str;

    /// The title, in the bank's language.
    fn title(&self) -> &'static str;

    /// The page.
    ///
    /// Writing into a string does not fail; were it to fail nevertheless, the page says only that something went
    /// wrong, never half a screen.
    fn html(&self) -> String {
        self.render()
            .unwrap_or_else(|_| error::UNRENDERABLE.to_owned())
    }
}
