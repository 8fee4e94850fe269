//! Every screen, looked at as a browser and as a person would.

mod sample;
mod walk;
mod wording;

use std::collections::BTreeSet;

use sample::{HOSTILE, Sample, samples};
use scraper::{ElementRef, Html, Selector};

/// The rows of procedure 1.2 that are pages of the bank, and this site's own.
const SCREENS: [&str; 21] = [
    "CIBMU921",
    "m-ADM-ISSUE",
    "m-ADM-LOGON",
    "m-ADM-MENU",
    "m-ADM-UNLOCK",
    "m-ADM-USER",
    "m-ADM-USER-RES",
    "m-ADM-USERS",
    "m-CLOSED",
    "m-DONE",
    "m-ERR",
    "m-LOGON-CERT",
    "m-LOGON-ID",
    "m-MID",
    "m-PINAGE",
    "m-PROC",
    "m-RENEW",
    "m-RUN",
    "m-STATUS",
    "m-SWKB",
    "m-TOP",
];

fn all<'a>(tag: ElementRef<'a>, css: &str) -> Vec<ElementRef<'a>> {
    tag.select(&Selector::parse(css).unwrap()).collect()
}

fn one<'a>(tag: ElementRef<'a>, css: &str) -> ElementRef<'a> {
    let found = all(tag, css);
    assert_eq!(found.len(), 1, "{css}");
    found[0]
}

fn text(tag: ElementRef<'_>) -> String {
    tag.text().collect::<String>().trim().to_owned()
}

fn texts(tag: ElementRef<'_>, css: &str) -> Vec<String> {
    all(tag, css).into_iter().map(text).collect()
}

