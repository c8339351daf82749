//! One worker, seen from outside: asked with a deadline, and killed when it does not keep it.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::message::{Answer, Request};
use super::pool::Options;
use super::{ADDRESS_SPACE, CPU_SECONDS, DEADLINE, frame};

/// What a pipe to a worker holds: what Linux lets anybody ask for.
const PIPE_BYTES: usize = 1 << 20;

/// A living worker.
pub(super) struct Worker {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// Jobs it was given.
    pub(super) jobs: u32,
}

/// A worker that is no more, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Death {
    /// It did not answer in time, and was killed.
    Deadline,
    /// It used up its processor time.
    Processor,
    /// It ended itself, as a process does that gets no more memory.
    Memory,
    /// Anything else a guest could be at the bottom of.
    Crash(String),
    /// It ended by itself, which a worker does only when something of ours is wrong.
    Fault(String),
}

impl Death {
    /// The limit that a report names, with its value.
    pub(super) fn limit(&self) -> (&'static str, serde_json::Value) {
        match self {
            Self::Deadline => ("worker_wall_ms", u64::try_from(DEADLINE.as_millis()).unwrap_or(u64::MAX).into()),
            Self::Processor => ("worker_cpu_ms", (CPU_SECONDS * 1000).into()),
            Self::Memory => ("worker_memory_bytes", ADDRESS_SPACE.into()),
            Self::Crash(words) | Self::Fault(words) => ("worker_crash", words.clone().into()),
        }
    }
}

impl Worker {
    /// Starts one.
    ///
    /// # Errors
    /// When there is no such program, or the machine can have no more processes.
    pub(super) fn start(options: &Options) -> io::Result<Self> {
        let mut process = Command::new(&options.program)
            .args(&options.args)
            .env_clear()
            // Each arena of the C library's allocator takes 64 MiB of the address space that is counted.
            .env("MALLOC_ARENA_MAX", "2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("a worker without pipes"));
        };
        // Fewer changes from one process to the other for a module; without it, they take turns more often.
        let _ = rustix::pipe::fcntl_setpipe_size(&input, PIPE_BYTES);
        rustix::io::ioctl_fionbio(&input, true)?;
        rustix::io::ioctl_fionbio(&output, true)?;
        Ok(Self { process, input, output, jobs: 0 })
    }

    /// Asks and waits for the answer.
    ///
    /// # Errors
    /// The worker is dead then.
    pub(super) fn ask(&mut self, request: &Request, body: &[u8]) -> Result<(Answer, Vec<u8>), Death> {
        self.jobs += 1;
        let until = Instant::now() + DEADLINE;
        let asked = frame::send(&mut Timed { pipe: &self.input, until }, request, body);
        let answered = asked.and_then(|()| frame::receive(&mut Timed { pipe: &self.output, until }));
        answered.map_err(|error| self.bury(&error))
    }

    /// Gives it something that is not answered.
    ///
    /// # Errors
    /// The worker is dead then.
    pub(super) fn give(&mut self, request: &Request, body: &[u8]) -> Result<(), Death> {
        let until = Instant::now() + DEADLINE;
        let given = frame::send(&mut Timed { pipe: &self.input, until }, request, body);
        given.map_err(|error| self.bury(&error))
    }

    fn bury(&mut self, error: &io::Error) -> Death {
        if error.kind() == io::ErrorKind::TimedOut {
            let _ = self.process.kill();
            let _ = self.process.wait();
            return Death::Deadline;
        }
        // A pipe that broke is the end of the process, or else the worker sends nonsense and has to end.
        if error.kind() == io::ErrorKind::InvalidData || !self.ends_soon() {
            let _ = self.process.kill();
            let _ = self.process.wait();
            return Death::Crash(error.to_string());
        }
        match self.process.wait() {
            Ok(status) => cause(status),
            Err(error) => Death::Fault(error.to_string()),
        }
    }

    fn ends_soon(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        false
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Numbers of signals are the same on every Linux we build for.
fn cause(status: ExitStatus) -> Death {
    match status.signal() {
        Some(24) => Death::Processor,
        // An allocation that fails ends the process by SIGABRT; SIGKILL that is not ours is the kernel's, short of memory.
        Some(6 | 9) => Death::Memory,
        Some(signal) => Death::Crash(format!("signal {signal}")),
        None => Death::Fault(format!("a worker of the sandbox ended by itself: {status}")),
    }
}

/// One end of a pipe, read or written until a deadline.
struct Timed<'a, T> {
    pipe: &'a T,
    until: Instant,
}

impl<T: AsFd> Timed<'_, T> {
    fn wait(&self, flags: PollFlags) -> io::Result<()> {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let left = Timespec { tv_sec: left.as_secs().try_into().unwrap_or(1), tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(self.pipe, flags)], Some(&left)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Read for Timed<'_, ChildStdout> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match rustix::io::read(self.pipe, &mut *room) {
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::IN)?,
                Err(rustix::io::Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }
}

impl Write for Timed<'_, ChildStdin> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match rustix::io::write(self.pipe, bytes) {
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::OUT)?,
                Err(rustix::io::Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
