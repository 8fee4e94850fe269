//! [`History`]: the pages one window has been on, for 戻る and 更新.

use crate::form::{Method, Submission};
use crate::screen::Screen;

/// The most entries one window remembers.
const LONGEST: usize = 100;

/// The pages of one window; the current one stands in the middle of those before and after it.
#[derive(Clone, Debug, Default)]
pub struct History {
    before: Vec<Entry>,
    current: Option<Entry>,
    after: Vec<Entry>,
}

/// One page that was visited: how it was asked for, and what came.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The request, with the body of a form that was sent.
    pub request: Submission,
    /// The page as it was delivered, kept in the cache.
    pub page: Screen,
}

impl Entry {
    /// Whether reloading it sends a form again, which the browser asks the person about first.
    #[must_use]
    pub fn would_post_again(&self) -> bool {
        self.request.method == Method::Post
    }
}

impl History {
    /// A new page was reached; what lay ahead is forgotten.
    pub fn visit(&mut self, entry: Entry) {
        self.before.extend(self.current.replace(entry));
        self.after.clear();
        if self.before.len() > LONGEST {
            self.before.remove(0);
        }
    }

    /// The current page was loaded again.
    pub fn replace(&mut self, entry: Entry) {
        self.current = Some(entry);
    }

    /// 戻る: makes the page before this one current; `None` when there is none.
    pub fn back(&mut self) -> Option<&Entry> {
        let entry = self.before.pop()?;
        self.after.extend(self.current.replace(entry));
        self.current.as_ref()
    }

    /// 進む: the opposite of [`Self::back`].
    pub fn forward(&mut self) -> Option<&Entry> {
        let entry = self.after.pop()?;
        self.before.extend(self.current.replace(entry));
        self.current.as_ref()
    }

    /// The current page.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        self.current.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use proptest::prelude::*;

    fn entry(number: u8) -> Entry {
        let url: url::Url = format!("https://ib.bank.test/{number}").parse().unwrap();
        let page = Screen::read("", &url, StatusCode::OK).unwrap();
        Entry {
            request: Submission::visit(url),
            page,
        }
    }

    fn path(history: &History) -> Option<String> {
        history
            .current()
            .map(|entry| entry.request.url.path().to_owned())
    }

    #[test]
    fn a_new_page_after_back_forgets_the_way_forward() {
        let mut history = History::default();
        for number in 1..=3 {
            history.visit(entry(number));
        }
        history.back();
        assert_eq!(path(&history).as_deref(), Some("/2"));
        history.visit(entry(9));
        assert!(history.forward().is_none());
        history.back();
        assert_eq!(path(&history).as_deref(), Some("/2"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A list with a cursor is the whole truth about a history.
        #[test]
        fn a_history_is_a_list_with_a_cursor(acts in prop::collection::vec(0_u8..4, 0..40)) {
            let (mut history, mut list, mut cursor) = (History::default(), Vec::new(), 0_usize);
            for (number, act) in (0_u8..).zip(acts) {
                match act {
                    0 | 1 => {
                        history.visit(entry(number));
                        list.truncate(cursor);
                        list.push(number);
                        cursor = list.len();
                    }
                    2 => {
                        let moved = history.back().is_some();
                        prop_assert_eq!(moved, cursor > 1);
                        cursor -= usize::from(moved);
                    }
                    _ => {
                        let moved = history.forward().is_some();
                        prop_assert_eq!(moved, cursor < list.len());
                        cursor += usize::from(moved);
                    }
                }
                let expected = cursor.checked_sub(1).map(|at| format!("/{}", list[at]));
                prop_assert_eq!(path(&history), expected);
            }
        }
    }
}
