//! [`Phase`]: the moments of an exchange at which a fault can strike.

use super::word::words;

words! {
    /// A moment of an exchange, in the order in which they come.
    pub enum Phase, "phase" {
        /// The connection is accepted. Nobody knows yet what it is for, so every connection to an origin counts
        /// where the step could be asked for.
        Connect = "connect",
        /// The client's first bytes are there. As with [`Phase::Connect`], every connection counts.
        TlsHandshake = "tls-handshake",
        /// The request's head is read.
        RequestHead = "request-head",
        /// The request's body is read; only where a form is sent.
        RequestBody = "request-body",
        /// The bank has decided, but not recorded.
        BeforeCommit = "before-commit",
        /// It is recorded; the reply is still to come.
        AfterCommit = "after-commit",
        /// The answer is made, nothing of it is sent.
        ResponseHead = "response-head",
        /// The answer's head is sent.
        ResponseBody = "response-body",
        /// The answer is sent, the next request is still to come.
        Between = "between",
    }
}
