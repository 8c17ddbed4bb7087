//! What became of an attack.

use std::fmt;

/// What an attack gained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Refused(String),
    /// Something, within a bound.
    Bounded(String),
    /// What it was after.
    Succeeded(String),
}

impl Verdict {
    pub(super) fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded(_))
    }

    /// Bounded if the rule holds.
    pub(super) fn bounded_if(rule: Holds, figure: String) -> Self {
        match rule {
            Holds::Yes => Self::Bounded(figure),
            Holds::No => Self::Succeeded(figure),
        }
    }

    /// Refused if the rule holds.
    pub(super) fn refused_if(rule: Holds, figure: String) -> Self {
        match rule {
            Holds::Yes => Self::Refused(figure),
            Holds::No => Self::Succeeded(figure),
        }
    }
}

/// Whether a rule of the server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// An attack and what became of it: one line.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) verdict: Verdict,
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, figure) = match &self.verdict {
            Verdict::Refused(figure) => ("refused", figure),
            Verdict::Bounded(figure) => ("bounded", figure),
            Verdict::Succeeded(figure) => ("SUCCEEDED", figure),
        };
        write!(f, "{:<15} {:<52} {word:<9} {figure}", self.name, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attack_is_one_line_that_says_what_became_of_it() {
        let verdict = Verdict::bounded_if(Holds::from(2 < 1), "2 of 1".to_owned());
        assert!(verdict.succeeded());
        let line = Tried { name: "inbox", what: "texts", verdict }.to_string();
        assert!(line.starts_with("inbox") && line.contains("SUCCEEDED") && line.ends_with("2 of 1"), "{line}");
        assert!(!Verdict::refused_if(Holds::Yes, String::new()).succeeded());
    }
}
