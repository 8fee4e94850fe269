//! [`Shard`]: the part of a selection that one of several machines runs.
//!
//! The longest case goes first, each to the machine that has the least to do so far. All machines come to the same
//! division if they have the same cases and the same durations, so that no case is run twice and none is forgotten.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How long cases took, by id, in milliseconds.
pub type Durations = BTreeMap<String, u64>;

/// One of so many parts; told as `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    part: NonZeroUsize,
    of: NonZeroUsize,
}

/// A text that names no part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not of the form `k/n`.
    #[error("`{0}` is not of the form k/n; write 2/3 for the second of three parts")]
    Form(String),
    /// There are fewer parts.
    #[error("there is no part {part} of {of}; parts are counted from 1 to {of}")]
    NoSuchPart {
        /// The part that was asked for.
        part: usize,
        /// How many there are.
        of: NonZeroUsize,
    },
}

impl Shard {
    /// Which part, counted from 1.
    #[must_use]
    pub fn part(self) -> usize {
        self.part.get()
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> usize {
        self.of.get()
    }

    /// The ids of this part. Cases of unknown duration count as the mean of the known ones.
    ///
    /// ```
    /// use sealbank_scenario::{Durations, Shard};
    ///
    /// let durations = Durations::from([("a".to_owned(), 10), ("b".to_owned(), 90), ("c".to_owned(), 20)]);
    /// let second: Shard = "2/2".parse()?;
    /// assert!(second.choose(["a", "b", "c"], &durations).iter().eq(["a", "c"]));
    /// # Ok::<(), sealbank_scenario::ShardError>(())
    /// ```
    #[must_use]
    pub fn choose<'i>(
        self,
        ids: impl IntoIterator<Item = &'i str>,
        durations: &Durations,
    ) -> BTreeSet<String> {
        let ids: Vec<&str> = ids.into_iter().collect();
        let known: Vec<u64> = ids
            .iter()
            .filter_map(|id| durations.get(*id))
            .copied()
            .collect();
        let sum: u64 = known.iter().fold(0, |sum, next| sum.saturating_add(*next));
        let mean = sum.checked_div(known.len() as u64).unwrap_or(1);
        // A case that took no measurable time still takes some: else all of them would go to one machine.
        let weight = |id: &str| durations.get(id).copied().unwrap_or(mean).max(1);
        let mut heaviest_first: Vec<(Reverse<u64>, usize)> = ids
            .iter()
            .enumerate()
            .map(|(index, id)| (Reverse(weight(id)), index))
            .collect();
        heaviest_first.sort();
        let mut loads = vec![0_u64; self.of.get().min(ids.len().max(1))];
        let mut chosen = BTreeSet::new();
        for (Reverse(weight), index) in heaviest_first {
            let lightest = (0..loads.len())
                .min_by_key(|part| loads[*part])
                .unwrap_or(0);
            loads[lightest] = loads[lightest].saturating_add(weight);
            if lightest + 1 == self.part.get() {
                chosen.insert(ids[index].to_owned());
            }
        }
        chosen
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let form = || ShardError::Form(text.to_owned());
        let (part, of) = text.split_once('/').ok_or_else(form)?;
        let part: usize = part.parse().map_err(|_| form())?;
        let of: NonZeroUsize = of.parse().map_err(|_| form())?;
        NonZeroUsize::new(part)
            .filter(|part| *part <= of)
            .map(|part| Self { part, of })
            .ok_or(ShardError::NoSuchPart { part, of })
    }
}

impl TryFrom<String> for Shard {
    type Error = ShardError;

    fn try_from(text: String) -> Result<Self, ShardError> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(ids: &[&str], of: usize, durations: &Durations) -> Vec<BTreeSet<String>> {
        (1..=of)
            .map(|part| {
                let shard: Shard = format!("{part}/{of}").parse().unwrap();
                shard.choose(ids.iter().copied(), durations)
            })
            .collect()
    }

    #[test]
    fn every_case_is_in_exactly_one_part() {
        let ids: Vec<String> = (0..50).map(|n| format!("case-{n}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let durations: Durations = (0..40).map(|n| (format!("case-{n}"), n * n % 17)).collect();
        for of in [1, 2, 3, 7, 60] {
            let parts = parts(&ids, of, &durations);
            assert_eq!(parts.iter().map(BTreeSet::len).sum::<usize>(), 50, "{of}");
            let union: BTreeSet<String> = parts.into_iter().flatten().collect();
            assert_eq!(union.len(), 50, "{of}");
        }
    }

    #[test]
    fn parts_take_about_as_long_as_one_another() {
        let ids = ["long", "a", "b", "c", "d"];
        let durations = Durations::from([
            ("long".to_owned(), 100),
            ("a".to_owned(), 30),
            ("b".to_owned(), 20),
            ("c".to_owned(), 25),
            ("d".to_owned(), 25),
        ]);
        let parts = parts(&ids, 2, &durations);
        assert!(parts[0].iter().eq(["long"]), "{parts:?}");
    }

    #[test]
    fn cases_of_unknown_duration_are_dealt_out_evenly() {
        let ids: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let parts = parts(&ids, 3, &Durations::new());
        assert!(parts.iter().all(|part| part.len() == 3), "{parts:?}");
    }

    #[test]
    fn a_part_is_written_as_k_of_n() {
        for (text, message) in [
            ("1", "not of the form k/n"),
            ("a/2", "not of the form k/n"),
            ("1/0", "not of the form k/n"),
            ("0/2", "no part 0 of 2"),
            ("3/2", "no part 3 of 2"),
        ] {
            let error = text.parse::<Shard>().unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
        assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
    }
}
