//! Which cases took much longer than the rest.

/// How many are named.
const NAMED: usize = 5;
/// How many times longer than the one in the middle a case has to take.
const TIMES: u64 = 5;
/// What nobody calls slow, in milliseconds.
const QUICK: u64 = 500;
/// Among fewer cases nothing is usual.
const FEWEST: usize = 10;

/// Hears how long cases took, and keeps only what it needs: a number each, and a few names.
#[derive(Debug, Default)]
pub(super) struct Slow {
    durations: Vec<u64>,
    longest: Vec<(u64, String)>,
}

impl Slow {
    pub(super) fn hear(&mut self, id: &str, duration_ms: u64) {
        self.durations.push(duration_ms);
        if self.longest.len() == NAMED
            && self
                .longest
                .last()
                .is_some_and(|(least, _)| *least >= duration_ms)
        {
            return;
        }
        self.longest.push((duration_ms, id.to_owned()));
        // The sort is stable: of two that took as long, the earlier one stays first.
        self.longest
            .sort_by_key(|(duration, _)| std::cmp::Reverse(*duration));
        self.longest.truncate(NAMED);
    }

    /// One line for each slow case, the slowest first.
    pub(super) fn lines(&mut self) -> Vec<String> {
        if self.durations.len() < FEWEST {
            return Vec::new();
        }
        let middle = self.durations.len() / 2;
        let (_, &mut usual, _) = self.durations.select_nth_unstable(middle);
        let bound = (usual * TIMES).max(QUICK);
        let slow = self.longest.iter().filter(|(took, _)| *took > bound);
        slow.map(|(took, id)| format!("{took:>6} ms  {id} (usual: {usual} ms)"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(durations: &[u64]) -> Vec<String> {
        let mut slow = Slow::default();
        for (index, duration) in durations.iter().enumerate() {
            slow.hear(&format!("c{index}"), *duration);
        }
        slow.lines()
    }

    #[test]
    fn only_what_stands_out_is_slow() {
        assert_eq!(heard(&[9_000, 10]), [""; 0], "two cases have no usual time");
        assert_eq!(heard(&[100; 20]), [""; 0]);
        assert_eq!(
            heard(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 400]),
            [""; 0],
            "400 ms are not slow"
        );
        assert_eq!(
            heard(&[200, 200, 2_000, 200, 200, 200, 3_000, 200, 200, 900]),
            [
                "  3000 ms  c6 (usual: 200 ms)",
                "  2000 ms  c2 (usual: 200 ms)"
            ]
        );
    }
}
