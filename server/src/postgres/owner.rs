//! Who runs the database: we ourselves, or somebody without rights when we are root.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};
use tokio::process::Command;

/// The account of the database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Ours.
    Ourselves,
    /// Another one, because we are root.
    Other {
        /// User.
        uid: u32,
        /// Group.
        gid: u32,
    },
}

impl Owner {
    /// Chooses by who we are and by the accounts of this machine.
    pub fn choose() -> Result<Self> {
        let us = fs::metadata("/proc/self").context("cannot tell who we are")?.uid();
        if us != 0 {
            return Ok(Self::Ourselves);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read the accounts of this machine")?;
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| account(&accounts, name))
            .context("we are root, as which PostgreSQL refuses to run, and there is no account postgres or nobody")
    }

    /// Lets a command run as this account.
    pub fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a file or folder to this account.
    pub fn give(self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid } = self {
            std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} to the database's account", path.display()))?;
        }
        Ok(())
    }

    /// Whether this account can get to a folder: it must be allowed through every folder above it.
    pub fn can_reach(self, folder: &Path) -> bool {
        let Self::Other { uid, .. } = self else { return true };
        let passes = |meta: fs::Metadata| meta.mode() & 0o001 != 0 || (meta.uid() == uid && meta.mode() & 0o100 != 0);
        folder.ancestors().all(|above| fs::metadata(above).is_ok_and(passes))
    }
}

/// An account's numbers by its name, from the text of `/etc/passwd`.
fn account(accounts: &str, name: &str) -> Option<Owner> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let mut fields = fields.skip(1);
        Some(Owner::Other { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_accounts() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104::/var/lib/postgresql:/bin/bash\nbad:x\n";
        assert_eq!(account(accounts, "postgres"), Some(Owner::Other { uid: 101, gid: 104 }));
        assert_eq!(account(accounts, "post"), None);
        assert_eq!(account(accounts, "bad"), None);
    }
}
