//! The JUnit report against the rules of the schema that CI systems share (Ant's, with Jenkins' extensions).

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sealbank_scenario::report::Junit;
use time::macros::datetime;

use crate::story::story;

/// Element, its parent, the attributes that it must have, and those that it may have.
const RULES: [(&str, &str, &[&str], &[&str]); 13] = [
    (
        "testsuites",
        "",
        &[],
        &[
            "name", "time", "tests", "failures", "errors", "skipped", "disabled",
        ],
    ),
    (
        "testsuite",
        "testsuites",
        &["name", "tests", "failures", "errors"],
        &[
            "skipped",
            "time",
            "timestamp",
            "file",
            "hostname",
            "id",
            "package",
        ],
    ),
    ("properties", "testsuite", &[], &[]),
    ("property", "properties", &["name", "value"], &[]),
    (
        "testcase",
        "testsuite",
        &["name", "classname", "time"],
        &["file", "line"],
    ),
    ("failure", "testcase", &["message", "type"], &[]),
    ("error", "testcase", &["message", "type"], &[]),
    ("skipped", "testcase", &[], &["message", "type"]),
    // Surefire's, as its rerunFailingTestsCount writes them.
    ("flakyFailure", "testcase", &["message", "type"], &[]),
    ("flakyError", "testcase", &["message", "type"], &[]),
    ("stackTrace", "flakyFailure", &[], &[]),
    ("system-out", "testcase", &[], &[]),
    ("system-err", "testcase", &[], &[]),
];

fn report() -> String {
    let mut junit = Junit::default().began_at(datetime!(2026-11-23 11:44:05 +09:00));
    story().iter().for_each(|event| junit.tell(event));
    junit.finish().expect("the report is XML")
}

#[test]
fn the_report_of_the_story() {
    insta::assert_snapshot!("junit", report());
}

#[test]
fn the_report_keeps_the_rules_of_the_schema() {
    let xml = report();
    let mut reader = Reader::from_str(&xml);
    let mut path: Vec<String> = Vec::new();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut claimed: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        match reader.read_event().expect("the report is well-formed") {
            Event::Start(tag) => {
                let name = judged(&tag, &path, &mut seen, &mut claimed);
                path.push(name);
            }
            Event::Empty(tag) => {
                judged(&tag, &path, &mut seen, &mut claimed);
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(text) => {
                let blank = text.iter().all(u8::is_ascii_whitespace);
                let inside = path.last().map(String::as_str);
                let may_speak = matches!(
                    inside,
                    Some("failure" | "error" | "system-out" | "stackTrace")
                );
                assert!(blank || may_speak, "text in {inside:?}");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    for (count, element) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        assert_eq!(claimed[count], seen[element], "{count}");
    }
}

fn judged(
    tag: &BytesStart<'_>,
    path: &[String],
    seen: &mut BTreeMap<String, u64>,
    claimed: &mut BTreeMap<String, u64>,
) -> String {
    let name = utf8(tag.name().as_ref());
    let rule = RULES.iter().find(|(element, ..)| *element == name);
    let (_, parent, must, may) = rule.unwrap_or_else(|| panic!("{name} is no element of JUnit"));
    assert_eq!(path.last().map_or("", String::as_str), *parent, "{name}");
    *seen.entry(name.clone()).or_default() += 1;
    let attributes: BTreeMap<String, String> = tag
        .attributes()
        .map(|attribute| {
            let attribute = attribute.expect("attributes are well-formed");
            let key = utf8(attribute.key.as_ref());
            (key, utf8(&attribute.value))
        })
        .collect();
    for key in *must {
        assert!(attributes.contains_key(*key), "{name} lacks {key}");
    }
    for (key, value) in &attributes {
        let known = must.iter().chain(*may).any(|known| known == key);
        assert!(known, "{name} must not have {key}");
        match key.as_str() {
            "time" => assert!(is_seconds(value), "{value}"),
            "timestamp" => assert_eq!(value, "2026-11-23T02:44:05"),
            "tests" | "failures" | "errors" | "skipped" | "line" => {
                let number: u64 = value.parse().expect("counts are numbers");
                if name == "testsuites" {
                    claimed.insert(key.clone(), number);
                }
            }
            _ => {}
        }
    }
    name
}

fn utf8(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("XML is UTF-8 here")
}

/// Seconds with at most three decimals and no sign or exponent.
fn is_seconds(value: &str) -> bool {
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 3
}
