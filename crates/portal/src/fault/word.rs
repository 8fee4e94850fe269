//! Words that are written in kebab-case, in scenarios and to the control listener; one list for reading and writing.

/// A word that names nothing of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {kind}; write one of {}", known.join(", "))]
pub struct UnknownWord {
    /// What was looked for.
    pub kind: &'static str,
    /// What was written, shortened where it is very long.
    pub found: String,
    /// What could have been written.
    pub known: Vec<&'static str>,
}

impl UnknownWord {
    pub(crate) fn new(kind: &'static str, found: &str, known: Vec<&'static str>) -> Self {
        Self {
            kind,
            found: found.chars().take(60).collect(),
            known,
        }
    }
}

/// An enumeration whose members each have one word.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident, $kind:literal {
            $( $(#[$member_meta:meta])* $member:ident = $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$member_meta])* $member, )+
        }

        impl $name {
            /// All of them, in the order of the procedure.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// Its word, in kebab-case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::fault::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut all = Self::ALL.iter();
                all.find(|member| member.as_str() == text).copied().ok_or_else(|| {
                    let known = Self::ALL.iter().map(|member| member.as_str()).collect();
                    $crate::fault::UnknownWord::new($kind, text, known)
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use words;
