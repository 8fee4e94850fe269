//! What is under way: connections and pieces of work, counted so that one can wait for their end.

use std::sync::Arc;

use tokio::sync::watch;

/// The counters; their clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Activity(Arc<watch::Sender<Load>>);

/// How much is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Load {
    /// Open listeners.
    pub(crate) doors: usize,
    /// Open connections of the two HTTPS origins.
    pub(crate) connections: usize,
    /// Open connections of the control listener.
    pub(crate) controls: usize,
    /// Commands and signings, with or without a client who waits for them.
    pub(crate) works: usize,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Door,
    Connection,
    Control,
    Work,
}

/// Counts one as long as it lives.
#[derive(Debug)]
pub(crate) struct Busy {
    activity: Activity,
    kind: Kind,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Load::default())))
    }

    pub(crate) fn begin(&self, kind: Kind) -> Busy {
        self.0.send_modify(|load| *load.counter(kind) += 1);
        Busy {
            activity: self.clone(),
            kind,
        }
    }

    /// Waits until `quiet` holds.
    pub(crate) async fn until(&self, quiet: impl FnMut(&Load) -> bool) {
        // The sender lives as long as `self`, so the wait ends by the condition alone.
        let _ = self.0.subscribe().wait_for(quiet).await;
    }
}

impl Load {
    /// Whether no customer is connected and nothing is being worked on.
    pub(crate) fn is_settled(&self) -> bool {
        self.connections == 0 && self.works == 0
    }

    /// Whether nothing at all is under way.
    pub(crate) fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    fn counter(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Door => &mut self.doors,
            Kind::Connection => &mut self.connections,
            Kind::Control => &mut self.controls,
            Kind::Work => &mut self.works,
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.activity
            .0
            .send_modify(|load| *load.counter(self.kind) -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settled_waits_for_customers_and_work_but_not_for_control() {
        let activity = Activity::new();
        let control = activity.begin(Kind::Control);
        activity.until(Load::is_settled).await;
        let customer = activity.begin(Kind::Connection);
        let work = activity.begin(Kind::Work);
        let waiting = tokio::spawn({
            let activity = activity.clone();
            async move { activity.until(Load::is_settled).await }
        });
        drop(customer);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "a piece of work is still under way");
        drop(work);
        waiting.await.unwrap();
        drop(control);
        activity.until(Load::is_idle).await;
    }
}
