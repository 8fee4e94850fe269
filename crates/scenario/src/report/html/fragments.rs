//! Pieces of HTML, each stored once.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A table of different pieces.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    numbers: BTreeMap<Arc<str>, usize>,
    pieces: Vec<Arc<str>>,
}

impl Fragments {
    /// The number of a piece, which is stored if it was not known.
    pub(super) fn keep(&mut self, piece: &str) -> usize {
        if let Some(number) = self.numbers.get(piece) {
            return *number;
        }
        let piece: Arc<str> = Arc::from(piece);
        let number = self.pieces.len();
        self.numbers.insert(Arc::clone(&piece), number);
        self.pieces.push(piece);
        number
    }

    /// The piece with a number that [`Self::keep`] gave.
    pub(super) fn get(&self, number: usize) -> &str {
        self.pieces.get(number).map_or("", |piece| piece)
    }

    /// All of them, in the order of their numbers.
    pub(super) fn all(&self) -> Vec<&str> {
        self.pieces.iter().map(|piece| &**piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_stored_once() {
        let mut fragments = Fragments::default();
        assert_eq!(
            ["a", "b", "a"].map(|piece| fragments.keep(piece)),
            [0, 1, 0]
        );
        assert_eq!(fragments.all(), ["a", "b"]);
        assert_eq!(fragments.get(1), "b");
    }
}
