//! The words of `run`, `list`, `check` and `replay`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use sealbank_scenario::{Drivers, Shard};

use super::coverage::CoverageArguments;
use super::target::TargetArguments;

/// `sealbank run`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank run                                  every suite of scenarios/
  sealbank run scenarios/manual.yaml            one file
  sealbank run scenarios/manual.yaml:40         the case that is written at this line
  sealbank run --case 'stranded[delivered'      cases whose id contains this
  sealbank run --filter 'tag(slow) and not file(manual)'
                                                cases for which this holds
  sealbank run --last-failed --fail-fast        what failed when it was last run, up to the first failure
  sealbank run --driver both                    over HTTPS and without sockets, with one result
  sealbank run my/case.yaml --target https://localhost:8443 --control http://127.0.0.1:8445
                                                against that of `serve --people my/case.yaml`
  sealbank run my/case.yaml --target https://ib.staging.example --trust roots.pem
                                                against any bank with the same screens
  sealbank run --shard 2/3                      the second of three machines
  sealbank run --retries 2 --flaky-result fail  which cases pass only when they are tried again?
  sealbank run --order random --repeat 3        does a case lean on another one, or on luck?
  sealbank run --watch --driver in-process      again whenever a file is written
  sealbank run --junit report.xml --json -      for a CI system, and as NDJSON on standard output
  sealbank run scenarios/manual.yaml --update-snapshots
                                                what its snapshots show is right: keep it
  sealbank run --coverage --fail-under 60       which cells of the procedure were visited, and enough?
  sealbank run --profile ci                     as [profile.ci] of sealbank.toml says
  sealbank run --profile ci --show-config       what that is, and who says it

sealbank.toml holds the flags below Running and Reports as keys, for everybody or by profile:
  [profile.default]
  driver = \"in-process\"
  [profile.ci]
  driver = \"both\"
  retries = 1
  junit = \"report.xml\"

An environment variable such as SEALBANK_RETRIES counts before it, a flag before both.")]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) choice: ChoiceArguments,
    /// Print the ids of the selected cases and run nothing.
    #[arg(long)]
    pub(crate) list: bool,
    /// Run again whenever a scenario file, one that it uses, or sealbank.toml is written.
    #[arg(long, conflicts_with_all = ["list", "show_config"])]
    pub(crate) watch: bool,
    /// Write what the snapshots of the passed cases show to their files, instead of comparing.
    #[arg(long, conflicts_with_all = ["list", "watch", "show_config"])]
    pub(crate) update_snapshots: bool,
    #[command(flatten)]
    pub(crate) course: CourseArguments,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
    #[command(flatten)]
    pub(crate) reports: ReportArguments,
    #[command(flatten)]
    pub(crate) coverage: CoverageArguments,
    #[command(flatten)]
    pub(crate) profile: ProfileArguments,
}

/// Where more is said than on the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Profile")]
pub(crate) struct ProfileArguments {
    /// The profile of sealbank.toml that counts, before `default`.
    #[arg(
        long,
        value_name = "NAME",
        env = "SEALBANK_PROFILE",
        hide_env_values = true
    )]
    pub(crate) profile: Option<String>,
    /// Read this file instead of the sealbank.toml here or in the nearest directory above.
    #[arg(
        long,
        value_name = "FILE",
        env = "SEALBANK_CONFIG",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub(crate) config: Option<PathBuf>,
    /// Print what counts and who says it, and run nothing.
    #[arg(long)]
    pub(crate) show_config: bool,
}

/// What is told, where, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct ReportArguments {
    /// Write a JUnit report to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write every event as one line of JSON to this file; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write TAP 14 to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) tap: Option<PathBuf>,
    /// Write one HTML file that holds the whole run, to be opened in a browser, also offline.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Annotate failures on standard output for GitHub, and write its step summary.
    #[arg(long)]
    pub(crate) github: bool,
    /// Show every step, not only failures.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// The language of titles and steps.
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    pub(crate) lang: Language,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

/// Which cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct ChoiceArguments {
    /// Scenario files, directories of them, or `FILE:LINE` for the case that is written there.
    #[arg(default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
    /// The cases whose id contains this text; may be given several times.
    #[arg(long = "case", value_name = "TEXT")]
    pub(crate) cases: Vec<String>,
    /// The cases that have this tag; may be given several times.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The cases for which this holds: tag(T), id(TEXT), file(TEXT), with and, or, not and parentheses.
    #[arg(long, value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// The cases that failed when they were last run here.
    #[arg(long)]
    pub(crate) last_failed: bool,
    /// One of so many parts of all that, such as 2/3; the parts take about as long as one another.
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<Shard>,
}

