//! `sealbank explain`: every code that the program or a screen of the bank shows, with cause and mend.
//!
//! What happened comes from the enumerations that the codes belong to; how to mend it is in [`mend`].

mod mend;

use clap::Args;
use sealbank_bank::Refusal;
use sealbank_ca::RequestError;
use sealbank_scenario::did_you_mean;

use crate::exit::{Exit, Failure};

/// The mend where a message names none.
const REMAKE: &str = "make the request anew, with a tool that signs it with its own key";

/// `sealbank explain`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank explain                              every code, one a line
  sealbank explain MX-303                       what a customer saw
  sealbank explain already-retrieved            the inner reason of a refusal
  sealbank explain weak-key                     why the CA refused a request
  sealbank explain 4                            an exit code")]
pub(crate) struct ExplainArguments {
    /// The code.
    pub(crate) code: Option<String>,
}

/// One thing that can be looked up.
struct Entry {
    /// What is typed to look it up.
    codes: Vec<String>,
    /// Whose code it is.
    whose: &'static str,
    /// What happened.
    cause: String,
    /// How to mend it.
    mend: Option<String>,
    /// What the customer reads.
    text: Option<&'static str>,
}

/// Explains the code that `arguments` name, or lists all.
pub(crate) fn explain(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let entries = entries();
    let Some(code) = &arguments.code else {
        let lines = entries.iter().map(Entry::line);
        anstream::print!("{}", lines.collect::<String>());
        return Ok(Exit::Success);
    };
    let found: Vec<String> = entries
        .iter()
        .filter(|entry| entry.answers_to(code))
        .map(Entry::paragraph)
        .collect();
    if found.is_empty() {
        return Err(unknown(code, &entries));
    }
    anstream::print!("{}", found.join("\n"));
    Ok(Exit::Success)
}

fn entries() -> Vec<Entry> {
    let refusals = Refusal::ALL.iter().copied().map(Entry::of_refusal);
    let requests = RequestError::specimens();
    let requests = requests.iter().map(Entry::of_request);
    let exits = Exit::ALL.iter().copied().map(Entry::of_exit);
    refusals.chain(requests).chain(exits).collect()
}

fn unknown(code: &str, entries: &[Entry]) -> Failure {
    let codes = || entries.iter().flat_map(|entry| &entry.codes);
    let mend = match did_you_mean(code, codes().map(String::as_str)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`sealbank explain` lists every code".to_owned(),
    };
    Failure::bad_input(format!("error: there is no code `{code}`\nhelp: {mend}"))
}

impl Entry {
    fn of_refusal(refusal: Refusal) -> Self {
        Self {
            codes: vec![refusal.code().to_owned(), refusal.reason().to_owned()],
            whose: "a refusal of the bank",
            cause: refusal.meaning().to_owned(),
            mend: Some(mend::of_refusal(refusal).to_owned()),
            text: Some(refusal.text()),
        }
    }

    /// The message of a request's refusal names its mend behind a semicolon.
    fn of_request(error: &RequestError) -> Self {
        let message = error.to_string();
        let (cause, mend) = match message.rsplit_once("; ") {
            Some((cause, mend)) => (cause.to_owned(), mend.to_owned()),
            None => (message, REMAKE.to_owned()),
        };
        Self {
            codes: vec![error.code().to_owned()],
            whose: "a refusal of the CA",
            cause: format!("For example: {cause}."),
            mend: Some(mend),
            text: None,
        }
    }

    fn of_exit(exit: Exit) -> Self {
        Self {
            codes: vec![exit.code().to_string()],
            whose: "an exit code",
            cause: exit.meaning().to_owned(),
            mend: exit.mend().map(str::to_owned),
            text: None,
        }
    }

    fn answers_to(&self, code: &str) -> bool {
        self.codes
            .iter()
            .any(|known| known.eq_ignore_ascii_case(code))
    }

    fn line(&self) -> String {
        format!("{:<40}{}\n", self.codes.join("  "), self.cause)
    }

    fn paragraph(&self) -> String {
        let mut text = format!("{}, {}\n", self.codes.join("  "), self.whose);
        if let Some(shown) = self.text {
            text.push_str(&format!("  shown:  {shown}\n"));
        }
        text.push_str(&format!("  cause:  {}\n", self.cause));
        if let Some(mend) = &self.mend {
            text.push_str(&format!("  mend:   {mend}\n"));
        }
        text
    }
}
