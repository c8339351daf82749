//! The threads that share what takes long: validating, compiling, digesting.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// So many threads at most.
const MOST: usize = 4;
/// Bytes of stack of each.
const STACK: usize = 4 << 20;
/// For modules of fewer bytes, threads take longer to start than they save.
pub(crate) const WORTH_IT: usize = 256 << 10;

/// Does work that deals itself out to as many threads as there are processors. They are started with the first of it.
pub(crate) fn share<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match threads() {
        Some(threads) => threads.install(work),
        None => work(),
    }
}

fn threads() -> Option<&'static ThreadPool> {
    static THREADS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let start = || {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        ThreadPoolBuilder::new().num_threads(processors.min(MOST)).stack_size(STACK).build().ok()
    };
    THREADS.get_or_init(start).as_ref()
}
