//! Ctrl-C while cases run: once to come to an end with what there is, twice to end at once.

use sealbank_scenario::StopSignal;

use crate::exit::{Exit, Failure};
use crate::serve::Stop;

/// Listens from now on; what is answered is told when the word comes.
pub(super) fn listen() -> Result<StopSignal, Failure> {
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
    let signal = StopSignal::default();
    let told = signal.clone();
    std::thread::spawn(move || runtime.block_on(wait(word, told)));
    Ok(signal)
}

async fn wait(word: Stop, signal: StopSignal) {
    word.told().await;
    anstream::eprintln!("stopping: reports are finished first (again to stop at once)");
    // Listened for before the run hears of it, so that a second word can't fall between.
    let again = Stop::listen();
    signal.stop();
    if let Ok(again) = again {
        again.told().await;
        std::process::exit(Exit::Interrupted.code().into());
    }
}
