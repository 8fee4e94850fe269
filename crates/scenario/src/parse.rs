//! From text to [`Node`]s: YAML 1.2 with the bounds that a scenario needs, and no more of YAML than that.
//!
//! Anchors, aliases, merge keys, tags and second documents are refused: a scenario has `let` and `for-each`,
//! and what YAML does behind the author's back is a source of surprises and of bombs.

use std::iter::Peekable;

use serde_yaml::granit_parser as yaml;
use yaml::{Event, Options, Parser, ScalarStyle, StrInput, StructureStyle};

use crate::diagnostic::Diagnostic;
use crate::node::{Node, Quoting, Scalar, Value};
use crate::source::{At, SourceFile, Span};

/// The most bytes that a scenario file may have.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// How deep lists and maps may be nested; the language itself needs eight levels.
const MAX_DEPTH: usize = 24;
/// How many pieces one file may have.
const MAX_NODES: usize = 100_000;

/// Reads one file.
pub(crate) fn parse(file: &SourceFile) -> Result<Node, Box<Diagnostic>> {
    if file.text().len() > MAX_FILE_BYTES {
        let found = file.text().len();
        return Err(complaint(
            file.span(0..0),
            format!("the file has {found} bytes"),
            format!("a scenario file has at most {MAX_FILE_BYTES} bytes; split it"),
        ));
    }
    let mut options = Options::default();
    options.flow_nesting_limit = 2 * MAX_DEPTH;
    options.block_nesting_limit = 2 * MAX_DEPTH;
    options.disallow_directives = true;
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    let mut builder = Builder {
        file,
        events: Parser::new_from_str_with_options(file.text(), options).peekable(),
        nodes: 0,
    };
    builder.document()
}

struct Builder<'a> {
    file: &'a SourceFile,
    events: Peekable<Parser<'a, StrInput<'a>>>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Node, Box<Diagnostic>> {
        let empty = |file: &SourceFile| {
            complaint(
                file.span(0..0),
                "the file is empty".to_owned(),
                "write at least `scenario:` and `cases:`".to_owned(),
            )
        };
        loop {
            match self.next()? {
                Some((Event::StreamStart | Event::DocumentStart(..), _)) => {}
                None | Some((Event::StreamEnd | Event::DocumentEnd, _)) => {
                    return Err(empty(self.file));
                }
                Some((event, span)) => {
                    let node = self.node(event, span, 0)?;
                    return self.nothing_follows().map(|()| node);
                }
            }
        }
    }

    fn nothing_follows(&mut self) -> Result<(), Box<Diagnostic>> {
        while let Some((event, span)) = self.next()? {
            if let Event::DocumentStart(..) = event {
                return Err(complaint(
                    span,
                    "a second document begins here".to_owned(),
                    "one file holds one scenario; put the second one into a file of its own"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    fn node(
        &mut self,
        event: Event<'a>,
        span: Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(complaint(
                span,
                format!("more than {MAX_DEPTH} levels or {MAX_NODES} pieces"),
                "no scenario needs that; split it".to_owned(),
            ));
        }
        refuse_properties(&event, &span)?;
        match event {
            Event::Scalar(text, style, ..) => Ok(Node {
                span,
                value: Value::Scalar(Scalar {
                    text: text.into_owned(),
                    quoting: match style {
                        ScalarStyle::Plain => Quoting::Plain,
                        _ => Quoting::Quoted,
                    },
                }),
            }),
            Event::SequenceStart(style, ..) => self.list(style, &span, depth),
            Event::MappingStart(style, ..) => self.map(style, &span, depth),
            other => Err(complaint(
                span,
                format!("{other:?} is not expected here"),
                "write a value".to_owned(),
            )),
        }
    }

    fn list(
        &mut self,
        style: StructureStyle,
        start: &Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.needed(start)?;
            if let Event::SequenceEnd = event {
                let first = items.first().map(|node| node.span.clone());
                let span = extent(style, start, &span, first);
                return Ok(Node {
                    span,
                    value: Value::List(items),
                });
            }
            items.push(self.node(event, span, depth + 1)?);
        }
    }

    fn map(
        &mut self,
        style: StructureStyle,
        start: &Span,
        depth: usize,
    ) -> Result<Node, Box<Diagnostic>> {
        let mut entries: Vec<(At<String>, Node)> = Vec::new();
        loop {
            let (event, span) = self.needed(start)?;
            if let Event::MappingEnd = event {
                let first = entries.first().map(|(key, _)| key.span.clone());
                let span = extent(style, start, &span, first);
                return Ok(Node {
                    span,
                    value: Value::Map(entries),
                });
            }
            let key = self.key(event, span)?;
            let (event, span) = self.needed(start)?;
            let mut value = self.node(event, span, depth + 1)?;
            if value.span.range().is_empty() {
                // Nothing was written: the key is the only thing to point at.
                value.span = key.span.clone();
            }
            entries.push((key, value));
        }
    }

    fn key(&mut self, event: Event<'a>, span: Span) -> Result<At<String>, Box<Diagnostic>> {
        refuse_properties(&event, &span)?;
        match event {
            Event::Scalar(text, ..) if text == "<<" => Err(complaint(
                span,
                "merge keys are not part of the language".to_owned(),
                "write the entries out".to_owned(),
            )),
            Event::Scalar(text, ..) => Ok(At {
                value: text.into_owned(),
                span,
            }),
            _ => Err(complaint(
                span,
                "a key is a word, not a list or a map".to_owned(),
                "write `key: value`".to_owned(),
            )),
        }
    }

    fn needed(&mut self, start: &Span) -> Result<(Event<'a>, Span), Box<Diagnostic>> {
        self.next()?.ok_or_else(|| {
            complaint(
                start.clone(),
                "the file ends inside of what begins here".to_owned(),
                "close it".to_owned(),
            )
        })
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Box<Diagnostic>> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, span))) => {
                let span = self.file.span(span.byte_range().unwrap_or(0..0));
                match event {
                    Event::Anchor(..) => Err(complaint(
                        span,
                        "anchors (`&…`) are not part of the language".to_owned(),
                        "name the value in `let`, or write it out where it is needed".to_owned(),
                    )),
                    event => Ok(Some((event, span))),
                }
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(0);
                Err(complaint(
                    self.file.span(at..at),
                    error.info(),
                    "this is not YAML; look at indentation, colons, quotes and brackets around here"
                        .to_owned(),
                ))
            }
        }
    }
}

