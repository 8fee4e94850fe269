//! [`Drivers`]: by which driver cases are played, or by both, and where the two differ then.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sealbank_ca::Ceremony;
use sealbank_portal::{Hosts, WebCa};
use serde::{Deserialize, Serialize};

use crate::case_run::{CaseRun, Seen, path_for_shell, quoted, run_case};
use crate::driver::{Keys, Way};
use crate::event::{Complaint, Failure, RunEvent, StepEnd, TrailLine, Verdict};
use crate::plan::PlannedCase;
use crate::target::Target;

use super::RunError;

/// By which driver cases are played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Drivers {
    /// Over HTTPS with real TLS, on sockets of this machine.
    #[default]
    Http,
    /// Within this process, without sockets and encryption.
    InProcess,
    /// By one after the other; a case on which they differ fails.
    Both,
    /// Over HTTPS to a bank that is already running. Cases share it, so only one runs at a time.
    Target(Arc<Target>),
}

/// The ways that the cases of a run take. Banks of our own share their keys, which are made once.
#[derive(Debug)]
pub(super) enum Ways {
    One(Way),
    Both { sockets: Way, indoors: Way },
}

impl Ways {
    pub(super) fn of(drivers: &Drivers) -> Result<Self, RunError> {
        Ok(match drivers {
            Drivers::Http => Self::One(Way::Sockets(keys()?)),
            Drivers::InProcess => Self::One(Way::Indoors(keys()?)),
            Drivers::Both => {
                let keys = keys()?;
                Self::Both {
                    sockets: Way::Sockets(Arc::clone(&keys)),
                    indoors: Way::Indoors(keys),
                }
            }
            Drivers::Target(target) => Self::One(Way::Target(Arc::clone(target))),
        })
    }

    pub(super) async fn play(&self, case: &PlannedCase, timeout: Option<Duration>) -> CaseRun {
        match self {
            Self::One(way) => {
                let mut run = run_case(case, timeout, way).await;
                if let (Way::Target(target), Verdict::Failed(failure)) = (way, &mut run.verdict) {
                    failure.repeat.push_str(&format!(" {target}"));
                }
                run
            }
            Self::Both { sockets, indoors } => {
                let http = run_case(case, timeout, sockets).await;
                let indoors = run_case(case, timeout, indoors).await;
                together(http, &indoors)
            }
        }
    }
}

fn keys() -> Result<Arc<Keys>, RunError> {
    let hosts = Hosts::default();
    Ok(Arc::new(Keys {
        ca: Ceremony::ephemeral()?,
        web: Arc::new(WebCa::new(&[&hosts.ib, &hosts.cert])?),
    }))
}

impl Drivers {
    /// As events name them.
    pub(super) fn name(&self) -> DriverName {
        match self {
            Self::Http => DriverName::Http,
            Self::InProcess => DriverName::InProcess,
            Self::Both => DriverName::Both,
            Self::Target(target) => {
                let ib = target.ib.as_str();
                DriverName::Target(ib.trim_end_matches('/').to_owned())
            }
        }
    }
}

/// By which driver a run was played.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriverName {
    /// [`Drivers::Http`].
    #[default]
    Http,
    /// [`Drivers::InProcess`].
    InProcess,
    /// [`Drivers::Both`].
    Both,
    /// [`Drivers::Target`], with the address of the bank's screens.
    Target(String),
}

/// As `--driver` has it.
impl fmt::Display for DriverName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http => f.write_str("http"),
            Self::InProcess => f.write_str("in-process"),
            Self::Both => f.write_str("both"),
            Self::Target(address) => write!(f, "target {address}"),
        }
    }
}

/// What the two drivers say of one case: what the first says, where they agree.
fn together(http: CaseRun, indoors: &CaseRun) -> CaseRun {
    let duration_ms = http.duration_ms + indoors.duration_ms;
    let difference = difference(&http, indoors);
    CaseRun {
        verdict: difference.unwrap_or(http.verdict),
        steps: http.steps,
        seen: http.seen,
        duration_ms,
    }
}

