//! Tests of reading pages: what a person sees, what pressing sends, and what hostile pages do.

use proptest::prelude::*;

use super::*;
use crate::form::Submission;
use crate::screen::Press;

const FORM: &str = r#"<!doctype html><html lang="ja"><head><meta charset="utf-8">
<title>利用者電子証明書取得</title></head><body data-screen="CIBMU921">
<header><h1>利用者電子証明書取得</h1><small class="screen-id">CIBMU921</small></header><main>
<p role="alert" data-code="MX-101" data-field="利用者ID">利用者IDを入力してください。</p>
<form method="post" action="/retrieval"><input type="hidden" name="csrf" value="t0ken">
<label for="c">契約法人ID</label> <em class="required">必須</em> <input id="c" name="contract" value="9999">
<label for="u">利用者ID</label> <em class="required">必須</em> <input id="u" name="user">
<label for="p">利用者暗証番号</label> <em class="required">必須</em> <input id="p" name="pin" type="password">
<label for="m">メモ</label> <textarea id="m" name="memo">a&amp;b</textarea>
<label for="s">選択</label> <select id="s" name="act"><option value="1">継続する<option value="2" selected>再発行</select>
<label><input type="radio" name="r" value="x" checked>継続</label><label><input type="radio" name="r" value="y">失効</label>
<label><input type="checkbox" name="k">確認</label>
<button>取得</button> <button type="reset">クリア</button> <button type="button">飾り</button>
<button name="go" value="kb" formaction="/retrieval/keyboard?a=1" formmethod="get">ソフトウェアキーボード</button>
<input type="submit" name="x" value="閉じる" formaction="/close"></form>
<a href="../logon">利用者ログオン</a> <a href="https://cert.ib.bank.test:8444/logon">利用者ログオン（電子証明書方式）</a>
<dl data-certificate><dt>Organization</dt><dd>The Higo Bank, Ltd</dd><dt>Common Name</dt><dd>ZZTST1 u</dd></dl>
<script>var hidden = 1;</script></main></body></html>"#;

fn read(html: &str) -> Screen {
    let url = "https://ib.bank.test:8443/retrieval/".parse().unwrap();
    Screen::read(html, &url, StatusCode::OK).unwrap()
}

fn sent(screen: &mut Screen, button: &str) -> (Method, String, String) {
    match screen.press(button).unwrap() {
        Press::Send(Submission { method, url, body }) => (
            method,
            url.to_string(),
            body.map_or_else(String::new, |b| b.expose().to_owned()),
        ),
        Press::StayHere => panic!("{button} sends nothing"),
    }
}

