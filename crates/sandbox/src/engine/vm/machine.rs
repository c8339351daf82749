//! The compiler and its settings: one engine per process, and the clock that ends loops.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use wasmparser::WasmFeatures;
use wasmtime::{Config, Engine, Module, OptLevel, RegallocAlgorithm, Strategy};

use crate::check::compile::SANDBOX_FEATURES;

/// How often loops are looked at.
pub(crate) const EPOCH: Duration = Duration::from_millis(5);
/// Bytes of stack for the guest; V8 gives about as much.
const WASM_STACK: usize = 1 << 20;
/// Bytes of addresses that a memory has before it must move, and again beyond each move.
const RESERVED: u64 = 32 << 20;

/// Threads that compile at most, and the stack of each.
const COMPILERS: usize = 4;
const COMPILER_STACK: usize = 4 << 20;

/// The engine of this process.
///
/// # Errors
/// When this machine's processor has no compiler in the engine.
pub(crate) fn engine() -> Result<&'static Engine, String> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&config()).map_err(|error| format!("{error:#}"))).as_ref().map_err(Clone::clone)
}

/// Winch, because its time is linear in the size of the module: an optimising compiler can be kept busy for minutes by a
/// crafted one. Features that Envoy has and this lacks are reported as the sandbox's limit, never as a refusal.
fn config() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Winch)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        // Winch leaves the ways in and out of functions to Cranelift; a module of Go has thousands of them.
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        // Backtraces of guests do without.
        .native_unwind_info(false)
        // So that whatever is compiled here is valid to the check.
        .wasm_features(WasmFeatures::all().difference(SANDBOX_FEATURES), false)
        // Small reservations, so that a chain of VMs fits the address space a worker may have.
        .memory_reservation(RESERVED)
        .memory_reservation_for_growth(RESERVED)
        .memory_guard_size(1 << 16);
    config
}

/// Makes machine code of a module, on as many processors as there are.
///
/// # Errors
/// The engine's words for what it cannot compile.
pub(crate) fn compile(engine: &Engine, bytes: &[u8]) -> Result<Module, String> {
    threads()?.install(|| Module::new(engine, bytes)).map_err(|error| format!("{error:#}"))
}

/// Does something that is for many threads.
///
/// # Errors
/// When the process can have no more threads.
pub(crate) fn on_all_processors<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    Ok(threads().map_err(io::Error::other)?.install(work))
}

/// The threads that compile, started with the first module of the process.
fn threads() -> Result<&'static ThreadPool, String> {
    static THREADS: OnceLock<Result<ThreadPool, String>> = OnceLock::new();
    let start = || {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        ThreadPoolBuilder::new()
            .num_threads(processors.min(COMPILERS))
            .stack_size(COMPILER_STACK)
            .thread_name(|n| format!("sandbox-compile-{n}"))
            .build()
            .map_err(|error| error.to_string())
    };
    THREADS.get_or_init(start).as_ref().map_err(Clone::clone)
}

/// Everything that decides what machine code looks like and whether a module gets to have any, for the key of a cache.
pub(crate) fn fingerprint(engine: &Engine) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    crate::check::REVISION.hash(&mut hasher);
    hasher.finish()
}

/// How many runs there are, and the clock's alarm.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static WAKE: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());

/// While one of these lives, the epoch of the engine goes on.
pub(crate) struct Ticking(());

impl Ticking {
    /// Starts the clock's thread with the first run of the process.
    ///
    /// # Errors
    /// When the process can have no more threads.
    pub(crate) fn start(engine: &'static Engine) -> Result<Self, String> {
        static THREAD: OnceLock<Result<(), String>> = OnceLock::new();
        THREAD
            .get_or_init(|| {
                std::thread::Builder::new()
                    .name("sandbox-epoch".to_owned())
                    .spawn(move || tick(engine))
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            })
            .clone()?;
        RUNNING.fetch_add(1, Ordering::SeqCst);
        let _held = WAKE.0.lock().unwrap_or_else(PoisonError::into_inner);
        WAKE.1.notify_all();
        Ok(Self(()))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Never ends, and sleeps while nothing runs.
fn tick(engine: &Engine) {
    loop {
        let mut held = WAKE.0.lock().unwrap_or_else(PoisonError::into_inner);
        while RUNNING.load(Ordering::SeqCst) == 0 {
            held = WAKE.1.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        drop(held);
        std::thread::sleep(EPOCH);
        engine.increment_epoch();
    }
}

/// Epochs that pass in so many milliseconds, and one more because the first may be nearly over.
pub(crate) fn epochs(ms: u64) -> u64 {
    ms.div_ceil(EPOCH.as_millis().try_into().unwrap_or(1)) + 1
}
