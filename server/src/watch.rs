//! `cargo leptos watch`: what it tells the server it starts, by variables of its own.
//!
//! It builds into a folder of its own, without hashes in the names, and tells open pages through a socket of its own to
//! load again. None of these variables is there in `make run` or in a release.

use std::path::PathBuf;
use std::sync::OnceLock;

/// Somebody who watches the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Where it writes the browser's files.
    pub site: PathBuf,
    /// The port of its socket, on this machine.
    pub reload_port: u16,
}

impl Watch {
    /// Who watches over this process; mostly nobody.
    pub fn of_this_process() -> Option<&'static Self> {
        static WATCH: OnceLock<Option<Watch>> = OnceLock::new();
        WATCH.get_or_init(|| Self::from(|name| std::env::var(name).ok())).as_ref()
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        variable("LEPTOS_WATCH").filter(|value| value == "true")?;
        Some(Self {
            site: variable("LEPTOS_SITE_ROOT")?.into(),
            reload_port: variable("LEPTOS_RELOAD_PORT")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(set: &[(&str, &str)]) -> Option<Watch> {
        Watch::from(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn only_who_says_so_watches() {
        let all = [("LEPTOS_WATCH", "true"), ("LEPTOS_SITE_ROOT", "target/site"), ("LEPTOS_RELOAD_PORT", "7421")];
        assert_eq!(with(&all), Some(Watch { site: "target/site".into(), reload_port: 7421 }));
        assert_eq!(with(&all[1..]), None);
        assert_eq!(with(&[("LEPTOS_WATCH", "false"), all[1], all[2]]), None);
        assert_eq!(with(&[all[0], all[1], ("LEPTOS_RELOAD_PORT", "a port")]), None);
    }
}
