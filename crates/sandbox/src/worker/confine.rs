//! What a worker takes from itself before it looks at anything.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use super::{ADDRESS_SPACE, CPU_SECONDS};

/// So many files: the pipes, the cache's.
const FILES: u64 = 64;
/// How far behind the server's own threads a worker of it stands.
const NICE: i32 = 10;

/// For good: address space, open files, no core dumps.
///
/// # Errors
/// When the kernel refuses.
pub(super) fn for_good(background: bool) -> io::Result<()> {
    let both = |limit| Rlimit { current: Some(limit), maximum: Some(limit) };
    setrlimit(Resource::As, both(ADDRESS_SPACE))?;
    setrlimit(Resource::Core, both(0))?;
    setrlimit(Resource::Nofile, both(FILES))?;
    if background {
        rustix::process::nice(NICE)?;
    }
    Ok(())
}

/// The processor time of the next job. The kernel counts that of the whole process.
///
/// # Errors
/// When the kernel refuses.
pub(super) fn for_one_job() -> io::Result<()> {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used = u64::try_from(used.tv_sec).unwrap_or(0) + 1;
    setrlimit(Resource::Cpu, Rlimit { current: Some(used + CPU_SECONDS), maximum: None })?;
    Ok(())
}
