//! The software keyboard's memory: what was typed on it stays here and never goes back into a page.
//!
//! One board a visitor and form; bounded in number, length and time; wiped when it is used up or forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::error::PortalError;
use crate::secret::{Token, sha256};

/// Characters that one board takes: more than any PIN has.
pub(crate) const MOST_CHARACTERS: usize = 32;
/// Boards at the same time; the oldest is forgotten first.
const MOST_BOARDS: usize = 1_024;
/// How long a board lives after its last key.
const LIFETIME: Duration = Duration::minutes(10);

/// All boards.
#[derive(Debug, Default)]
pub(crate) struct Keyboards(Mutex<BTreeMap<[u8; 32], Board>>);

/// One board. Its key in the map is the SHA-256 of its token.
struct Board {
    visitor: [u8; 32],
    typed: Zeroizing<String>,
    ends: OffsetDateTime,
}

/// A key of the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// A character.
    Character(char),
    /// 一字削除.
    Delete,
}

impl Keyboards {
    /// An empty board for `visitor`.
    pub(crate) fn open(&self, visitor: &Token, now: OffsetDateTime) -> Result<Token, PortalError> {
        let token = Token::random()?;
        let mut boards = self.boards();
        boards.retain(|_, board| board.ends > now);
        if boards.len() >= MOST_BOARDS {
            let oldest = boards.iter().min_by_key(|(_, board)| board.ends);
            if let Some(oldest) = oldest.map(|(name, _)| *name) {
                boards.remove(&oldest);
            }
        }
        let board = Board {
            visitor: name(visitor),
            // Room for all it will ever hold: growing would leave a copy behind.
            typed: Zeroizing::new(String::with_capacity(MOST_CHARACTERS * 4)),
            ends: now + LIFETIME,
        };
        boards.insert(name(&token), board);
        Ok(token)
    }

    /// Presses a key and tells how many characters there are now; none where the board is not this visitor's.
    pub(crate) fn press(
        &self,
        visitor: &Token,
        board: &Token,
        key: Key,
        now: OffsetDateTime,
    ) -> Option<usize> {
        let mut boards = self.boards();
        let board = found(&mut boards, visitor, board, now)?;
        let count = board.typed.chars().count();
        match key {
            Key::Character(character) if count < MOST_CHARACTERS => board.typed.push(character),
            Key::Character(_) => {}
            Key::Delete => {
                board.typed.pop();
            }
        }
        board.ends = now + LIFETIME;
        Some(board.typed.chars().count())
    }

    /// How many characters there are.
    pub(crate) fn count(
        &self,
        visitor: &Token,
        board: &Token,
        now: OffsetDateTime,
    ) -> Option<usize> {
        let mut boards = self.boards();
        found(&mut boards, visitor, board, now).map(|board| board.typed.chars().count())
    }

    /// What was typed. The board stays: the form that it belongs to may be sent twice (case 16).
    pub(crate) fn typed(
        &self,
        visitor: &Token,
        board: &Token,
        now: OffsetDateTime,
    ) -> Option<Zeroizing<String>> {
        let mut boards = self.boards();
        found(&mut boards, visitor, board, now).map(|board| board.typed.clone())
    }

    /// Wipes a board.
    pub(crate) fn wipe(&self, visitor: &Token, board: &Token) {
        let mut boards = self.boards();
        let key = name(board);
        if boards
            .get(&key)
            .is_some_and(|board| board.visitor == name(visitor))
        {
            boards.remove(&key);
        }
    }

    fn boards(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Board>> {
        // A key press is one push or pop, so a thread that panicked has left the boards sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Board(..)")
    }
}

fn found<'a>(
    boards: &'a mut BTreeMap<[u8; 32], Board>,
    visitor: &Token,
    board: &Token,
    now: OffsetDateTime,
) -> Option<&'a mut Board> {
    let board = boards.get_mut(&name(board))?;
    (board.visitor == name(visitor) && board.ends > now).then_some(board)
}

fn name(token: &Token) -> [u8; 32] {
    sha256(token.to_text().as_bytes())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2031-04-01 09:00 +09:00);

    fn tokens() -> (Keyboards, Token, Token) {
        let (boards, visitor) = (Keyboards::default(), Token::random().unwrap());
        let board = boards.open(&visitor, NOW).unwrap();
        (boards, visitor, board)
    }

    #[test]
    fn what_is_typed_comes_out_and_can_be_taken_back_letter_by_letter() {
        let (boards, visitor, board) = tokens();
        for key in "Test0002".chars().map(Key::Character) {
            boards.press(&visitor, &board, key, NOW);
        }
        assert_eq!(boards.press(&visitor, &board, Key::Delete, NOW), Some(7));
        boards.press(&visitor, &board, Key::Character('1'), NOW);
        assert_eq!(*boards.typed(&visitor, &board, NOW).unwrap(), "Test0001");
        assert_eq!(boards.count(&visitor, &board, NOW), Some(8));
        boards.wipe(&visitor, &board);
        assert!(boards.typed(&visitor, &board, NOW).is_none());
    }

    #[test]
    fn a_board_belongs_to_one_visitor_and_ends() {
        let (boards, visitor, board) = tokens();
        let other = Token::random().unwrap();
        assert_eq!(boards.press(&other, &board, Key::Character('a'), NOW), None);
        boards.wipe(&other, &board);
        assert!(boards.typed(&visitor, &board, NOW).is_some());
        assert!(boards.typed(&visitor, &board, NOW + LIFETIME).is_none());
    }

    #[test]
    fn a_board_takes_no_more_than_it_has_room_for() {
        let (boards, visitor, board) = tokens();
        for _ in 0..MOST_CHARACTERS + 5 {
            boards.press(&visitor, &board, Key::Character('あ'), NOW);
        }
        assert_eq!(boards.count(&visitor, &board, NOW), Some(MOST_CHARACTERS));
        for _ in 0..MOST_CHARACTERS + 5 {
            boards.press(&visitor, &board, Key::Delete, NOW);
        }
        assert_eq!(boards.count(&visitor, &board, NOW), Some(0));
    }

    #[test]
    fn the_oldest_board_gives_way_to_a_new_one() {
        let (boards, visitor, first) = tokens();
        for _ in 0..MOST_BOARDS {
            boards.open(&visitor, NOW + Duration::seconds(1)).unwrap();
        }
        assert!(boards.typed(&visitor, &first, NOW).is_none());
    }
}
