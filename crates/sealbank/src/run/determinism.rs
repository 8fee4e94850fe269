//! `--check-determinism`: two runs have to tell the same story, but for what differs by nature.

use sealbank_scenario::RunEvent;
use sealbank_scenario::report::json_line;

/// The story of the first run.
#[derive(Debug, Default)]
pub(super) struct Story(Vec<String>);

/// Where two stories part.
#[derive(Debug)]
pub(super) struct Difference {
    event: usize,
    first: Option<String>,
    second: Option<String>,
}

impl Story {
    /// Takes an event, without real time and serial numbers.
    pub(super) fn tell(&mut self, event: &RunEvent) {
        self.0.push(json_line(&event.without_volatile()));
    }

    /// The first event that differs, or that only one of them has.
    pub(super) fn difference(&self, other: &Self) -> Option<Difference> {
        let longest = self.0.len().max(other.0.len());
        let at = (0..longest).find(|at| self.0.get(*at) != other.0.get(*at))?;
        Some(Difference {
            event: at + 1,
            first: self.0.get(at).cloned(),
            second: other.0.get(at).cloned(),
        })
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |event: &Option<String>| event.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(
            f,
            "error: two runs differ at event {}\n  first:  {}\n  second: {}\nhelp: a case that is not the same twice can't be relied on; look at what differs",
            self.event,
            shown(&self.first),
            shown(&self.second)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(counts: &[usize]) -> Story {
        let mut story = Story::default();
        for cases in counts {
            story.tell(&RunEvent::RunStarted {
                version: 1,
                cases: *cases,
                deselected: 0,
                driver: sealbank_scenario::DriverName::Http,
                shard: None,
            });
        }
        story
    }

    #[test]
    fn the_first_event_that_differs_is_shown_of_both() {
        assert!(story(&[1, 2]).difference(&story(&[1, 2])).is_none());
        let difference = story(&[1, 2, 3]).difference(&story(&[1, 4, 5])).unwrap();
        let text = difference.to_string();
        assert!(text.contains("at event 2"), "{text}");
        assert!(
            text.contains("\"cases\":2") && text.contains("\"cases\":4"),
            "{text}"
        );
        let shorter = story(&[1]).difference(&story(&[1, 2])).unwrap().to_string();
        assert!(shorter.contains("first:  nothing"), "{shorter}");
    }
}
