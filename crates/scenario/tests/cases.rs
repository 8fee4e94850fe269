//! The numbered cases of the procedure, section 2: what the suites' page says of them is what their tags say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sealbank_scenario::load;

/// How many cases section 2 of the procedure has.
const LAST: u8 = 91;

type Shown = BTreeMap<u8, BTreeSet<String>>;

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// The rows of the table below this heading: a number, and the rest.
fn table<'p>(page: &'p str, heading: &str) -> Vec<(u8, &'p str)> {
    let (_, below) = page
        .split_once(&format!("## {heading}\n"))
        .expect("the page has the heading");
    let section = below.split("\n## ").next().expect("a piece");
    let rows = section.lines().filter_map(|line| {
        let (number, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        Some((number.parse().ok()?, rest.trim_end_matches(" |")))
    });
    rows.collect()
}

/// By the tags: the cases, without their rows, that play each numbered case.
fn tagged() -> Shown {
    let suite = load(&[scenarios()]).expect("the shipped suites are whole");
    let mut shown = Shown::new();
    for case in suite.cases() {
        let name = case.id().split('[').next().expect("a piece").to_owned();
        for tag in case.tags() {
            let Some(number) = tag.strip_prefix("case-") else {
                continue;
            };
            assert_eq!(number.len(), 2, "{tag} of {name} has two digits");
            let number = number.parse().expect("a number");
            shown.entry(number).or_default().insert(name.clone());
        }
    }
    shown
}

#[test]
fn every_numbered_case_is_tagged_where_the_page_says_or_has_a_reason() {
    let page = std::fs::read_to_string(scenarios().join("README.md")).expect("the page");
    let shown: Shown = table(&page, "The numbered cases of the procedure")
        .into_iter()
        .map(|(number, names)| {
            let names = names
                .split(", ")
                .map(|name| name.trim_matches('`').to_owned());
            (number, names.collect())
        })
        .collect();
    assert_eq!(shown, tagged());
    let reasons = table(&page, "Those that are not played");
    assert!(reasons.iter().all(|(_, reason)| reason.len() > 20));
    let mut numbers: Vec<u8> = shown.into_keys().collect();
    numbers.extend(reasons.iter().map(|(number, _)| number));
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=LAST).collect::<Vec<u8>>());
}
