//! Ctrl-C, and the service manager's word, while something long is at work: once to bring it to an orderly end, twice to
//! end at once.

use crate::exit::{Exit, Failure};
use crate::serve::Stop;

/// Listens from now on. When the word comes, `stopping` is told to the user and `stop` is called.
pub(crate) fn listen(
    stopping: &'static str,
    stop: impl FnOnce() + Send + 'static,
) -> Result<(), Failure> {
    let unheard =
        |error| Failure::internal(format!("error: Ctrl-C can't be listened for: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(unheard)?;
    let word = {
        let _within = runtime.enter();
        Stop::listen().map_err(unheard)?
    };
    std::thread::spawn(move || runtime.block_on(wait(word, stopping, stop)));
    Ok(())
}

async fn wait(word: Stop, stopping: &'static str, stop: impl FnOnce()) {
    word.told().await;
    anstream::eprintln!("{stopping} (again to stop at once)");
    // Listened for before anybody hears of the first, so that a second word can't fall between.
    let again = Stop::listen();
    stop();
    if let Ok(again) = again {
        again.told().await;
        // What is on record is not lost, wherever the work is.
        std::process::exit(Exit::Interrupted.code().into());
    }
}
