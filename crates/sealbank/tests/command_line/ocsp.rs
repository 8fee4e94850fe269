//! `sealbank ca ocsp` with OpenSSL as judge, in files and over HTTP.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::house::{House, SUBJECT, openssl_is_here, request};
use crate::mask::masked;
use crate::{sealbank, seen};

/// So often a question is asked again until its answer is the one that is waited for; each takes some milliseconds.
const PATIENCE: usize = 2_000;

impl House {
    /// A CA with two certificates, `a.pem` and `b.pem`.
    fn with_two() -> Self {
        let house = Self::founded();
        house.certificate("a.pem");
        house.certificate("b.pem");
        house
    }

    fn certificate(&self, file: &str) {
        let request = request("accepted.p256.pem");
        self.done(&["sign", &request, "--subject", SUBJECT, "--out", file]);
    }

    /// What OpenSSL says of an answer, on both streams.
    fn judged(&self, arguments: &str) -> String {
        let output = Command::new("openssl")
            .args([
                "ocsp",
                "-CAfile",
                "ca/root.pem",
                "-verify_other",
                "ca/issuing.pem",
            ])
            .args(arguments.split_whitespace())
            .current_dir(self.path())
            .output()
            .unwrap();
        seen(&output)
    }
}

/// A responder that listens until it is dropped.
struct Listening {
    child: Child,
    port: u16,
}

