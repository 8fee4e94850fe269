//! The portal as strangers see it: over real TLS, with a small browser and the `openssl` command.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod administration;
mod control;
mod fault_rules;
mod faults;
mod hostile;
mod interruption;
mod logon;
mod openssl;
mod procedure;
mod recovery;
mod renewal;
mod required;
mod world;