#[test]
fn a_page_shows_what_a_person_sees() {
    let screen = read(FORM);
    let labels: Vec<&str> = screen.fields().filter_map(|f| f.label()).collect();
    assert_eq!(
        labels,
        [
            "契約法人ID",
            "利用者ID",
            "利用者暗証番号",
            "メモ",
            "選択",
            "継続",
            "失効",
            "確認"
        ]
    );
    let required = screen
        .fields()
        .filter(|f| f.need() == Need::Required)
        .count();
    assert_eq!(required, 3);
    assert_eq!(screen.alerts()[0].field.as_deref(), Some("利用者ID"));
    assert_eq!(screen.refusal(), Some("MX-101"));
    assert_eq!(
        screen.detail("certificate", "Common Name"),
        Some("ZZTST1 u")
    );
    assert_eq!(
        screen.links()[0].url.as_str(),
        "https://ib.bank.test:8443/logon"
    );
    insta::assert_snapshot!(screen.text(), @r"
    利用者電子証明書取得
    CIBMU921
    利用者IDを入力してください。
    契約法人ID
    必須
    利用者ID
    必須
    利用者暗証番号
    必須
    メモ
    選択
    継続
    失効
    確認
    取得
    クリア
    飾り
    ソフトウェアキーボード
    利用者ログオン
    利用者ログオン（電子証明書方式）
    Organization
    The Higo Bank, Ltd
    Common Name
    ZZTST1 u
    ");
}

#[test]
fn pressing_sends_exactly_what_the_form_holds() {
    let mut screen = read(FORM);
    screen.fill("利用者ID", "keiri 01").unwrap();
    screen.fill("選択", "継続する").unwrap();
    screen.tick("失効").unwrap();
    screen.tick("確認").unwrap();
    let (method, url, body) = sent(&mut screen, "取得");
    assert_eq!(
        (method, url.as_str()),
        (Method::Post, "https://ib.bank.test:8443/retrieval")
    );
    assert_eq!(
        body,
        "csrf=t0ken&contract=9999&user=keiri+01&pin=&memo=a%26b&act=1&r=y&k=on"
    );
}

#[test]
fn a_buttons_own_destination_and_method_win() {
    let mut screen = read(FORM);
    let (method, url, body) = sent(&mut screen, "ソフトウェアキーボード");
    assert_eq!((method, body.as_str()), (Method::Get, ""));
    assert!(
        url.starts_with("https://ib.bank.test:8443/retrieval/keyboard?csrf=t0ken&"),
        "{url}"
    );
    assert!(url.ends_with("&go=kb"), "{url}");
    let (method, url, body) = sent(&mut screen, "閉じる");
    assert_eq!(
        (method, url.as_str()),
        (Method::Post, "https://ib.bank.test:8443/close")
    );
    assert!(body.ends_with("&x=%E9%96%89%E3%81%98%E3%82%8B"), "{body}");
}

#[test]
fn the_clear_button_brings_back_what_was_delivered_and_sends_nothing() {
    let mut screen = read(FORM);
    screen.fill("契約法人ID", "other").unwrap();
    screen.tick("失効").unwrap();
    assert!(matches!(screen.press("クリア").unwrap(), Press::StayHere));
    assert_eq!(screen, read(FORM));
    assert!(matches!(screen.press("飾り").unwrap(), Press::StayHere));
}

#[test]
fn whatever_is_missing_the_message_says_what_is_there() {
    let mut screen = read(FORM);
    let errors = [
        screen.fill("契約者番号", "1").unwrap_err(),
        screen.fill("選択", "解約").unwrap_err(),
        screen.fill("確認", "on").unwrap_err(),
        screen.press("実行").unwrap_err(),
        screen.link("電子証明書更新").unwrap_err(),
    ];
    let said = errors.map(|error| error.to_string()).join("\n");
    insta::assert_snapshot!(said);
}

#[test]
fn typed_text_never_shows_in_debug() {
    let mut screen = read(FORM);
    screen.fill("利用者暗証番号", "Test0001").unwrap();
    let Press::Send(submission) = screen.press("取得").unwrap() else {
        panic!("it sends")
    };
    let shown = format!("{screen:?} {submission:?}");
    assert!(
        !shown.contains("Test0001") && !shown.contains("t0ken"),
        "{shown}"
    );
}

#[test]
fn a_declared_refresh_is_found_in_any_dress() {
    let next = Some("https://ib.bank.test:8443/retrieval/run");
    for (content, expected) in [
        ("0; url=/retrieval/run", next),
        ("0;URL='/retrieval/run'", next),
        ("5", None),
        ("0; /retrieval/run", None),
        ("0; url=https://[", None),
    ] {
        let html = format!(r#"<meta http-equiv="Refresh" content="{content}"><body>"#);
        assert_eq!(
            read(&html).refresh().map(Url::as_str),
            expected,
            "{content}"
        );
    }
}

#[test]
fn an_excessive_page_is_refused_before_it_is_parsed() {
    let url: Url = "https://ib.bank.test/x".parse().unwrap();
    for (what, html) in [
        ("bytes", " ".repeat(LARGEST_PAGE + 1)),
        ("tags", "<div>".repeat(MOST_TAGS + 1)),
        (
            "bytes in one tag",
            format!("<a {}>", "b ".repeat(LONGEST_TAG)),
        ),
        (
            "bytes in one tag",
            format!("<a x=\">\" {}>", "b ".repeat(LONGEST_TAG)),
        ),
    ] {
        let error = Screen::read(&html, &url, StatusCode::OK).unwrap_err();
        assert!(
            matches!(&error, WorkstationError::PageTooComplex { what: found, .. } if found == what),
            "{what}: {error}"
        );
    }
}

#[test]
fn lists_within_lists_are_read_once() {
    let page = read(&"<dl data-a><dt>x<dd>y".repeat(500));
    assert_eq!(page.details("a").len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A page is a stranger's: any soup of tags is read into something, without a panic.
    #[test]
    fn any_soup_of_tags_is_read(pieces in prop::collection::vec(prop_oneof![
        Just("<form action='//['>"), Just("<input type=radio>"), Just("<label>"), Just("</form>"),
        Just("<select><option>"), Just("<textarea data-enrolment=certificates>"), Just("<dl><dd>x<dt>"),
        Just("<a href='http://[::'>"), Just("<meta http-equiv=refresh content=';url='>"), Just("<table>"),
        Just("<body data-screen=x>"), Just("<button formaction='::'>"), Just("\u{0}&#x110000;<"), Just("<base href='::'>"),
    ], 0..40)) {
        let html = pieces.concat();
        let url: Url = "https://ib.bank.test/x".parse().unwrap();
        prop_assert!(Screen::read(&html, &url, StatusCode::OK).is_ok());
    }
}
