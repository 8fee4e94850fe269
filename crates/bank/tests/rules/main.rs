//! The bank's rules, held to the procedure row by row; one binary, so that all share one small world.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod checkers;
mod exploration;
mod histories;
mod hostile_journal;
mod settings;
mod table;
mod transitions;
mod world;
