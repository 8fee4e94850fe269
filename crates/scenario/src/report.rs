//! Reports: each a fold over the run's events, none with knowledge of its own.

mod json;
mod junit;
mod terminal;

pub use json::json_line;
pub use junit::{Junit, JunitError};
pub use terminal::{Detail, Terminal};
