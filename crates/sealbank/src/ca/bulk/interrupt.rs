//! Whether somebody wants a bulk run to stop after what was begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Failure;
use crate::interrupt;

/// Set once Ctrl-C was pressed.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Result<Self, Failure> {
        let interrupt = Self::default();
        let told = Arc::clone(&interrupt.0);
        interrupt::listen(
            "stopping: what was begun is put on record first",
            move || {
                told.store(true, Ordering::Relaxed);
            },
        )?;
        Ok(interrupt)
    }

    /// Whether it was told.
    pub(super) fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