/// How they are run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub(crate) struct CourseArguments {
    /// How people at PCs reach the bank.
    #[arg(long, value_enum, default_value_t = Driver::Http)]
    pub(crate) driver: Driver,
    /// Cases that run at the same time [default: the number of cores].
    #[arg(long, short, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Start no further case after so many failures, after the first when no number is given.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    pub(crate) fail_fast: Option<NonZeroUsize>,
    /// Start every case, where a profile says otherwise.
    #[arg(long, overrides_with = "fail_fast")]
    pub(crate) no_fail_fast: bool,
    /// Run each case so often; the second time its id ends with #2.
    #[arg(long, value_name = "N")]
    pub(crate) repeat: Option<NonZeroUsize>,
    /// Try a case that does not pass so often again, each time in a fresh world; one that passes then is flaky.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) retries: usize,
    /// Whether a run in which cases were flaky, and none failed, ends well.
    #[arg(long, value_enum, default_value_t = FlakyResult::Pass)]
    pub(crate) flaky_result: FlakyResult,
    /// A case that takes longer in real time fails in the step that is under way: 500ms, 30s, 2m.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// In which order cases begin; they are told in the order of the files all the same.
    #[arg(long, value_enum, default_value_t = BeginOrder::File)]
    pub(crate) order: BeginOrder,
    /// What a random order is made from; made up and printed when absent.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Run everything twice, and fail if the two streams of events differ.
    #[arg(long)]
    pub(crate) check_determinism: bool,
}

impl CourseArguments {
    /// After how many failures no further case is started.
    pub(crate) fn limit(&self) -> Option<NonZeroUsize> {
        self.fail_fast.filter(|_| !self.no_fail_fast)
    }
}

/// How people at PCs reach the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Driver {
    /// Over HTTPS, with real TLS on sockets of this machine.
    Http,
    /// Within this process, without sockets and encryption.
    InProcess,
    /// By one after the other; a case on which they differ fails.
    Both,
}

impl From<Driver> for Drivers {
    fn from(driver: Driver) -> Self {
        match driver {
            Driver::Http => Self::Http,
            Driver::InProcess => Self::InProcess,
            Driver::Both => Self::Both,
        }
    }
}

/// In which order cases begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BeginOrder {
    /// As they stand in the files.
    File,
    /// Shuffled.
    Random,
}

/// What a flaky case does to the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FlakyResult {
    /// It passed in the end.
    Pass,
    /// It failed at first.
    Fail,
}

/// A number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("write a number with its unit: 500ms, 30s, 2m".to_owned()),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|milliseconds| *milliseconds > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| "write a whole number above 0 with its unit: 500ms, 30s, 2m".to_owned())
}

/// `sealbank list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank list                                 every case of scenarios/
  sealbank list --tag slow --json               those with a tag, one JSON object a line")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) choice: ChoiceArguments,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// The language of titles.
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    pub(crate) lang: Language,
}

/// `sealbank check`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank check                                every file of scenarios/
  sealbank check my/case.yaml                   one file, as fast as an editor saves")]
pub(crate) struct CheckArguments {
    /// Scenario files, or directories of them.
    #[arg(default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
}

/// `sealbank merge`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank run --shard 1/2 --json part-1.ndjson on one machine, and on another
  sealbank run --shard 2/2 --json part-2.ndjson
  sealbank merge part-1.ndjson part-2.ndjson --junit report.xml --html report.html
  sealbank merge run.ndjson --coverage          what it came by
  sealbank merge run.ndjson --html report.html  a report that nobody asked for in time

A part that is missing, named twice or not whole is an error: nothing is written then.")]
pub(crate) struct MergeArguments {
    /// What `sealbank run --json` wrote: every part of one run, or one whole run.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Whether a run in which cases were flaky, and none failed, ends well.
    #[arg(long, value_enum, default_value_t = FlakyResult::Pass)]
    pub(crate) flaky_result: FlakyResult,
    #[command(flatten)]
    pub(crate) reports: ReportArguments,
    #[command(flatten)]
    pub(crate) coverage: CoverageArguments,
}

/// `sealbank replay`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sealbank replay 'interruptions/stranded[delivered,power-off]'
  sealbank replay shop/paid my/scenarios --lang en
  sealbank replay shop/paid --driver in-process
                                                without sockets and encryption")]
pub(crate) struct ReplayArguments {
    /// The id of the case, whole, as reports name it.
    pub(crate) id: String,
    /// Scenario files, or directories of them.
    #[arg(default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
    /// How people at PCs reach the bank.
    #[arg(long, value_enum, default_value_t = Driver::Http)]
    pub(crate) driver: Driver,
    /// The language of titles and steps.
    #[arg(long, value_enum, default_value_t = Language::Ja)]
    pub(crate) lang: Language,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// The language of titles and steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Japanese, in the manual's words.
    Ja,
    /// English.
    En,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal that shows them.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<Language> for sealbank_scenario::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Ja => Self::Japanese,
            Language::En => Self::English,
        }
    }
}

impl Colour {
    /// Makes it so for all that is written from now on.
    pub(crate) fn choose(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}
