//! Buffers that are used again. A slice needs some large ones; given back to the system and asked for anew, each would
//! be cleared page by page every time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Buffers that nobody uses at the moment. There are never more of them than slices have been under way at once.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<Vec<Vec<u8>>>);

impl Shelf {
    /// An empty buffer, with the room that an earlier use made.
    pub(super) fn take(&self) -> Vec<u8> {
        self.buffers().pop().unwrap_or_default()
    }

    /// Takes back what is used no more.
    pub(super) fn put(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() > 0 {
            buffer.clear();
            self.buffers().push(buffer);
        }
    }

    fn buffers(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        // Whole buffers come and go, so one who panicked elsewhere has not spoilt it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
