//! `/retrieval/keyboard`: m-SWKB, the software keyboard of CIBMU921 (L11), key by key and without scripts.

use axum::extract::State;
use axum::response::Response;

use crate::answer::{Close, show};
use crate::caller::Caller;
use crate::error::Failure;
use crate::form::Form;
use crate::keyboard::Key;
use crate::misfit::Misfit;
use crate::retrieval::blank;
use crate::screens::{KeyboardAct, KeyboardScreen, Party, PinEntry, RetrievalForm};
use crate::secret::Token;
use crate::site::{Shared, Site};

/// GET: an empty keyboard for an empty form.
pub(crate) async fn open(State(site): State<Shared>, caller: Caller) -> Response {
    let opened =
        blank(&site, &caller, Party::User).and_then(|form| new_board(&site, &caller, form));
    opened.unwrap_or_else(|failure| site.failure(&caller, &failure, Close::Retrieval))
}

/// POST: from CIBMU921 a new keyboard; from m-SWKB one key, or back to the form.
pub(crate) async fn press(State(site): State<Shared>, caller: Caller, form: Form) -> Response {
    let (Some(party), Some(nonce)) = (Party::from_word(form.text("party")), form.token("nonce"))
    else {
        return site.misfit(&caller, Misfit::Malformed);
    };
    let back = RetrievalForm {
        page: site.page(&caller),
        party,
        contract: form.text("contract").to_owned(),
        user: form.text("user").to_owned(),
        nonce: nonce.to_text(),
        pin: PinEntry::Typed,
    };
    let pressed = match (form.text("act"), form.text("key")) {
        ("", "") => {
            let opened = new_board(&site, &caller, back);
            return opened
                .unwrap_or_else(|failure| site.failure(&caller, &failure, Close::Retrieval));
        }
        ("", key) => key_of(key).map(Pressed::Key),
        (act, _) => KeyboardAct::from_word(act).map(|act| match act {
            KeyboardAct::Erase => Pressed::Key(Key::Delete),
            KeyboardAct::Confirm => Pressed::Confirm,
            KeyboardAct::Close => Pressed::Close,
        }),
    };
    let (Some(pressed), Some(board)) = (pressed, form.token("keyboard")) else {
        return site.misfit(&caller, Misfit::Malformed);
    };
    on_board(&site, &caller, back, board, pressed)
}

/// What was pressed on an open keyboard.
#[derive(Clone, Copy)]
enum Pressed {
    Key(Key),
    Confirm,
    Close,
}

fn on_board(
    site: &Site,
    caller: &Caller,
    back: RetrievalForm,
    board: Token,
    pressed: Pressed,
) -> Response {
    let now = site.app.clock().now();
    match pressed {
        Pressed::Key(key) => match site.keyboards.press(&caller.visitor, &board, key, now) {
            Some(entered) => show(&screen(back, board, entered)),
            // Forgotten meanwhile: what was typed is gone, the form is not.
            None => show(&back),
        },
        Pressed::Confirm => {
            let entered = site.keyboards.count(&caller.visitor, &board, now);
            let pin = match entered {
                Some(1..) => PinEntry::Keyboard {
                    id: board.to_text(),
                },
                Some(0) | None => PinEntry::Typed,
            };
            show(&RetrievalForm { pin, ..back })
        }
        Pressed::Close => {
            site.keyboards.wipe(&caller.visitor, &board);
            show(&back)
        }
    }
}

fn new_board(site: &Site, caller: &Caller, form: RetrievalForm) -> Result<Response, Failure> {
    let now = site.app.clock().now();
    let board = site.keyboards.open(&caller.visitor, now)?;
    Ok(show(&screen(form, board, 0)))
}

fn screen(form: RetrievalForm, board: Token, entered: usize) -> KeyboardScreen {
    KeyboardScreen {
        page: form.page,
        party: form.party,
        keyboard: board.to_text(),
        contract: form.contract,
        user: form.user,
        nonce: form.nonce,
        entered,
    }
}

/// One visible half-width character.
fn key_of(text: &str) -> Option<Key> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if character.is_ascii_graphic() => Some(Key::Character(character)),
        _ => None,
    }
}
