//! 発行: the administrator's permission to retrieve, and what became of it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::session::SessionId;

/// Counts a subscriber's grants: +1 at each 発行, 再発行（初期化） and renewal; never goes back (V9).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(u32);

impl Generation {
    /// Before the first grant.
    pub const NONE: Self = Self(0);

    /// The generation after this one.
    #[must_use]
    pub fn next(self) -> Self {
        // Four thousand million grants of one subscriber are out of any bank's reach.
        Self(self.0.saturating_add(1))
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The grant of a subscriber (procedure 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Grant {
    /// Never granted.
    None,
    /// Granted, waiting for the user's 取得.
    Ready {
        /// Of this generation.
        generation: Generation,
        /// 取得期限: the last moment at which it can be claimed.
        #[serde(with = "time::serde::timestamp::option")]
        deadline: Option<OffsetDateTime>,
    },
    /// A retrieval session holds it.
    Claimed {
        /// Of this generation.
        generation: Generation,
        /// The session that holds it.
        session: SessionId,
        /// What it returns to when the retrieval is given up.
        origin: ClaimOrigin,
    },
    /// A certificate of this generation was recorded.
    Consumed {
        /// Of this generation.
        generation: Generation,
    },
    /// Its deadline passed unused.
    Lapsed {
        /// Of this generation.
        generation: Generation,
    },
    /// Withdrawn: by 失効, 登録抹消, or a cancellation that burns it.
    Void {
        /// Of this generation.
        generation: Generation,
    },
}

/// Where a claimed grant came from, and so what it returns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClaimOrigin {
    /// From 発行 or 再発行: back to `Ready`.
    Granted {
        /// Its deadline.
        #[serde(with = "time::serde::timestamp::option")]
        deadline: Option<OffsetDateTime>,
    },
    /// From 更新 (T20), or from the grace after expiry: back to the consumed grant before.
    Renewal {
        /// The generation of the certificate that is renewed.
        previous: Generation,
    },
}

impl Grant {
    /// The generation it speaks of.
    #[must_use]
    pub fn generation(&self) -> Generation {
        match *self {
            Self::None => Generation::NONE,
            Self::Ready { generation, .. }
            | Self::Claimed { generation, .. }
            | Self::Consumed { generation }
            | Self::Lapsed { generation }
            | Self::Void { generation } => generation,
        }
    }

    /// The grant as it was before it was claimed; other grants are themselves.
    #[must_use]
    pub fn released(self) -> Self {
        match self {
            Self::Claimed {
                generation,
                origin: ClaimOrigin::Granted { deadline },
                ..
            } => Self::Ready {
                generation,
                deadline,
            },
            Self::Claimed {
                origin: ClaimOrigin::Renewal { previous },
                ..
            } => Self::Consumed {
                generation: previous,
            },
            other => other,
        }
    }

    /// The glossary's word for its state, without its data.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ready { .. } => "ready",
            Self::Claimed { .. } => "claimed",
            Self::Consumed { .. } => "consumed",
            Self::Lapsed { .. } => "lapsed",
            Self::Void { .. } => "void",
        }
    }
}
