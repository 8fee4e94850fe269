//! The real binary as a child process, and what a tester asks its control listener.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sealbank_workstation::{Clock, Site, StandingClock};
use serde_json::Value;
use time::OffsetDateTime;

/// The binary.
pub(crate) fn sealbank() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sealbank"))
}

/// `sealbank serve --data` on free ports. RSA keys and strong PIN hashing would only cost time here.
pub(crate) fn command(data: &Path) -> Command {
    let settings = data.join("settings.yaml");
    std::fs::write(
        &settings,
        "settings: { key-algorithm: p256, pin-cost: { memory-kib: 8, iterations: 1 } }\n",
    )
    .unwrap();
    let mut command = sealbank();
    command.args([
        "serve",
        "--port",
        "0",
        "--cert-port",
        "0",
        "--control-port",
        "0",
        "--settings",
    ]);
    command.arg(settings).arg("--data").arg(data);
    command
}

/// The right time: the child lives by the real clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(StandingClock::at(OffsetDateTime::now_utc()))
}

/// What `sealbank audit` says of the directory, which has to be sound.
pub(crate) fn audit(data: &Path) -> Value {
    let output = sealbank()
        .arg("audit")
        .arg(data)
        .arg("--json")
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    serde_json::from_str(&report).unwrap()
}

/// A bank in a child process. Dropped, it is killed.
pub(crate) struct Served {
    child: Child,
    ib: String,
    cert: String,
    control: SocketAddr,
}

impl Served {
    pub(crate) fn start(data: &Path) -> Self {
        let mut child = command(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let mut last_word = |label: &str| {
            let line = lines
                .by_ref()
                .find(|line| line.trim_start().starts_with(label));
            let line = line.unwrap_or_else(|| panic!("the bank says no `{label}`"));
            line.split_whitespace().last().unwrap().to_owned()
        };
        let (ib, cert) = (last_word("screens"), last_word("certificate logon"));
        let control = last_word("control");
        let control = control
            .trim_start_matches("http://")
            .trim_end_matches("/health")
            .parse()
            .unwrap();
        last_word("Ctrl-C");
        Self {
            child,
            ib,
            cert,
            control,
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The clean way.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert!(self.child.wait().unwrap().success());
    }

    /// What the bank has on record about the demo user.
    pub(crate) fn record(&self) -> Value {
        serde_json::from_slice(&self.get("/record/99990000001/keiri01")).unwrap()
    }

    /// The root above the client certificates.
    pub(crate) fn client_root(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(&self.get("/ca/root.pem")).unwrap()
    }

    /// Where a PC finds it.
    pub(crate) fn site(&self) -> Site {
        let web = CertificateDer::from_pem_slice(&self.get("/ca/web.pem")).unwrap();
        let url = |url: &str| url::Url::parse(url).unwrap();
        let (ib, cert) = (url(&self.ib), url(&self.cert));
        let address = |url: &url::Url| {
            let port = url.port().unwrap();
            (
                format!("localhost:{port}"),
                SocketAddr::from(([127, 0, 0, 1], port)),
            )
        };
        let addresses = BTreeMap::from([address(&ib), address(&cert)]);
        Site::new(ib, cert, addresses, vec![web])
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.control).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.control
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("an HTTP answer has a head");
        assert!(
            answer.starts_with(b"HTTP/1.1 200"),
            "{path}: {}",
            String::from_utf8_lossy(&answer)
        );
        answer.split_off(head + 4)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already gone where the test ended it; a test that failed must leave nothing behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
