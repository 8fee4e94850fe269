//! Showing a place: the line itself with a caret under the value.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::Diagnostic;
use crate::source::Span;

/// Whether text is shown with terminal colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Without.
    #[default]
    Plain,
    /// With ANSI sequences.
    Coloured,
}

impl Style {
    fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Coloured => Renderer::styled(),
        }
    }
}

pub(super) fn diagnostic(diagnostic: &Diagnostic, style: Style) -> String {
    let group = match located(diagnostic.span(), None) {
        Some(snippet) => Level::ERROR
            .primary_title(diagnostic.what())
            .element(snippet),
        None => {
            let title = format!("{}: {}", diagnostic.span().file().path(), diagnostic.what());
            Group::with_title(Level::ERROR.primary_title(title))
        }
    };
    let group = match diagnostic.help() {
        Some(mend) => group.element(Level::HELP.message(mend)),
        None => group,
    };
    style.renderer().render(&[group])
}

/// The line at `span` with `label` under it.
pub(crate) fn snippet(span: &Span, title: &str, label: &str, style: Style) -> String {
    let group = match located(span, Some(label)) {
        Some(snippet) => Level::ERROR.no_name().primary_title(title).element(snippet),
        None => Group::with_title(Level::ERROR.no_name().primary_title(title)),
    };
    style.renderer().render(&[group])
}

fn located<'a>(span: &'a Span, label: Option<&'a str>) -> Option<Snippet<'a, Annotation<'a>>> {
    let text = span.file().text();
    let range = span.range();
    if text.is_empty() {
        return None;
    }
    // Only the first line of the place is underlined; a caret needs at least one character.
    let line_end = text[range.start..]
        .find(['\n', '\r'])
        .map_or(text.len(), |at| range.start + at);
    let end = range.end.min(line_end).max(range.start);
    Some(
        Snippet::source(text)
            .path(span.file().path())
            .annotation(AnnotationKind::Primary.span(range.start..end).label(label)),
    )
}
