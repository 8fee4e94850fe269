//! [`StopSignal`]: the word that a run is to end before its end.

use std::sync::Arc;

use tokio::sync::watch;

/// Said once, heard by everybody who holds a copy.
#[derive(Debug, Clone)]
pub struct StopSignal(Arc<watch::Sender<bool>>);

impl StopSignal {
    /// Says it.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is said.
    pub(super) async fn told(&self) {
        // The sender lives as long as this borrow of it, so the wait ends with the word alone.
        let _ = self.0.subscribe().wait_for(|told| *told).await;
    }
}

impl Default for StopSignal {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}