impl Listening {
    fn on(house: &House) -> Self {
        let mut child = sealbank()
            .args(["ca", "ocsp", "--listen", "127.0.0.1:0", "--json"])
            .current_dir(house.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let told: serde_json::Value = serde_json::from_str(&line).unwrap();
        let port = told["port"].as_u64().unwrap().try_into().unwrap();
        Self { child, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends these bytes; the whole answer as text, its body apart.
    fn exchange(&self, head: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!("{head}\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        (head, answer[end + 4..].to_vec())
    }

    /// Tells it to stop; how it ended.
    fn stop(mut self) -> bool {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_request_in_a_file_gets_an_answer_in_a_file() {
    if !openssl_is_here() {
        return;
    }
    let house = House::with_two();
    house.done(&["revoke", "b.pem", "--reason", "superseded"]);
    let ask = "ocsp -issuer ca/issuing.pem -cert a.pem -cert b.pem -reqout request.der";
    house.openssl(ask).unwrap();
    let output = house.ca(&["ocsp", "request.der", "--out", "answer.der"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(seen(&output), "request.der: successful\n");
    let judged =
        house.judged("-issuer ca/issuing.pem -cert a.pem -cert b.pem -no_nonce -respin answer.der");
    for line in [
        "Response verify OK",
        "a.pem: good",
        "b.pem: revoked",
        "Reason: superseded",
    ] {
        assert!(judged.contains(line), "{line}: {judged}");
    }
    let told = house.json(&["ocsp", "request.der", "--minutes", "5"]);
    assert_eq!(told["status"], "successful");
    let answer = STANDARD.decode(told["answer"].as_str().unwrap()).unwrap();
    fs::write(house.path().join("answer.der"), answer).unwrap();
    let judged = house.judged("-reqin request.der -respin answer.der -resp_text");
    assert!(judged.contains("Response verify OK"), "{judged}");
}

#[test]
fn what_is_no_request_is_answered_with_an_error_and_told_as_one() {
    let house = House::founded();
    fs::write(house.path().join("nonsense"), "nonsense").unwrap();
    let output = house.ca(&["ocsp", "nonsense", "--out", "answer.der"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(seen(&output), "nonsense: malformedRequest\n");
    let answer = fs::read(house.path().join("answer.der")).unwrap();
    assert_eq!(answer, [0x30, 3, 0x0a, 1, 1]);
    for (name, arguments, code) in [
        ("no-ocsp-request", &["ocsp", "none.der"][..], 2),
        ("nothing-to-answer", &["ocsp"], 2),
        ("no-address", &["ocsp", "--listen", "localhost"], 2),
        ("foreign-address", &["ocsp", "--listen", "192.0.2.1:0"], 3),
    ] {
        let output = house.ca(arguments);
        assert_eq!(output.status.code(), Some(code), "{name}: {output:?}");
        insta::assert_snapshot!(format!("error-{name}"), masked(&seen(&output)));
    }
}

#[test]
fn openssl_asks_over_http_while_others_sign_and_revoke() {
    if !openssl_is_here() {
        return;
    }
    let house = House::with_two();
    house.done(&["revoke", "b.pem", "--reason", "keyCompromise"]);
    let listening = Listening::on(&house);
    let ask = |what: &str| {
        let url = listening.url();
        house.judged(&format!("-issuer ca/issuing.pem -nonce {what} -url {url}"))
    };
    let judged = ask("-cert a.pem -cert b.pem -serial 0x40000000000000000000000000000000");
    for line in [
        "Response verify OK",
        "a.pem: good",
        "b.pem: revoked",
        "Reason: keyCompromise",
        "0x40000000000000000000000000000000: unknown",
    ] {
        assert!(judged.contains(line), "{line}: {judged}");
    }
    assert!(!judged.contains("no nonce"), "{judged}");

    // It holds no lock: others write, and it learns of what they wrote.
    house.done(&["revoke", "a.pem"]);
    house.certificate("c.pem");
    let learnt = |what: &str, line: &str| (0..PATIENCE).any(|_| ask(what).contains(line));
    assert!(learnt("-cert c.pem", "c.pem: good"));
    assert!(ask("-cert a.pem").contains("a.pem: revoked"));
    assert!(listening.stop(), "it ends well");
    house.done(&["audit"]);
}

#[test]
fn after_a_renewal_it_answers_for_both_generations() {
    if !openssl_is_here() {
        return;
    }
    let house = House::with_two();
    let listening = Listening::on(&house);
    house.done(&["renew-issuing"]);
    house.certificate("c.pem");
    let url = listening.url();
    let ask = format!("-issuer ca/issuing.pem -cert c.pem -url {url}");
    let answered = (0..PATIENCE).find_map(|_| {
        let judged = house.judged(&ask);
        judged.contains("c.pem: good").then_some(judged)
    });
    assert!(answered.unwrap().contains("Response verify OK"));
    let older = house.judged(&format!("-issuer ca/issuing-1.pem -cert a.pem -url {url}"));
    for line in ["Response verify OK", "a.pem: good"] {
        assert!(older.contains(line), "{line}: {older}");
    }
}

#[test]
fn a_get_without_a_nonce_is_answered_for_caches() {
    if !openssl_is_here() {
        return;
    }
    let house = House::with_two();
    let ask = "ocsp -issuer ca/issuing.pem -cert a.pem -no_nonce -reqout request.der";
    house.openssl(ask).unwrap();
    let request = fs::read(house.path().join("request.der")).unwrap();
    let listening = Listening::on(&house);
    let path = STANDARD
        .encode(&request)
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let (head, body) = listening.exchange(&format!("GET /ocsp/{path} HTTP/1.1"), b"");
    let head = head.to_lowercase();
    for line in [
        "http/1.1 200 ok",
        "content-type: application/ocsp-response",
        "cache-control: max-age=3600,public,no-transform,must-revalidate",
        "last-modified: ",
        "expires: ",
        "etag: \"",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    fs::write(house.path().join("answer.der"), body).unwrap();
    let judged = house.judged("-issuer ca/issuing.pem -cert a.pem -no_nonce -respin answer.der");
    assert!(
        judged.contains("a.pem: good") && judged.contains("Response verify OK"),
        "{judged}"
    );
}

#[test]
fn strangers_at_the_port_are_answered_with_what_is_wrong() {
    let house = House::founded();
    let listening = Listening::on(&house);
    let kind = "Content-Type: application/ocsp-request";
    let large = vec![0x30; 16 * 1024 + 1];
    let cases = [
        ("PUT / HTTP/1.1", &b""[..], "405 Method Not Allowed"),
        ("GET / HTTP/1.1", b"", "400 Bad Request"),
        ("GET /ocsp/MD%zz HTTP/1.1", b"", "400 Bad Request"),
        (
            "POST / HTTP/1.1\r\nContent-Length: 2",
            b"0\0",
            "415 Unsupported Media Type",
        ),
    ];
    for (head, body, expected) in cases {
        let (answer, _) = listening.exchange(head, body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {expected}")),
            "{head}: {answer}"
        );
    }
    let post = |length| format!("POST / HTTP/1.1\r\n{kind}\r\nContent-Length: {length}");
    let (head, _) = listening.exchange(&post(large.len()), &large[..0]);
    assert!(head.starts_with("HTTP/1.1 413 "), "{head}");
    let (head, body) = listening.exchange(&post(8), b"nonsense");
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.contains("no-store"),
        "{head}"
    );
    assert_eq!(body, [0x30, 3, 0x0a, 1, 1], "malformedRequest");
    assert!(listening.stop());
}
