//! A bulk run outlives its process: it is stopped hundreds of times at random points, by `kill -9` and by Ctrl-C, gone
//! on with until its end, and audited.
//!
//! The points are drawn from a seed, which every failure names: `SEALBANK_KILL_SEED=…` draws them again, as far as the
//! machine lets two processes run alike.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test that has nothing to go on with should stop"
)]

mod house;
mod random;
mod stop;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use house::{House, Input};
use random::Random;
use stop::Stop;

/// Runs, shared by as many threads.
const RUNS: u64 = 20;
const THREADS: u64 = 2;

/// How often each is stopped.
const STOPS: usize = 11;

/// So many more certificates may be released before a stop than before the one before it.
const STRIDE: usize = 20;

#[test]
fn a_run_that_is_stopped_two_hundred_times_signs_each_request_once_and_loses_nothing() {
    let seed = std::env::var("SEALBANK_KILL_SEED")
        .map_or(20_310_401, |seed| seed.parse().expect("a seed is a number"));
    let input = Input::new(400);
    let founded = House::founded();
    let stops: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (input, founded) = (&input, &founded);
                let runs = (thread..RUNS).step_by(usize::try_from(THREADS).unwrap());
                scope.spawn(move || {
                    runs.map(|run| story(founded, input, seed + run))
                        .sum::<usize>()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert!(stops >= 200, "{stops} stops, seed {seed}");
}

/// One run from its first process to the audit; how often it was stopped.
fn story(founded: &House, input: &Input, seed: u64) -> usize {
    let house = founded.copy(input);
    let mut random = Random::new(seed);
    let mut released = BTreeMap::new();
    let mut stops = 0;
    for number in 1..=STOPS {
        let stop = Stop::draw(&mut random, number * STRIDE);
        let (lines, stopped) = stop.strike(&house);
        stops += usize::from(stopped);
        for line in lines {
            let position = position(&line);
            let before = released.insert(position, line.clone());
            assert!(
                before.is_none_or(|before| before == line),
                "request {position} has two certificates; seed {seed}"
            );
        }
    }
    house.finish();
    let last = house.lines("all.ndjson");
    must_have_signed_each_once(&house, input, &last, seed);
    let last: BTreeSet<&String> = last.iter().collect();
    for (position, line) in &released {
        assert!(
            last.contains(line),
            "the certificate of request {position} was released and is lost; seed {seed}"
        );
    }
    stops
}

fn must_have_signed_each_once(house: &House, input: &Input, last: &[String], seed: u64) {
    let good: Vec<_> = (1..=input.count)
        .filter(|at| !input.bad.contains(at))
        .collect();
    let positions: Vec<_> = last.iter().map(|line| position(line)).collect();
    assert_eq!(positions, good, "seed {seed}");
    let rejects = house.lines("all.ndjson.rejects.ndjson");
    let rejected: BTreeSet<_> = rejects.iter().map(|line| position(line)).collect();
    assert_eq!(rejected, input.bad, "seed {seed}");

    let listed: Value = serde_json::from_str(&house.ca(&["list", "--json"])).unwrap();
    let recorded = |key: &str| -> BTreeSet<String> {
        let values = listed.as_array().unwrap().iter();
        values
            .map(|it| it[key].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(listed.as_array().unwrap().len(), good.len(), "seed {seed}");
    assert_eq!(recorded("request").len(), good.len(), "seed {seed}");
    let serials: BTreeSet<_> = last.iter().map(|line| text(line, "serial")).collect();
    assert_eq!(recorded("serial"), serials, "seed {seed}");
    let certificates: BTreeSet<_> = last.iter().map(|line| text(line, "certificate")).collect();
    assert_eq!(recorded("certificate"), certificates, "seed {seed}");

    let audit: Value = serde_json::from_str(&house.ca(&["audit", "--json"])).unwrap();
    assert_eq!(audit["sound"], true, "{audit}; seed {seed}");
}

fn position(line: &str) -> usize {
    let line: Value = serde_json::from_str(line).unwrap();
    usize::try_from(line["position"].as_u64().unwrap()).unwrap()
}

fn text(line: &str, key: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    line[key].as_str().unwrap().to_owned()
}
