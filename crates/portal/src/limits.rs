//! How much and how long a client may take.

use std::time::Duration;

/// Bounds on every connection and request. The times here are real ones: a client's patience is not the bank's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one origin at the same time; further ones wait unaccepted.
    pub connections: usize,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For a request's head to arrive; also how long an idle connection is kept.
    pub head: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// For a request's body to arrive.
    pub body: Duration,
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// For a connection as a whole, however busy it is.
    pub connection: Duration,
    /// For what is in flight at a shutdown.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(30),
            head_bytes: 32 * 1024,
            body: Duration::from_secs(20),
            body_bytes: 64 * 1024,
            connection: Duration::from_secs(600),
            drain: Duration::from_secs(10),
        }
    }
}
