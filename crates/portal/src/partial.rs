//! A body that is cut off on its way: it promises its whole length and breaks that promise.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

use crate::line::{Cut, Line};

/// The beginning of an answer's body, after which the connection is cut; or all of it.
pub(crate) struct Partial {
    whole: u64,
    rest: Bytes,
    line: Line,
    how: Cut,
}

impl Partial {
    /// So many percent of `body`, after which the connection ends as `how` says.
    pub(crate) fn of(body: &Bytes, percent: u8, line: Line, how: Cut) -> Self {
        Self {
            whole: body.len() as u64,
            rest: share(body, percent),
            line,
            how,
        }
    }
}

/// The first `percent` of `bytes`, never all of them unless all are asked for.
pub(crate) fn share(bytes: &Bytes, percent: u8) -> Bytes {
    let length = bytes.len() * usize::from(percent.min(100)) / 100;
    bytes.slice(..length)
}

/// A request's body of which so many percent arrive before the connection is lost.
pub(crate) fn lost(body: &Bytes, percent: u8) -> Body {
    Body::new(Lost(Some(share(body, percent))))
}

impl hyper::body::Body for Partial {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.line.cut_after_these_words(self.how);
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            // Nothing wakes this up again: the connection ends as soon as what was written is on its way.
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(rest))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}

struct Lost(Option<Bytes>);

impl hyper::body::Body for Lost {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(std::io::ErrorKind::UnexpectedEof.into()),
        }))
    }
}
