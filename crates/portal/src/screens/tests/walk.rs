//! The screens of a retrieval: what the form, the software keyboard and the enrolment component rely on.

use std::collections::BTreeSet;
use std::process::Command;

use scraper::Html;
use sealbank_bank::settings::KeyAlgorithm;
use sealbank_ca::CertificateRequest;

use super::{all, one, page_of, sample, text, texts};
use crate::screens::{ExecuteScreen, Screen};

#[test]
fn a_pin_of_the_software_keyboard_is_named_by_its_keyboard_alone() {
    let page = page_of("CIBMU921-keyboard");
    let form = all(page.root_element(), "form")[0];
    assert!(all(form, "[name=pin]").is_empty());
    assert_eq!(one(form, "[name=keyboard]").attr("value"), Some("甲"));
}

#[test]
fn the_software_keyboard_has_a_key_for_every_character_of_a_pin() {
    let page = page_of("m-SWKB");
    let keys: BTreeSet<String> = texts(page.root_element(), "button[name=key]")
        .into_iter()
        .collect();
    let characters: BTreeSet<String> = ('0'..='9')
        .chain('a'..='z')
        .chain('A'..='Z')
        .map(String::from)
        .collect();
    assert_eq!(keys, characters);
    let acts = texts(page.root_element(), "button[name=act]");
    assert_eq!(acts, ["一字削除", "確定", "閉じる"]);
    assert_eq!(text(one(page.root_element(), "output")), "●●●（3文字）");
}

#[test]
fn clear_empties_also_a_form_that_is_shown_again() {
    let reset = |name| {
        let page = page_of(name);
        let buttons = all(page.root_element(), "button");
        let clear = buttons
            .into_iter()
            .find(|button| text(*button) == "クリア")
            .unwrap();
        clear.attr("type").unwrap().to_owned()
    };
    assert_eq!(reset("CIBMU921"), "reset");
    assert_eq!(reset("CIBMU921-error"), "submit");
    assert_eq!(reset("CIBMU921-keyboard"), "submit");
    let page = page_of("CIBMU921-error");
    let anew = one(page.root_element(), "form[method=get]");
    assert_eq!(anew.attr("action"), Some("/retrieval"));
}

#[test]
fn an_enrolment_form_says_what_the_component_needs() {
    let page = page_of("m-RUN");
    let form = one(page.root_element(), "form[data-enrolment=request]");
    assert_eq!(form.attr("action"), Some("/retrieval/request"));
    assert_eq!(form.attr("data-key-algorithm"), Some("rsa2048"));
    assert_eq!(form.attr("data-key-exportable"), Some("false"));
    assert_eq!(form.attr("data-popups"), Some("2"));
    assert_eq!(texts(form, "button"), ["実行"]);
    let cancelled = one(page.root_element(), "form[data-enrolment=cancelled]");
    assert_eq!(one(cancelled, "[name=popup]").attr("value"), Some("1"));
}

#[test]
fn certificates_are_delivered_to_the_letter() {
    let page = page_of("m-PROC");
    let delivered = one(page.root_element(), "textarea[data-enrolment=certificates]");
    assert_eq!(delivered.text().collect::<String>(), sample::CHAIN);
    let cancelled = one(page.root_element(), "form[data-enrolment=cancelled]");
    assert_eq!(one(cancelled, "[name=popup]").attr("value"), Some("2"));
}

#[test]
fn the_intermediate_screen_goes_on_by_itself() {
    let page = page_of("m-MID");
    let refresh = one(page.root_element(), "meta[http-equiv=refresh]");
    assert_eq!(refresh.attr("content"), Some("0; url=/retrieval/run"));
    assert!(text(one(page.root_element(), "main")).contains("そのままお待ちください"));
}

#[test]
fn the_command_on_the_page_makes_a_request_that_is_accepted() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the openssl command is missing: install it (Debian package openssl)"
        );
        eprintln!("skipped: the openssl command is missing");
        return;
    }
    for key_algorithm in [
        KeyAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
        KeyAlgorithm::Ed25519,
    ] {
        let screen = ExecuteScreen {
            page: sample::page(),
            key_algorithm,
            key_exportable: true,
            popups: 0,
        };
        let page = Html::parse_document(&screen.html());
        let command = text(one(page.root_element(), "code"));
        let folder = tempfile::tempdir().unwrap();
        let mut words = command.split(' ');
        let made = Command::new(words.next().unwrap())
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{command}: {made:?}");
        let request = std::fs::read(folder.path().join("request.pem")).unwrap();
        let verdict = CertificateRequest::parse(&request).and_then(CertificateRequest::verify);
        assert!(verdict.is_ok(), "{command}: {verdict:?}");
    }
}