/// The first step on which they differ, as a failure that shows both trails.
fn difference(http: &CaseRun, indoors: &CaseRun) -> Option<Verdict> {
    let pairs = ends(http).zip(ends(indoors)).enumerate();
    for (index, (one, other)) in pairs {
        let mut aspects = aspects(one, other);
        if let (Some(one), Some(other)) = (http.seen.get(index), indoors.seen.get(index)) {
            aspects.extend(seen_aspects(one, other));
        }
        if !aspects.is_empty() {
            return Some(differing(one, other, aspects));
        }
    }
    let (one, other) = (verdict(&http.verdict), verdict(&indoors.verdict));
    (one != other).then(|| Verdict::Broken {
        error: format!("the drivers differ; over HTTPS: {one}; in this process: {other}"),
    })
}

/// What differs, by its name, with what each driver says.
type Aspect = (&'static str, String, String);

fn aspects(one: &StepEnd, other: &StepEnd) -> Vec<Aspect> {
    let one = without_chance(one);
    let other = without_chance(other);
    [
        aspect("outcome", &one.outcome, &other.outcome),
        aspect("clock", &one.at, &other.at),
        aspect("faults", &one.faults, &other.faults),
        aspect("screens", &one.screens, &other.screens),
        aspect("certificate", &one.certificate, &other.certificate),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn seen_aspects(one: &Option<Seen>, other: &Option<Seen>) -> Vec<Aspect> {
    let (Some(one), Some(other)) = (one, other) else {
        return aspect(
            "whether the step could be done",
            &one.is_some(),
            &other.is_some(),
        )
        .into_iter()
        .collect();
    };
    [
        aspect("end", &one.landed, &other.landed),
        aspect("because", &one.because, &other.because),
        aspect("screens passed", &one.passed, &other.passed),
        aspect("facts", &one.facts, &other.facts),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn aspect<T: PartialEq + std::fmt::Debug>(
    name: &'static str,
    one: &T,
    other: &T,
) -> Option<Aspect> {
    (one != other).then(|| (name, format!("{one:?}"), format!("{other:?}")))
}

/// The step without the serial number of its certificate.
fn without_chance(end: &StepEnd) -> StepEnd {
    let mut end = end.clone();
    if let Some(certificate) = &mut end.certificate {
        certificate.serial.clear();
    }
    end
}

fn differing(one: &StepEnd, other: &StepEnd, aspects: Vec<Aspect>) -> Verdict {
    let complaint = |(name, http, indoors): Aspect| Complaint {
        place: one.place.clone(),
        about: format!("the drivers differ: {name}"),
        expected: format!("over HTTPS: {http}"),
        actual: format!("in this process: {indoors}"),
        snippet: String::new(),
        called_from: Vec::new(),
    };
    let path = one.place.rsplitn(3, ':').nth(2).unwrap_or_default();
    let trail = |driver: &str, end: &StepEnd| -> Vec<TrailLine> {
        let line = |line: &TrailLine| TrailLine {
            text: format!("[{driver}] {}", line.text),
            ..line.clone()
        };
        end.trail.iter().map(line).collect()
    };
    Verdict::Failed(Box::new(Failure {
        step: one.step,
        ja: one.ja.clone(),
        en: one.en.clone(),
        complaints: aspects.into_iter().map(complaint).collect(),
        trail: [trail("http", one), trail("in-process", other)].concat(),
        repeat: format!(
            "sealbank replay {} {} --driver both",
            quoted(&one.case),
            path_for_shell(path)
        ),
    }))
}

fn ends(run: &CaseRun) -> impl Iterator<Item = &StepEnd> {
    run.steps.iter().filter_map(|event| match event {
        RunEvent::StepFinished(end) => Some(end.as_ref()),
        _ => None,
    })
}

/// The verdict in words that are the same on every driver.
fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Flaky => "flaky".to_owned(),
        Verdict::Skipped => "skipped".to_owned(),
        Verdict::Broken { error } => format!("broken: {error}"),
        Verdict::Failed(failure) => {
            let about: Vec<&str> = failure
                .complaints
                .iter()
                .map(|c| c.about.as_str())
                .collect();
            format!("failed at step {}: {}", failure.step, about.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StepOutcome;

    fn step(number: usize, outcome: StepOutcome) -> RunEvent {
        let text = String::new;
        RunEvent::StepFinished(Box::new(StepEnd {
            case: "made/made".to_owned(),
            step: number,
            ja: text(),
            en: text(),
            note: None,
            place: "made.yaml:1:1".to_owned(),
            outcome,
            faults: Vec::new(),
            interrupted: None,
            transitions: Vec::new(),
            at: None,
            screens: Vec::new(),
            certificate: None,
            snapshots: Vec::new(),
            not_checked: Vec::new(),
            trail: Vec::new(),
        }))
    }

    fn run(outcomes: &[StepOutcome], verdict: Verdict) -> CaseRun {
        let numbered = (1..).zip(outcomes);
        CaseRun {
            steps: numbered.map(|(n, outcome)| step(n, *outcome)).collect(),
            seen: Vec::new(),
            verdict,
            duration_ms: 2,
        }
    }

    #[test]
    fn drivers_that_agree_say_it_once() {
        let same = || run(&[StepOutcome::Passed], Verdict::Passed);
        let told = together(same(), &same());
        assert_eq!(told.verdict, Verdict::Passed);
        assert_eq!((told.steps.len(), told.duration_ms), (1, 4));
    }

    #[test]
    fn a_step_that_ends_otherwise_on_the_second_driver_fails_the_case_there() {
        use StepOutcome::{Failed, Passed};
        let lying = run(&[Passed, Failed], Verdict::Passed);
        let told = together(run(&[Passed, Passed], Verdict::Passed), &lying);
        let Verdict::Failed(failure) = told.verdict else {
            panic!("{:?}", told.verdict)
        };
        assert_eq!(failure.step, 2);
        assert_eq!(failure.complaints[0].about, "the drivers differ: outcome");
        assert_eq!(failure.complaints[0].actual, "in this process: Failed");
        assert_eq!(
            failure.repeat,
            "sealbank replay 'made/made' made.yaml --driver both"
        );
    }

    #[test]
    fn a_world_that_broke_on_one_driver_alone_is_a_difference() {
        let error = "no port".to_owned();
        let told = together(
            run(&[], Verdict::Passed),
            &run(&[], Verdict::Broken { error }),
        );
        assert!(told.verdict.is_bad(), "{:?}", told.verdict);
    }

    /// A story whose step of retrieval is interrupted, or not.
    fn story(interruption: &str) -> crate::plan::Suite {
        let text = format!(
            "scenario: two-worlds
let:
  taro: {{ contract: \"99990000001\", user: keiri01, pin: Test0001 }}
before:
  - admin.grant: {{}}
cases:
  one:
    steps:
      - user.retrieve: {{}}{interruption}
"
        );
        crate::plan::load_sources(&[crate::SourceFile::new("story.yaml", &text)])
            .unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    #[tokio::test]
    async fn worlds_that_went_apart_are_told_at_the_step_with_both_trails() {
        let Ways::Both { sockets, indoors } = Ways::of(&Drivers::Both).unwrap() else {
            panic!("there are two")
        };
        let (good, cut) = (
            story(""),
            story("\n        interrupt: { at: first-popup, how: cancel }"),
        );
        let http = run_case(good.cases().next().unwrap(), None, &sockets).await;
        let lying = run_case(cut.cases().next().unwrap(), None, &indoors).await;
        let Verdict::Failed(failure) = together(http, &lying).verdict else {
            panic!("nothing was told")
        };
        assert_eq!(failure.step, 2);
        let about: Vec<_> = failure.complaints.iter().map(|it| &*it.about).collect();
        assert!(about.contains(&"the drivers differ: facts"), "{about:?}");
        for driver in ["[http] ", "[in-process] "] {
            let mut trail = failure.trail.iter();
            assert!(trail.any(|line| line.text.starts_with(driver)), "{driver}");
        }
    }
}
