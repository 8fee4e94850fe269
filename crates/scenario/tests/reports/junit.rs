//! The JUnit report against the schema that CI systems share (Ant's, with Jenkins' extensions): by xmllint where that is
//! installed, and everywhere by rules that say the same and more, such as that the counts are right.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sealbank_scenario::report::Junit;
use sealbank_scenario::{RunEvent, Verdict};
use time::macros::datetime;

use crate::story::story;

/// Element, its parent, the attributes that it must have, and those that it may have.
const RULES: [(&str, &str, &[&str], &[&str]); 13] = [
    (
        "testsuites",
        "",
        &[],
        &["name", "time", "tests", "failures", "errors"],
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
    ("testcase", "testsuite", &["name", "classname", "time"], &[]),
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

/// The schema, with where it comes from beside it.
const SCHEMA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/junit/junit-10.xsd"
);

fn report() -> String {
    told(&story())
}

fn told(events: &[RunEvent]) -> String {
    let mut junit = Junit::default().began_at(datetime!(2026-11-23 11:44:05 +09:00));
    events.iter().for_each(|event| junit.tell(event));
    junit.finish().expect("the report is XML")
}

/// What xmllint says against `xml`; `None` where it is not installed, which no CI may be content with.
fn judged_by_xmllint(xml: &str) -> Option<Result<(), String>> {
    let xmllint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", SCHEMA, "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut xmllint = match xmllint {
        Ok(xmllint) => xmllint,
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "xmllint: {error}");
            return None;
        }
    };
    let mut input = xmllint.stdin.take().expect("it is piped");
    let read = input.write_all(xml.as_bytes());
    read.expect("xmllint reads all that it is given");
    drop(input);
    let output = xmllint.wait_with_output();
    let output = output.expect("xmllint comes to its end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() {
        Ok(())
    } else {
        Err(said)
    })
}

#[test]
fn the_report_is_valid_by_the_schema_that_ci_systems_use() {
    let mut worse = story();
    let flaky = worse.iter_mut().rev().find_map(|event| match event {
        RunEvent::CaseFinished(result) => Some(result),
        _ => None,
    });
    // Of what fails in the end, earlier attempts are told otherwise than of what passes.
    flaky.unwrap().verdict = Verdict::Broken {
        error: "no port".to_owned(),
    };
    let worse = told(&worse);
    assert!(worse.contains("<rerunFailure") && worse.contains("<rerunError"));
    let nothing = told(&[]);
    for xml in [report(), worse, nothing] {
        if let Some(verdict) = judged_by_xmllint(&xml) {
            assert_eq!(verdict, Ok(()), "{xml}");
        }
    }
    let with_a_line = report().replacen("<testcase ", "<testcase line=\"1\" ", 1);
    if let Some(verdict) = judged_by_xmllint(&with_a_line) {
        assert!(verdict.unwrap_err().contains("attribute 'line'"));
    }
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
            // The story has one suite, so that both levels claim the same.
            "tests" | "failures" | "errors" | "skipped" => {
                let number: u64 = value.parse().expect("counts are numbers");
                let other = claimed.insert(key.clone(), number);
                assert_eq!(other.unwrap_or(number), number, "{name}: {key}");
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
