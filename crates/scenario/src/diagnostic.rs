//! [`Diagnostic`]: one mistake in a scenario file, said as where, what, and how to mend it.
//!
//! All mistakes of all files come together in [`Diagnostics`]; nothing is run then.

mod render;
mod suggest;

use std::fmt;

use crate::source::{SourceFile, Span};

pub use render::Style;
pub(crate) use render::snippet;
pub use suggest::did_you_mean;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    span: Span,
    what: String,
    mend: Option<String>,
}

/// Every mistake that was found, in the order of files and lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostic {
    /// A mistake at `span`.
    #[must_use]
    pub fn new(span: Span, what: impl Into<String>) -> Self {
        Self {
            span,
            what: what.into(),
            mend: None,
        }
    }

    /// How to mend it.
    #[must_use]
    pub fn mend(self, mend: impl Into<String>) -> Self {
        Self {
            mend: Some(mend.into()),
            ..self
        }
    }

    /// A mistake of a whole file, such as one that can't be read.
    #[must_use]
    pub fn of_file(path: &str, what: impl Into<String>) -> Self {
        Self::new(SourceFile::new(path, "").span(0..0), what)
    }

    /// Where it is.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// What is wrong.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// How to mend it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.mend.as_deref()
    }

    /// The message with the line itself and a caret under the place.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        render::diagnostic(self, style)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Diagnostic {}

impl Diagnostics {
    /// Puts the mistakes in order; `None` when there are none.
    #[must_use]
    pub fn gather(mut found: Vec<Diagnostic>) -> Option<Self> {
        found.sort_by(|a, b| {
            let place = |d: &Diagnostic| (d.span.file().path().to_owned(), d.span.range().start);
            // The same said of several rows or calls is said once.
            place(a).cmp(&place(b)).then_with(|| a.what.cmp(&b.what))
        });
        found.dedup();
        (!found.is_empty()).then_some(Self(found))
    }

    /// The mistakes.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// All messages, and how many there are.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let mut text: String = self
            .0
            .iter()
            .map(|diagnostic| diagnostic.render(style) + "\n\n")
            .collect();
        let (count, noun) = match self.0.len() {
            1 => (1, "mistake"),
            count => (count, "mistakes"),
        };
        text.push_str(&format!("{count} {noun}; nothing was run"));
        text
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Diagnostics {}
