//! `interrupt: { at, how }`.

use sealbank_bank::RevocationReason;
use sealbank_workstation::Point;

use super::Reader;
use crate::model::{AdministratorAct, How, Interruption, SecondWindow};
use crate::node::{Node, Value};
use crate::source::At;

/// Ways that need nothing more said.
pub(super) const PLAIN: [(&str, How); 12] = [
    ("back", How::Back),
    ("refresh", How::Refresh),
    ("close-browser", How::CloseBrowser),
    ("power-off", How::PowerOff),
    ("cancel", How::Cancel),
    ("close", How::Close),
    ("double-click", How::DoubleClick),
    ("second-tab", How::SecondTab),
    ("second-pc", How::SecondPc),
    ("wait", How::Wait),
    ("restart-bank", How::RestartBank),
    ("lose-network", How::LoseNetwork),
];
pub(super) const WITH_VALUE: [&str; 3] = ["log-on-as", "switch-os-user", "admin"];

impl Reader<'_> {
    pub(super) fn interruption(&self, node: &Node) -> Option<Interruption> {
        let fields = self.fields(node, "an interruption", &["at", "how"])?;
        let at = self.needed(&fields, "at", "delivered");
        let at = at.and_then(|node| self.point(node));
        let how = self.needed(&fields, "how", "power-off");
        let how = how.and_then(|node| self.how(node));
        Some(Interruption { at: at?, how: how? })
    }

    pub(super) fn point(&self, node: &Node) -> Option<At<Point>> {
        let mut table: Vec<(&str, Point)> = Point::ALL
            .iter()
            .map(|point| (point.name(), *point))
            .collect();
        // The moment between request and answer is also the one in which the bank signs.
        table.push(("signed", Point::RequestSent));
        self.word(node, "point of the retrieval", &table)
    }

    pub(super) fn how(&self, node: &Node) -> Option<At<How>> {
        let node = self.resolved(node);
        let Value::Map(entries) = &node.value else {
            let words: Vec<(&str, How)> = PLAIN.to_vec();
            return self.word(node, "way to interrupt", &words);
        };
        let [(key, value)] = entries.as_slice() else {
            let mend = "write one of log-on-as, switch-os-user, admin with its value";
            return self.wrong(node, "one way to interrupt", mend);
        };
        let how = match key.value.as_str() {
            "log-on-as" => self.log_on_as(value)?,
            "switch-os-user" => How::SwitchOsUser {
                to: self.os_profile(value)?,
            },
            "admin" => How::Administrator(self.administrator_interferes(value)?),
            _ => {
                let known = PLAIN.iter().map(|(word, _)| *word).chain(WITH_VALUE);
                self.unknown(key, "there is no way to interrupt", known);
                return None;
            }
        };
        Some(At {
            value: how,
            span: node.span.clone(),
        })
    }

    fn log_on_as(&self, node: &Node) -> Option<How> {
        let written = self.resolved(node);
        if written.variable().is_some() || matches!(written.value, Value::Person(_)) {
            return Some(How::LogOnAs {
                who: self.person(node)?.value,
                window: SecondWindow::Same,
            });
        }
        let fields = self.fields(node, "log-on-as", &["who", "in"])?;
        let who = self.needed(&fields, "who", "$hanako")?;
        let windows = [
            ("same-window", SecondWindow::Same),
            ("new-window", SecondWindow::New),
        ];
        let window = match fields.get("in") {
            Some(node) => self.word(node, "window", &windows)?.value,
            None => SecondWindow::Same,
        };
        Some(How::LogOnAs {
            who: self.person(who)?.value,
            window,
        })
    }

    fn administrator_interferes(&self, node: &Node) -> Option<AdministratorAct> {
        let acts = [
            ("reinitialize", AdministratorAct::Reinitialize),
            (
                "revoke",
                AdministratorAct::Revoke(RevocationReason::Unspecified),
            ),
            ("stop", AdministratorAct::Stop),
            ("deregister", AdministratorAct::Deregister),
        ];
        Some(self.word(node, "act of the administrator", &acts)?.value)
    }
}
