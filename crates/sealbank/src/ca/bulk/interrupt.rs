//! Ctrl-C while a run is at work: once to stop it after what was begun, twice to stop it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::{Exit, Failure};
use crate::serve::Stop;

/// Whether somebody wants the run to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on, to Ctrl-C and to the service manager's word.
    pub(super) fn listen() -> Result<Self, Failure> {
        let unheard =
            |error| Failure::internal(format!("error: Ctrl-C can't be listened for: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(unheard)?;
        let stop = {
            let _within = runtime.enter();
            Stop::listen().map_err(unheard)?
        };
        let interrupt = Self::default();
        let told = interrupt.clone();
        std::thread::spawn(move || runtime.block_on(told.wait(stop)));
        Ok(interrupt)
    }

    /// Whether it was told.
    pub(super) fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    async fn wait(self, stop: Stop) {
        stop.told().await;
        self.0.store(true, Ordering::Relaxed);
        anstream::eprintln!(
            "stopping: what was begun is put on record first (again to stop at once)"
        );
        if let Ok(again) = Stop::listen() {
            again.told().await;
            // What is on record is not lost, wherever the run is.
            std::process::exit(Exit::Interrupted.code().into());
        }
    }
}
