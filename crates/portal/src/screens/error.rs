//! m-ERR: the bank says no, or something went wrong. The reason stands in the page's alerts.

use askama::Template;

use super::{Page, Screen};

/// m-ERR.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorScreen {
    /// The page, with the refusal as its alert.
    pub page: Page,
    /// Where 閉じる posts to: `/retrieval/close` in a retrieval, `/logoff` elsewhere.
    pub close: &'static str,
}

impl Screen for ErrorScreen {
    fn id(&self) -> &'static str {
        "m-ERR"
    }

    fn title(&self) -> &'static str {
        "エラー"
    }
}

/// What is shown in place of a screen that could not be written.
pub(super) const UNRENDERABLE: &str = concat!(
    r#"<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>エラー</title></head>"#,
    r#"<body data-screen="m-ERR"><header><h1>エラー</h1><small class="screen-id">m-ERR</small></header>"#,
    r#"<main><p>TEST ONLY</p><p role="alert">画面を表示できませんでした。</p></main></body></html>"#,
);
