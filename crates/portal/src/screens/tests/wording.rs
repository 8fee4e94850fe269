//! Labels and buttons in the manual's words, and what they ask of the person.

use std::collections::BTreeMap;

use scraper::ElementRef;

use super::{all, each, one, page_of, text, texts};
use crate::screens::{Act, KeyboardAct, Party};

#[test]
fn the_fields_are_named_as_in_the_manual() {
    let expected: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "CIBMU921",
            ["契約法人ID", "利用者ID", "利用者暗証番号"].as_slice(),
        ),
        (
            "CIBMU921-administrator",
            &["契約法人ID", "契約法人暗証番号"],
        ),
        ("m-LOGON-ID", &["契約法人ID", "利用者ID", "利用者暗証番号"]),
        ("m-LOGON-CERT", &["利用者暗証番号"]),
        ("m-ADM-LOGON", &["契約法人ID", "契約法人暗証番号"]),
        ("m-ADM-LOGON-certificate", &["契約法人暗証番号"]),
        (
            "m-ADM-USERS",
            &[
                "利用者ID",
                "利用者名",
                "利用者暗証番号",
                "管理者リセット権限",
                "契約法人確認暗証番号",
            ],
        ),
        (
            "m-ADM-USER",
            &[
                "契約法人確認暗証番号",
                "失効理由",
                "利用者暗証番号",
                "契約法人確認暗証番号",
            ],
        ),
        (
            "m-ADM-ISSUE",
            &[
                "契約法人確認暗証番号",
                "利用者暗証番号",
                "契約法人確認暗証番号",
            ],
        ),
        ("m-ADM-UNLOCK", &["利用者暗証番号"]),
        ("m-RUN", &["証明書署名要求"]),
    ]);
    for (name, labels) in expected {
        let page = page_of(name);
        assert_eq!(texts(page.root_element(), "label"), labels, "{name}");
    }
}

#[test]
fn the_buttons_are_named_as_in_the_manual() {
    let expected: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (
            "CIBMU921",
            ["取得", "ソフトウェアキーボード", "クリア", "閉じる"].as_slice(),
        ),
        ("m-MID", &["閉じる"]),
        ("m-RUN", &["実行", "中止", "閉じる"]),
        ("m-PROC", &["インストール完了", "中止"]),
        ("m-DONE", &["閉じる"]),
        ("m-ERR", &["閉じる"]),
        ("m-LOGON-ID", &["ログオン"]),
        ("m-LOGON-CERT", &["ログオン"]),
        ("m-LOGON-CERT-none", &[]),
        ("m-STATUS", &["ログオフ"]),
        ("m-RENEW", &["更新", "ログオフ"]),
        ("m-ADM-LOGON", &["ログオン"]),
        ("m-ADM-USERS", &["登録", "ログオフ"]),
        (
            "m-ADM-ISSUE",
            &[
                "発行する",
                "利用中止解除",
                "利用停止",
                "登録抹消",
                "変更",
                "ログオフ",
            ],
        ),
        (
            "m-ADM-USER",
            &[
                "再発行（初期化）",
                "失効",
                "利用中止解除",
                "利用停止",
                "登録抹消",
                "変更",
                "ログオフ",
            ],
        ),
        ("m-ADM-USER-RES", &["OK"]),
        ("m-ADM-UNLOCK", &["利用中止解除", "ログオフ"]),
        ("m-CLOSED", &[]),
    ]);
    for (name, buttons) in expected {
        let page = page_of(name);
        assert_eq!(
            texts(page.root_element(), "button:not([hidden])"),
            buttons,
            "{name}"
        );
    }
}

#[test]
fn what_is_marked_as_required_is_required() {
    each(|sample, page| {
        for field in all(page, "input[type=text], input[type=password]") {
            assert!(field.attr("required").is_some(), "{}", sample.name);
            let mark = field
                .prev_siblings()
                .filter_map(ElementRef::wrap)
                .next()
                .unwrap();
            assert_eq!(text(mark), "必須", "{}", sample.name);
        }
    });
}

#[test]
fn leaving_asks_for_no_field() {
    each(|sample, page| {
        for button in all(page, "button") {
            if ["閉じる", "中止", "ログオフ"].contains(&text(button).as_str()) {
                assert!(button.attr("formnovalidate").is_some(), "{}", sample.name);
            }
        }
    });
}

#[test]
fn an_alert_names_its_code_and_marks_its_field() {
    let page = page_of("CIBMU921-error");
    let alert = one(page.root_element(), "[role=alert]");
    assert_eq!(alert.attr("data-code"), Some("MX-101"));
    assert_eq!(alert.attr("data-field"), Some("利用者ID"));
    let marked = one(page.root_element(), "[aria-invalid]");
    assert_eq!(marked.attr("id"), Some("user"));
}

#[test]
fn the_enter_key_changes_no_certificate() {
    let page = page_of("m-ADM-USER");
    let form = all(page.root_element(), "form")[0];
    assert!(all(form, "button")[0].attr("disabled").is_some());
}

#[test]
fn the_word_of_a_button_is_read_as_that_button() {
    for act in Act::ALL {
        assert_eq!(Act::from_word(act.word()), Some(act));
    }
    for act in KeyboardAct::ALL {
        assert_eq!(KeyboardAct::from_word(act.word()), Some(act));
    }
    for party in [Party::User, Party::Administrator] {
        assert_eq!(Party::from_word(party.word()), Some(party));
    }
    assert_eq!(Act::from_word("issue"), None);
    assert_eq!(KeyboardAct::from_word(""), None);
    assert_eq!(Party::from_word("User"), None);
}
