//! The fake bank: just enough pages to be worked like the real one, and its faults.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use rustls_pki_types::CertificateDer;
use sealbank_workstation::Certificate;
use tokio::sync::mpsc;

use crate::pki::Pki;

/// One request as the bank saw it, whole.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) origin: String,
    pub(crate) agent: String,
    pub(crate) cookie: String,
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) peer: Option<CertificateDer<'static>>,
    pub(crate) resumed: bool,
}

pub(crate) struct Bank {
    pub(crate) pki: Pki,
    pub(crate) popups: u8,
    /// Paths that are never answered.
    pub(crate) hangs: Option<&'static str>,
    pub(crate) seen: Mutex<Vec<Seen>>,
    pub(crate) news: mpsc::UnboundedSender<News>,
    pub(crate) cert_origin: Mutex<String>,
}

/// What a test can wait for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A whole request arrived at a path that hangs.
    Arrived(String),
    /// Its client went away.
    Gone,
}

struct Leaving(mpsc::UnboundedSender<News>);

impl Drop for Leaving {
    fn drop(&mut self) {
        let _nobody_listens = self.0.send(News::Gone);
    }
}

impl Bank {
    pub(crate) fn paths(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|seen| format!("{} {}", seen.method, seen.path))
            .collect()
    }

    pub(crate) fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().cloned().unwrap()
    }

    pub(crate) async fn answer(self: Arc<Self>, seen: Seen) -> Response<Full<Bytes>> {
        self.seen.lock().unwrap().push(seen.clone());
        if self.hangs == Some(seen.path.as_str()) {
            let _leaving = Leaving(self.news.clone());
            self.news.send(News::Arrived(seen.path)).unwrap();
            return std::future::pending().await;
        }
        self.page(&seen)
    }

    fn page(&self, seen: &Seen) -> Response<Full<Bytes>> {
        let posted = |name: &str| seen.form.get(name).map_or("", String::as_str);
        match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/") => self.top(),
            ("GET", "/retrieval" | "/retrieval/administrator") => form(&seen.path),
            ("POST", "/retrieval" | "/retrieval/administrator") if posted("pin") == "Test0001" => {
                let body = page("m-MID", "<p>そのままお待ちください</p>");
                let body = body.replace(
                    "<head>",
                    r#"<head><meta http-equiv="refresh" content="0; url=/retrieval/run">"#,
                );
                with_cookie(
                    html(body),
                    "__Host-session=retrieval; Path=/; Secure; HttpOnly; SameSite=Strict",
                )
            }
            ("POST", "/retrieval" | "/retrieval/administrator") => {
                let alert = r#"<p role="alert" data-code="MX-201">番号相違</p>"#;
                html(page("CIBMU921", alert))
            }
            ("GET", "/retrieval/run") => self.run(seen),
            ("POST", "/retrieval/request") => self.request(seen),
            ("POST", "/retrieval/installed") => html(page("m-DONE", DONE)),
            ("POST", "/retrieval/cancelled") => html(page(
                "m-CLOSED",
                &format!("<p>中止 {}</p>", posted("popup")),
            )),
            ("POST", "/retrieval/close" | "/logoff") => html(page(
                "m-CLOSED",
                "<p>開いているブラウザはすべて閉じてください</p>",
            )),
            ("GET", "/logon") => self.logon(seen),
            ("POST", "/logon") => redirect(303, "/status"),
            ("GET", "/status") => html(page("m-STATUS", STATUS)),
            ("GET", "/renewal") => html(page("m-RENEW", RENEW)),
            ("POST", "/renewal") => redirect(303, "/retrieval/run"),
            ("GET", "/circle") => redirect(302, "/circle"),
            ("GET", "/leave") => redirect(302, "https://elsewhere.test/"),
            ("POST", "/again") => redirect(307, "/echo"),
            (method, "/echo") => html(page("echo", &format!("<p>{method} {}</p>", posted("word")))),
            ("GET", "/huge") => html("x".repeat(5 << 20)),
            ("GET", "/post-form") => html(page("post-form", POST_FORM)),
            _ => html(page(
                "m-ERR",
                r#"<p role="alert" data-code="MX-404">ありません</p>"#,
            )),
        }
    }

    fn top(&self) -> Response<Full<Bytes>> {
        let cert = self.cert_origin.lock().unwrap().clone();
        let mut links = String::new();
        for (href, text) in [
            ("/retrieval", "利用者用電子証明書取得"),
            ("/retrieval/administrator", "契約法人電子証明書取得"),
            ("/logon", "利用者ログオン"),
            (&format!("{cert}/logon"), "利用者ログオン（電子証明書方式）"),
        ] {
            write!(links, "<a href='{href}'>{text}</a> ").unwrap();
        }
        html(page("m-TOP", &links))
    }

    fn run(&self, seen: &Seen) -> Response<Full<Bytes>> {
        if seen.cookie.is_empty() && seen.peer.is_none() {
            return html(page(
                "m-ERR",
                r#"<p role="alert" data-code="MX-901">期限切れ</p>"#,
            ));
        }
        html(page(
            "m-RUN",
            &format!(
                r#"<form data-enrolment="request" data-key-algorithm="p256" data-key-exportable="false" data-popups="{}" method="post" action="/retrieval/request">
            <input type="hidden" name="csrf" value="t"><label for="r">証明書署名要求</label><textarea name="request" id="r"></textarea><button>実行</button></form>
            <form data-enrolment="cancelled" method="post" action="/retrieval/cancelled"><input type="hidden" name="popup" value="1"><button>中止</button></form>
            <form method="post" action="/retrieval/close"><button>閉じる</button></form>"#,
                self.popups
            ),
        ))
    }

    fn request(&self, seen: &Seen) -> Response<Full<Bytes>> {
        let Some(request) = seen
            .form
            .get("request")
            .filter(|pem| pem.starts_with("-----BEGIN"))
        else {
            return html(page(
                "m-ERR",
                r#"<p role="alert" data-code="MX-401">要求がありません</p>"#,
            ));
        };
        if seen.cookie != "__Host-session=retrieval" && seen.peer.is_none() {
            return html(page(
                "m-ERR",
                r#"<p role="alert" data-code="MX-901">別の利用者</p>"#,
            ));
        }
        let chain = self.pki.answer(request, "ZZTST99990000001 keiri01");
        html(page(
            "m-PROC",
            &format!(
                r#"<textarea readonly data-enrolment="certificates">{chain}</textarea>
            <form data-enrolment="installed" method="post" action="/retrieval/installed"><button>インストール完了</button></form>
            <form data-enrolment="cancelled" method="post" action="/retrieval/cancelled"><input type="hidden" name="popup" value="2"><button>中止</button></form>"#
            ),
        ))
    }

    fn logon(&self, seen: &Seen) -> Response<Full<Bytes>> {
        if seen.host.starts_with("ib.") {
            return html(page("m-LOGON-ID", LOGON_ID));
        }
        match &seen.peer {
            Some(peer) => {
                let name = Certificate::parse(peer.clone())
                    .unwrap()
                    .common_name()
                    .to_owned();
                html(page("m-LOGON-CERT", &format!("<p>{name}</p>{LOGON_CERT}")))
            }
            None => html(page(
                "m-ERR",
                r#"<p role="alert" data-code="MX-601">電子証明書がありません</p>"#,
            )),
        }
    }
}

