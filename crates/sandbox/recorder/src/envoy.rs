//! A running Envoy: its process, its log, its admin pages, and whether it has anything to do.

use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fs, str};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::configuration;
use crate::http1::{self, Framing};
use crate::wire::Reader;

/// Tells whether Envoy's worker has anything to do. What arrives wakes it before the sender goes on, so that a worker
/// who sleeps has dealt with everything.
#[derive(Clone)]
pub(crate) struct Pulse {
    stat: Arc<PathBuf>,
    dead: Arc<AtomicBool>,
}

impl Pulse {
    /// The worker sleeps, or is no more.
    pub(crate) fn is_asleep(&self) -> bool {
        let Ok(stat) = fs::read_to_string(self.stat.as_path()) else {
            self.dead.store(true, Ordering::SeqCst);
            return true;
        };
        let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        if state.starts_with(['Z', 'X']) {
            self.dead.store(true, Ordering::SeqCst);
        }
        state.starts_with(['S', 'Z', 'X'])
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.is_asleep();
        self.dead.load(Ordering::SeqCst)
    }

    /// Until the worker has nothing to do.
    pub(crate) async fn settle(&self) {
        let mut asleep = 0;
        for _ in 0..5_000 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            asleep = if self.is_asleep() { asleep + 1 } else { 0 };
            if asleep == 2 {
                return;
            }
        }
    }
}

/// See the module. It ends with the value.
pub(crate) struct Envoy {
    process: Mutex<Child>,
    folder: tempfile::TempDir,
    admin: u16,
    pub(crate) pulse: Pulse,
    level: Mutex<String>,
}

const STARTUP: Duration = Duration::from_secs(30);

impl Envoy {
    /// Starts Envoy in front of the upstream, with no listener yet.
    pub(crate) async fn start(binary: &Path, upstream: u16) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("recorder-").tempdir()?;
        let file = |name: &str| folder.path().join(name);
        fs::write(file("lds.json"), r#"{"resources": []}"#)?;
        fs::write(file("cds.json"), r#"{"resources": []}"#)?;
        fs::write(file("envoy.json"), configuration::bootstrap(upstream, folder.path()).to_string())?;
        let process = Command::new(binary)
            .arg("-c")
            .arg(file("envoy.json"))
            .arg("--admin-address-path")
            .arg(file("admin"))
            .args(["--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warn"])
            .args(["--component-log-level", "wasm:info", "--log-format", crate::log::FORMAT])
            .args(["--drain-time-s", "0", "--drain-strategy", "immediate"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(file("log"))?)
            .process_group(0)
            .spawn()?;
        let pulse = Pulse { stat: Arc::default(), dead: Arc::default() };
        let level = Mutex::new("info".to_owned());
        let mut envoy = Self { process: Mutex::new(process), folder, admin: 0, pulse, level };
        envoy.wait().await?;
        Ok(envoy)
    }

    async fn wait(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + STARTUP;
        while Instant::now() < deadline {
            if self.has_ended() {
                return Err(io::Error::other(format!("Envoy ended:\n{}", String::from_utf8_lossy(&self.log_from(0)))));
            }
            if let Some(port) = self.read_admin_port() {
                self.admin = port;
                let seen = self.admin("GET", "/stats?filter=lds.update_success").await.unwrap_or_default();
                let ready = seen.trim().rsplit(": ").next().is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0));
                if ready && let Some(stat) = self.worker() {
                    self.pulse = Pulse { stat: Arc::new(stat), dead: Arc::default() };
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(io::Error::other("Envoy did not start"))
    }

    fn pid(&self) -> u32 {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    fn worker(&self) -> Option<PathBuf> {
        let pid = self.pid();
        // Behind a wrapper it is the child's.
        let mut pids = vec![pid];
        if let Ok(children) = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
            pids.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        let threads = pids.into_iter().filter_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok()).flatten();
        threads.flatten().map(|thread| thread.path()).find_map(|thread| {
            let name = fs::read_to_string(thread.join("comm")).ok()?;
            name.starts_with("wrk:").then(|| thread.join("stat"))
        })
    }

    pub(crate) fn has_ended(&self) -> bool {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(process.try_wait(), Ok(None))
    }

    fn read_admin_port(&self) -> Option<u16> {
        let address = fs::read_to_string(self.folder.path().join("admin")).ok()?;
        address.trim().rsplit(':').next()?.parse().ok()
    }

    /// An admin page.
    pub(crate) async fn admin(&self, method: &str, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin)).await?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: admin\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut reader = Reader::new(stream);
        reader.line().await?;
        let headers = http1::fields(&mut reader).await?;
        let payload = http1::payload(&mut reader, http1::framing(&headers, Framing::Close), |_| {}).await?;
        Ok(String::from_utf8_lossy(&payload.body).into_owned())
    }

    /// The level of Wasm's log lines.
    pub(crate) async fn set_level(&self, level: &str) -> io::Result<()> {
        let known = { self.level.lock().unwrap_or_else(PoisonError::into_inner).clone() };
        if known != level {
            let word = if level == "warn" { "warning" } else { level };
            self.admin("POST", &format!("/logging?wasm={word}")).await?;
            level.clone_into(&mut self.level.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(())
    }

    /// Puts a file of resources in place; Envoy watches for the move.
    pub(crate) fn write(&self, name: &str, resources: &Value) -> io::Result<()> {
        let new = self.folder.path().join(format!("{name}.new"));
        fs::write(&new, resources.to_string())?;
        fs::rename(&new, self.folder.path().join(format!("{name}.json")))
    }

    /// How long the log is now.
    pub(crate) fn log_length(&self) -> u64 {
        fs::metadata(self.folder.path().join("log")).map_or(0, |log| log.len())
    }

    /// The log behind that place.
    pub(crate) fn log_from(&self, from: u64) -> Vec<u8> {
        let mut text = Vec::new();
        if let Ok(mut file) = fs::File::open(self.folder.path().join("log"))
            && file.seek(SeekFrom::Start(from)).is_ok()
        {
            // What could not be read is not there.
            let _ = file.read_to_end(&mut text);
        }
        text
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let group = format!("-{}", process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = process.kill();
        let _ = process.wait();
    }
}