fn each(check: impl Fn(&Sample, ElementRef<'_>)) {
    for filler in ["甲", HOSTILE] {
        for sample in samples(filler) {
            let page = Html::parse_document(&sample.html);
            check(&sample, page.root_element());
        }
    }
}

fn page_of(name: &str) -> Html {
    let samples = samples("甲");
    let sample = samples.iter().find(|sample| sample.name == name).unwrap();
    Html::parse_document(&sample.html)
}

#[test]
fn every_screen_looks_as_reviewed() {
    for sample in sample::reviewed() {
        insta::assert_snapshot!(sample.name, sample.html);
    }
}

#[test]
fn every_screen_of_the_procedure_is_there() {
    let ids: BTreeSet<&str> = samples("甲").iter().map(|sample| sample.id).collect();
    assert_eq!(ids.into_iter().collect::<Vec<_>>(), SCREENS);
}

#[test]
fn a_page_names_itself_the_same_everywhere() {
    each(|sample, page| {
        assert_eq!(one(page, "body").attr("data-screen"), Some(sample.id));
        assert_eq!(
            text(one(page, "body > header > small.screen-id")),
            sample.id
        );
        assert_eq!(text(one(page, "body > header > h1")), sample.title);
        assert_eq!(text(one(page, "head > title")), sample.title);
        assert_eq!(page.attr("lang"), Some("ja"), "{}", sample.name);
    });
}

#[test]
fn every_page_says_test_only_and_whose_it_is() {
    each(|sample, page| {
        let said = text(one(page, "main > p.bank"));
        assert!(said.starts_with("TEST ONLY"), "{}", sample.name);
        assert!(
            said.ends_with(sample.bank.trim()),
            "{}: {said}",
            sample.name
        );
        assert!(all(page, "img, svg").is_empty(), "{}", sample.name);
    });
}

/// The elements of a page with the names of their attributes, in order.
fn skeleton(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    all(page.root_element(), "*")
        .into_iter()
        .map(|tag| {
            let names: Vec<&str> = tag.value().attrs().map(|(name, _)| name).collect();
            format!("{} {}", tag.value().name(), names.join(" "))
        })
        .collect()
}

#[test]
fn hostile_text_stays_text() {
    for (plain, hostile) in samples("甲").into_iter().zip(samples(HOSTILE)) {
        assert_eq!(
            skeleton(&plain.html),
            skeleton(&hostile.html),
            "{}",
            plain.name
        );
        assert!(!hostile.html.contains(HOSTILE), "{}", plain.name);
    }
}

#[test]
fn a_users_page_is_found_under_his_own_escaped_address() {
    let samples = samples(HOSTILE);
    let sample = samples
        .iter()
        .find(|sample| sample.id == "m-ADM-USERS")
        .unwrap();
    let page = Html::parse_document(&sample.html);
    let link = all(page.root_element(), "table a")[0];
    assert_eq!(text(link), HOSTILE);
    assert_eq!(
        link.attr("href"),
        Some("/admin/users/%3C%2Fp%3E%3Cscript%3E%22%27%26%2F..%3F%3D")
    );
}

#[test]
fn nothing_needs_or_holds_a_script_or_an_inline_style() {
    each(|sample, page| {
        assert!(
            all(page, "script, style, [style], base, iframe").is_empty(),
            "{}",
            sample.name
        );
        let handlers: Vec<&str> = all(page, "*")
            .iter()
            .flat_map(|tag| tag.value().attrs().map(|(name, _)| name))
            .filter(|name| name.starts_with("on"))
            .collect();
        assert!(handlers.is_empty(), "{}: {handlers:?}", sample.name);
        assert_eq!(one(page, "link").attr("href"), Some("/assets/style.css"));
    });
}

#[test]
fn every_form_that_posts_carries_the_visitors_token() {
    each(|sample, page| {
        for form in all(page, "form") {
            match form.attr("method") {
                Some("post") => {
                    let token = one(form, "input[type=hidden][name=csrf]");
                    assert_eq!(
                        token.attr("value"),
                        Some(sample.csrf.as_str()),
                        "{}",
                        sample.name
                    );
                }
                Some("get") => assert!(all(form, "input").is_empty(), "{}", sample.name),
                other => panic!("{}: a form with the method {other:?}", sample.name),
            }
        }
    });
}

#[test]
fn every_field_has_one_label_and_ids_are_unique() {
    each(|sample, page| {
        let ids: Vec<&str> = all(page, "[id]")
            .iter()
            .filter_map(|tag| tag.attr("id"))
            .collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{}: {ids:?}", sample.name);
        for field in all(page, "input:not([type=hidden]), textarea, select") {
            let id = field.attr("id").unwrap();
            let label = text(one(page, &format!("label[for={id}]")));
            assert!(!label.is_empty(), "{}: {id}", sample.name);
        }
        for described in all(page, "[aria-labelledby], [aria-describedby]") {
            let target = ["aria-labelledby", "aria-describedby"]
                .iter()
                .find_map(|name| described.attr(name))
                .unwrap();
            assert!(ids.contains(&target), "{}: {target}", sample.name);
        }
    });
}

#[test]
fn a_pin_is_hidden_while_typed_and_never_comes_back() {
    each(|sample, page| {
        for label in all(page, "label") {
            if !text(label).ends_with("暗証番号") {
                continue;
            }
            let id = label.attr("for").unwrap();
            let field = one(page, &format!("[id={id}]"));
            if field.value().name() == "output" {
                assert_eq!(text(field), "入力済（ソフトウェアキーボード）");
                continue;
            }
            assert_eq!(field.attr("type"), Some("password"), "{}", sample.name);
            assert_eq!(field.attr("autocomplete"), Some("off"), "{}", sample.name);
            assert_eq!(field.attr("value"), None, "{}", sample.name);
        }
    });
}

#[test]
fn the_top_page_leads_to_every_door_on_the_right_origin() {
    let page = page_of("m-TOP");
    let links: Vec<(String, &str)> = all(page.root_element(), "a")
        .into_iter()
        .map(|link| (text(link), link.attr("href").unwrap()))
        .collect();
    insta::assert_debug_snapshot!("links-of-the-top-page", links);
}

#[test]
fn the_page_in_place_of_a_broken_one_is_an_error_screen() {
    let page = Html::parse_document(super::error::UNRENDERABLE);
    let body = one(page.root_element(), "body");
    assert_eq!(body.attr("data-screen"), Some("m-ERR"));
    assert!(text(body).contains("TEST ONLY"));
    assert_eq!(all(body, "[role=alert]").len(), 1);
}
