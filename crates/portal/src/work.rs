//! Work that blocks: signing, hashing, writing a journal.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sealbank_journal::Medium;

use crate::error::PortalError;

/// Does `work` to its end, whoever waits for it or not, where the journal that it writes is in `medium`.
///
/// What may wait for a disk is done in a thread of its own. Over a journal in memory nothing waits, so the work is
/// done at once: changing threads would take longer than most of it.
///
/// # Errors
/// [`PortalError::BrokenOff`] when it panicked.
pub(crate) async fn done<R: Send + 'static>(
    medium: &Medium,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, PortalError> {
    let done = match medium {
        // What the work leaves behind is judged where it is shared: a lock that it held is sound, see there.
        Medium::Memory => {
            catch_unwind(AssertUnwindSafe(work)).map_err(|_panic| "it panicked".to_owned())
        }
        _ => tokio::task::spawn_blocking(work)
            .await
            .map_err(|broken| broken.to_string()),
    };
    done.map_err(|problem| PortalError::BrokenOff { problem })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn only_what_may_wait_for_a_disk_changes_threads() {
        let here = thread::current().id();
        let in_memory = done(&Medium::Memory, || thread::current().id()).await;
        assert_eq!(in_memory.unwrap(), here);
        let file = Medium::File(PathBuf::from("bank.db"));
        for medium in [file, Medium::Unnamed] {
            let elsewhere = done(&medium, || thread::current().id()).await.unwrap();
            assert_ne!(elsewhere, here);
        }
    }

    #[tokio::test]
    async fn a_panic_is_told_and_goes_no_further() {
        for medium in [Medium::Memory, Medium::Unnamed] {
            let broken = done(&medium, || panic!("on purpose")).await;
            let Err(PortalError::BrokenOff { problem }) = broken else {
                panic!("{broken:?}")
            };
            assert!(problem.contains("panicked"), "{problem}");
        }
    }
}
