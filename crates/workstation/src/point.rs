//! [`Point`]: the places at which a retrieval can be held, in the order of the procedure.

use std::fmt;
use std::str::FromStr;

use crate::error::WorkstationError;

/// A moment of the retrieval, after the act it is named for (procedure 1.5, P1 to P6).
///
/// ```
/// use sealbank_workstation::Point;
///
/// assert!(Point::KeyMade < Point::RequestSent);
/// assert_eq!("request-sent".parse::<Point>()?, Point::RequestSent);
/// # Ok::<(), sealbank_workstation::WorkstationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// CIBMU921 stands there, empty.
    Form,
    /// 取得 was pressed; the intermediate screen stands there.
    Intermediate,
    /// The screen with 実行 stands there.
    Execute,
    /// 実行 was pressed; the first popup waits for its answer.
    FirstPopup,
    /// P1: the key is in the store.
    KeyMade,
    /// P2: the whole request is written; nothing of the answer is read.
    RequestSent,
    /// P3: the answer with the certificate is here.
    Delivered,
    /// The second popup waits for its answer.
    SecondPopup,
    /// P4: the certificate is in the store, bound to its key.
    Stored,
    /// P5: the pending request is removed.
    PendingRemoved,
    /// P6: the whole confirmation is written; nothing of the answer is read.
    ConfirmationSent,
    /// The completion screen stands there.
    Done,
}

impl Point {
    /// Every point, in order.
    pub const ALL: [Self; 12] = [
        Self::Form,
        Self::Intermediate,
        Self::Execute,
        Self::FirstPopup,
        Self::KeyMade,
        Self::RequestSent,
        Self::Delivered,
        Self::SecondPopup,
        Self::Stored,
        Self::PendingRemoved,
        Self::ConfirmationSent,
        Self::Done,
    ];

    /// The kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Intermediate => "intermediate",
            Self::Execute => "execute",
            Self::FirstPopup => "first-popup",
            Self::KeyMade => "key-made",
            Self::RequestSent => "request-sent",
            Self::Delivered => "delivered",
            Self::SecondPopup => "second-popup",
            Self::Stored => "stored",
            Self::PendingRemoved => "pending-removed",
            Self::ConfirmationSent => "confirmation-sent",
            Self::Done => "done",
        }
    }

    /// The point that follows; `None` after [`Point::Done`].
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|point| *point > self)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Point {
    type Err = WorkstationError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|point| point.name() == name)
            .ok_or_else(|| WorkstationError::UnknownPoint {
                given: name.to_owned(),
                known: Self::ALL.map(Self::name).join(", "),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_listed_once_in_order_and_reads_its_own_name() {
        assert!(Point::ALL.is_sorted_by(|a, b| a < b));
        for point in Point::ALL {
            assert_eq!(point.name().parse::<Point>().unwrap(), point);
        }
        assert_eq!(Point::Form.next(), Some(Point::Intermediate));
        assert_eq!(Point::Done.next(), None);
        let error = "signed".parse::<Point>().unwrap_err().to_string();
        assert!(error.contains("request-sent"), "{error}");
    }
}