/// A block has no closing sign: its first entry stands for it.
fn extent(style: StructureStyle, start: &Span, end: &Span, first: Option<Span>) -> Span {
    match style {
        StructureStyle::Flow => start.to(end),
        StructureStyle::Block => first.unwrap_or_else(|| start.clone()),
    }
}

fn refuse_properties(event: &Event<'_>, span: &Span) -> Result<(), Box<Diagnostic>> {
    let tagged = match event {
        Event::Alias(_) | Event::UnresolvedAlias(_) => {
            return Err(complaint(
                span.clone(),
                "aliases (`*…`) are not part of the language".to_owned(),
                "name the value in `let` and write `$name`, or write it out".to_owned(),
            ));
        }
        Event::Scalar(.., tag) | Event::SequenceStart(.., tag) | Event::MappingStart(.., tag) => {
            tag.is_some()
        }
        _ => false,
    };
    if tagged {
        return Err(complaint(
            span.clone(),
            "tags (`!…`) are not part of the language".to_owned(),
            "write the plain value".to_owned(),
        ));
    }
    Ok(())
}

fn complaint(span: Span, what: String, mend: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(span, what).mend(mend))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Node, Box<Diagnostic>> {
        parse(&SourceFile::new("a.yaml", text))
    }

    #[test]
    fn every_piece_knows_its_place() {
        let node = read("scenario: manual\ncases:\n  a: { steps: [x, \"0123\"] }\n").unwrap();
        let entries = node.entries().unwrap();
        assert_eq!(entries[0].1.span.to_string(), "a.yaml:1:11");
        let case = &entries[1].1.entries().unwrap()[0].1;
        assert_eq!(case.span.text(), "{ steps: [x, \"0123\"] }");
        let Value::List(items) = &case.entries().unwrap()[0].1.value else {
            panic!("{case:?}")
        };
        assert_eq!(items[1].span.text(), "\"0123\"");
        assert_eq!(items[1].scalar().unwrap().quoting, Quoting::Quoted);
    }

    #[test]
    fn what_yaml_does_behind_the_authors_back_is_refused() {
        for (text, what) in [
            ("a: &x 1\nb: 2", "anchors"),
            ("a: &x 1\nb: *x", "anchors"),
            ("a: *x", "alias"),
            ("a: !!str 1", "tags"),
            ("<<: { a: 1 }", "merge keys"),
            ("a: 1\n---\nb: 2", "second document"),
            ("", "empty"),
            ("a: [1, 2", "a.yaml:1:"),
            ("? [a]\n: b", "a key is a word"),
        ] {
            let error = read(text).unwrap_err();
            let shown = format!("{} {}", error.span(), error.what());
            assert!(shown.contains(what), "{text:?}: {shown}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
        let blocks: String = (0..200).map(|n| format!("{}- \n", " ".repeat(n))).collect();
        let _ = read(&blocks);
        let nested: String = (0..60).map(|n| format!("{}a:\n", "  ".repeat(n))).collect();
        assert!(read(&nested).is_err());
        assert!(read(&"x".repeat(MAX_FILE_BYTES + 1)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arbitrary_text_never_panics(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn text_made_of_yaml_signs_never_panics(text in "[\\[\\]{}:,&*!|>'\"%@#?<\\- \\n\\tab01取]{0,80}") {
            let _ = read(&text);
        }
    }
}
