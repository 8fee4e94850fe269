//! Walks over several screens: logging on and off, and the whole retrieval in one go.

use crate::choice::Pick;
use crate::concealed::Concealed;
use crate::desk::Desk;
use crate::enrolment::{Advance, Entry, RetrievalOptions};
use crate::error::WorkstationError;
use crate::outcome::Outcome;
use crate::point::Point;
use crate::retrieval::Retrieval;

impl Desk {
    /// 利用者ログオン by ID and PIN (T19).
    ///
    /// # Errors
    /// [`WorkstationError`] when a screen lacks what the walk needs; a refusal is an [`Outcome`].
    pub async fn log_on_id_pin(
        &mut self,
        contract: &str,
        user: &str,
        pin: &Concealed,
    ) -> Result<Outcome, WorkstationError> {
        let fields = [
            ("契約法人ID", contract),
            ("利用者ID", user),
            ("利用者暗証番号", pin.expose()),
        ];
        self.log_on("利用者ログオン", &fields).await
    }

    /// 利用者ログオン（電子証明書方式）: the picker, then the PIN (T18).
    ///
    /// The picker appears only when the browser remembers no choice for the origin.
    ///
    /// # Errors
    /// As [`Self::log_on_id_pin`].
    pub async fn log_on_certificate(
        &mut self,
        pick: Pick,
        pin: &Concealed,
    ) -> Result<Outcome, WorkstationError> {
        self.will_pick(pick);
        self.log_on(
            "利用者ログオン（電子証明書方式）",
            &[("利用者暗証番号", pin.expose())],
        )
        .await
    }

    /// 管理者ログオン by contract id and PIN.
    ///
    /// # Errors
    /// As [`Self::log_on_id_pin`].
    pub async fn log_on_administrator(
        &mut self,
        contract: &str,
        pin: &Concealed,
    ) -> Result<Outcome, WorkstationError> {
        let fields = [("契約法人ID", contract), ("契約法人暗証番号", pin.expose())];
        self.log_on("管理者ログオン", &fields).await
    }

    /// 管理者ログオン（電子証明書方式）.
    ///
    /// # Errors
    /// As [`Self::log_on_id_pin`].
    pub async fn log_on_administrator_certificate(
        &mut self,
        pick: Pick,
        pin: &Concealed,
    ) -> Result<Outcome, WorkstationError> {
        self.will_pick(pick);
        self.log_on(
            "管理者ログオン（電子証明書方式）",
            &[("契約法人暗証番号", pin.expose())],
        )
        .await
    }

    /// Presses ログオフ on the page that stands there.
    ///
    /// # Errors
    /// [`WorkstationError::NoSuchButton`] when the page has none.
    pub async fn log_off(&mut self) -> Result<Outcome, WorkstationError> {
        self.press("ログオフ").await
    }

    /// 手順1 to 手順3 and the completion screen of 手順4 in one go, undisturbed.
    ///
    /// 閉じる on the completion screen is left to the caller, who may also forget it (case 57).
    ///
    /// # Errors
    /// [`WorkstationError`] when something breaks; a refusal is an [`Advance`].
    pub async fn retrieve(
        &mut self,
        entry: impl Into<Entry>,
        options: RetrievalOptions,
    ) -> Result<Advance, WorkstationError> {
        Retrieval::begin(self, entry, options)?
            .advance_to(Point::Done)
            .await
    }

    async fn log_on(
        &mut self,
        link: &str,
        fields: &[(&str, &str)],
    ) -> Result<Outcome, WorkstationError> {
        let top = self.site().ib.clone();
        self.open(&top).await?.into_screen(link)?;
        let outcome = self.follow(link).await?;
        let Some(form) = outcome
            .screen()
            .filter(|screen| screen.has_button("ログオン"))
        else {
            return Ok(outcome);
        };
        // The form of a door that is shut may lack its fields; the bank's page says why.
        if form.fields().next().is_none() {
            return Ok(outcome);
        }
        for (label, text) in fields {
            self.fill(label, text)?;
        }
        self.press("ログオン").await
    }
}