const LOGON_ID: &str = r#"<form method="post" action="/logon"><label for="c">契約法人ID</label><input id="c" name="contract">
<label for="u">利用者ID</label><input id="u" name="user"><label for="p">利用者暗証番号</label><input id="p" name="pin" type="password"><button>ログオン</button></form>"#;
const LOGON_CERT: &str = r#"<form method="post" action="/logon"><label for="p">利用者暗証番号</label><input id="p" name="pin" type="password"><button>ログオン</button></form>"#;
const STATUS: &str = r#"<dl data-status><dt>ログオン方式</dt><dd>電子証明書方式</dd></dl><a href="/renewal">電子証明書更新</a>
<form method="post" action="/logoff"><button>ログオフ</button></form>"#;
const RENEW: &str = r#"<form method="post" action="/renewal"><button>更新</button></form>"#;
const DONE: &str = r#"<dl data-certificate><dt>Organization</dt><dd>The Higo Bank, Ltd</dd><dt>Common Name</dt><dd>ZZTST99990000001 keiri01</dd></dl>
<form method="post" action="/retrieval/close"><button>閉じる</button></form>"#;
const POST_FORM: &str = r#"<form method="post" action="/echo"><label for="w">word</label><input id="w" name="word"><button>send</button><button formaction="/again">again</button></form>"#;

fn form(action: &str) -> Response<Full<Bytes>> {
    let (id, user, pin) = if action == "/retrieval" {
        (
            "CIBMU921",
            r#"<label for="u">利用者ID</label><input id="u" name="user">"#,
            "利用者暗証番号",
        )
    } else {
        ("m-ADM-RETRIEVAL", "", "契約法人暗証番号")
    };
    html(page(
        id,
        &format!(
            r#"<form method="post" action="{action}"><label for="c">契約法人ID</label><input id="c" name="contract">{user}
        <label for="p">{pin}</label><input id="p" name="pin" type="password"><button>取得</button><button type="reset">クリア</button></form>"#
        ),
    ))
}

fn page(id: &str, main: &str) -> String {
    format!(
        r#"<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>{id}</title></head><body data-screen="{id}"><main>{main}</main></body></html>"#
    )
}

fn html(body: String) -> Response<Full<Bytes>> {
    Response::builder()
        .header("content-type", "text/html; charset=utf-8")
        .body(Full::new(Bytes::from(body)))
        .unwrap()
}

fn with_cookie(mut response: Response<Full<Bytes>>, cookie: &'static str) -> Response<Full<Bytes>> {
    response
        .headers_mut()
        .append("set-cookie", cookie.parse().unwrap());
    response
}

fn redirect(status: u16, to: &str) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header("location", to)
        .body(Full::default())
        .unwrap()
}
