//! A private PostgreSQL server under our data folder, for those who give no `DATABASE_URL`.
//!
//! It listens on a socket only, in a folder that only its owner may enter, so everyone who gets there is trusted.
//! PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody` ([`owner`]). It outlives us if we are killed;
//! the next start finds it and takes it over. A lock makes sure that two of us never share one.

mod owner;
mod place;
mod programs;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use self::owner::Owner;
use self::place::Place;
use self::programs::Programs;

/// Who we are inside the database.
const ROLE: &str = "marketplace";

/// How long a server may take to start, after an unclean end for instance; seconds.
const PATIENCE: &str = "120";

/// A running private server.
#[derive(Debug)]
pub struct Private {
    place: Place,
    programs: Programs,
    owner: Owner,
    /// Held as long as we run.
    _lock: File,
}

impl Private {
    /// Starts it, or takes over the one that an earlier run left behind.
    pub async fn start(data_dir: &Path) -> Result<Self> {
        fs::create_dir_all(data_dir).with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
        let data_dir = data_dir.canonicalize()?;
        let lock = lock(&data_dir)?;
        let programs = Programs::find()?;
        let owner = Owner::choose()?;
        let place = Place::prepare(&data_dir, &owner)?;
        let private = Self { place, programs, owner, _lock: lock };

        if !private.place.database.join("PG_VERSION").is_file() {
            private.make().await?;
        }
        private.forget_the_dead().await?;
        if private.is_running().await? {
            tracing::info!("taking over the private database that an earlier run left running");
        } else {
            private.launch().await?;
        }
        Ok(private)
    }

    /// Its address.
    pub fn url(&self) -> String {
        let socket: String =
            url::form_urlencoded::byte_serialize(self.place.socket.as_os_str().as_encoded_bytes()).collect();
        format!("postgres://{ROLE}@localhost/postgres?host={socket}")
    }

    /// Stops it; what was committed is safe.
    pub async fn stop(self) -> Result<()> {
        self.run(self.pg_ctl("stop").args(["-m", "fast", "-w", "-t", PATIENCE])).await
    }

    /// Makes the database files. In a folder beside the final one, so that half a database is never taken for one.
    async fn make(&self) -> Result<()> {
        tracing::info!(folder = %self.place.database.display(), "making a private database");
        let unfinished = self.place.database.with_extension("new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        // Trigrams know letters beyond ASCII only under a locale that does; this one is on every machine.
        let mut initdb = self.command("initdb");
        initdb.args(["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--username", ROLE, "--pgdata"]);
        self.run(initdb.arg(&unfinished)).await?;
        fs::rename(&unfinished, &self.place.database).context("cannot move the new database to its place")
    }

    async fn launch(&self) -> Result<()> {
        let socket = self.place.socket.display();
        let settings =
            format!("-c listen_addresses='' -c unix_socket_directories='{socket}' -c unix_socket_permissions=0700");
        let log = self.place.log();
        let started =
            self.run(self.pg_ctl("start").args(["-w", "-t", PATIENCE, "-o", &settings, "-l"]).arg(&log)).await;
        started.with_context(|| format!("the private database does not start; {} says why", log.display()))
    }

    async fn is_running(&self) -> Result<bool> {
        let status = self.pg_ctl("status").stdout(Stdio::null()).stderr(Stdio::null()).status().await?;
        Ok(status.success())
    }

    /// Removes the locks of a server that is gone. PostgreSQL does this itself, unless something has the number of the
    /// dead process by now: another program, as is likely where a container starts again, or the dead process itself,
    /// where nobody buries processes.
    async fn forget_the_dead(&self) -> Result<()> {
        let file = self.place.database.join("postmaster.pid");
        for _ in 0..100 {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if text.lines().next().is_some_and(|pid| self.lives_here(Path::new("/proc").join(pid.trim()))) {
                return Ok(());
            }
            // Without their parent its children end by themselves. Before that nobody else may touch the files.
            if !self.is_inhabited()? {
                for stale in [file, self.place.socket.join(".s.PGSQL.5432.lock")] {
                    if stale.exists() {
                        fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
                    }
                }
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("parts of a database server that is gone still use {}", self.place.database.display())
    }

    /// Whether a process works on our database: PostgreSQL's processes stay in the folder with their files. A dead one
    /// is nowhere.
    fn lives_here(&self, process: PathBuf) -> bool {
        fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == self.place.database)
    }

    fn is_inhabited(&self) -> Result<bool> {
        Ok(fs::read_dir("/proc")?.flatten().any(|entry| self.lives_here(entry.path())))
    }

    fn pg_ctl(&self, what: &str) -> Command {
        let mut command = self.command("pg_ctl");
        command.args(["--silent", what, "-D"]).arg(&self.place.database);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.path(program));
        self.owner.apply(&mut command);
        // A group of its own: Ctrl-C in the terminal is for us, and we stop the database when the last page is out.
        command.process_group(0).stdin(Stdio::null()).current_dir(&self.place.home).env_remove("PGDATA");
        command
    }

    async fn run(&self, command: &mut Command) -> Result<()> {
        // Not a pipe: the database inherits it and would keep it open.
        let said = tempfile(&self.place.home)?;
        let status = command.stdout(said.try_clone()?).stderr(said.try_clone()?).status().await?;
        if !status.success() {
            bail!("{:?} ended with {status}: {}", command.as_std().get_program(), text_of(said)?);
        }
        Ok(())
    }
}

/// One of us for each data folder. The lock goes with the process, however it ends.
fn lock(data_dir: &Path) -> Result<File> {
    let path: PathBuf = data_dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another marketplace uses the data folder {}. Stop it, or start this one with another --data-dir.",
            data_dir.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

/// A file without a name, for what a program says.
fn tempfile(folder: &Path) -> Result<File> {
    let path = folder.join(format!(".said-{}", uuid::Uuid::new_v4().simple()));
    let file = File::options().create_new(true).read(true).append(true).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

fn text_of(mut file: File) -> Result<String> {
    use std::io::{Read, Seek};
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}
