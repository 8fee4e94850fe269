//! NDJSON: one event a line.

use crate::event::RunEvent;

/// One event as one line of JSON, without the line break.
///
/// ```
/// use sealbank_scenario::{DriverName, RunEvent, report::json_line};
///
/// let event = RunEvent::RunStarted {
///     version: 1,
///     cases: 3,
///     deselected: 0,
///     driver: DriverName::Http,
///     shard: None,
/// };
/// assert_eq!(
///     json_line(&event),
///     r#"{"event":"run-started","version":1,"cases":3,"deselected":0,"driver":"http"}"#
/// );
/// ```
#[must_use]
pub fn json_line(event: &RunEvent) -> String {
    serde_json::to_string(event)
        .expect("events hold only text, numbers and moments that RFC 3339 can write")
}
