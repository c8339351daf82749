//! Where the private database lies.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::owner::Owner;

/// A socket's path may have 107 bytes, of which `/.s.PGSQL.5432` takes 14.
const LONGEST_SOCKET_FOLDER: usize = 90;

/// Folders of one private database.
#[derive(Debug)]
pub struct Place {
    /// Everything about it; belongs to the database's account.
    pub home: PathBuf,
    /// The database's files.
    pub database: PathBuf,
    /// Where its socket is.
    pub socket: PathBuf,
}

impl Place {
    /// Makes the folders. They lie in the data folder, or, when the database's account cannot get there (a clone below
    /// `/root`, say), under `/var/lib`, with a link in the data folder that leads there.
    pub fn prepare(data_dir: &Path, owner: &Owner) -> Result<Self> {
        let inside = data_dir.join("postgres");
        let home = if owner.can_reach(data_dir) {
            inside
        } else {
            let outside = Path::new("/var/lib/plugin-marketplace").join(short_name(data_dir));
            fs::create_dir_all("/var/lib/plugin-marketplace").context("cannot make /var/lib/plugin-marketplace")?;
            if fs::symlink_metadata(&inside).is_err() {
                symlink(&outside, &inside).with_context(|| format!("cannot write {}", inside.display()))?;
            }
            outside
        };
        private_folder(&home, owner)?;
        let home = home.canonicalize()?;

        let mut socket = home.join("socket");
        if socket.as_os_str().len() > LONGEST_SOCKET_FOLDER {
            socket = Path::new("/tmp").join(format!("marketplace-{}", short_name(&home)));
        }
        private_folder(&socket, owner)?;
        Ok(Self { database: home.join("database"), socket, home })
    }

    /// The database server's own log.
    pub fn log(&self) -> PathBuf {
        self.home.join("postgres.log")
    }
}

/// A folder that only the owner can enter. One that is there already must be the owner's: in `/tmp` anybody may have
/// made it.
fn private_folder(path: &Path, owner: &Owner) -> Result<()> {
    if fs::symlink_metadata(path).is_err() {
        fs::DirBuilder::new().mode(0o700).create(path).with_context(|| format!("cannot make {}", path.display()))?;
        owner.give(path)?;
    }
    let meta = fs::symlink_metadata(path)?;
    let expected = match owner {
        Owner::Ourselves => fs::metadata("/proc/self")?.uid(),
        Owner::Other { uid, .. } => *uid,
    };
    ensure!(meta.is_dir() && meta.uid() == expected, "{} belongs to somebody else", path.display());
    if meta.mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Another name for each path, short enough for a socket.
fn short_name(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
