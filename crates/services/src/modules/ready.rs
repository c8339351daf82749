//! Machine code in advance: a module that was found to load is compiled before somebody tries it.
//!
//! Compiling takes longest of all that a run does, seconds for a large module. One module at a time, behind everything
//! else; what does not fit into the queue is compiled when it is first run, as before.

use std::sync::Arc;

use marketplace_sandbox::Module;
use tokio::sync::{Mutex, Semaphore};

use crate::trial::AnyRunner;

/// Bytes of modules that may wait, in KiB.
const WAITING: usize = 64 << 10;

/// Who waits.
pub(super) struct Readying {
    room: Arc<Semaphore>,
    turn: Arc<Mutex<()>>,
}

impl Default for Readying {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(WAITING)), turn: Arc::default() }
    }
}

impl Readying {
    /// Has the module compiled, soon.
    pub(super) fn add(&self, runner: &AnyRunner, module: Module) {
        let room = u32::try_from(module.bytes().len() / 1024 + 1).unwrap_or(u32::MAX);
        let Ok(room) = self.room.clone().try_acquire_many_owned(room) else { return };
        let (turn, runner) = (self.turn.clone(), runner.clone());
        tokio::spawn(async move {
            let _turn = turn.lock().await;
            // What went wrong is said by the run that meets it.
            let _ = tokio::task::spawn_blocking(move || runner.make_ready(&module)).await;
            drop(room);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::time::Duration;

    use marketplace_sandbox::{Exchange, Limits, Modules, Report, RunError, Runner};

    use super::*;

    /// Counts, and sees whether two come at once.
    #[derive(Default)]
    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
        all: AtomicUsize,
    }

    impl Runner for Counting {
        fn run(&self, _: &Exchange, _: &Modules, _: &Limits) -> Result<Report, RunError> {
            Err(RunError::Busy)
        }

        fn make_ready(&self, _: &Module) {
            self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::sleep(Duration::from_millis(2));
            self.now.fetch_sub(1, SeqCst);
            self.all.fetch_add(1, SeqCst);
        }
    }

    #[tokio::test]
    async fn one_at_a_time_and_no_more_than_fit() {
        let (readying, counting) = (Readying::default(), Arc::new(Counting::default()));
        let runner: AnyRunner = counting.clone();
        let module = Module::new(vec![0; 10 << 20]);
        for _ in 0..20 {
            readying.add(&runner, module.clone());
        }
        // All have gone when all the room is there again.
        let _all = readying.room.acquire_many(u32::try_from(WAITING).unwrap()).await.unwrap();
        assert_eq!((counting.all.load(SeqCst), counting.most.load(SeqCst)), (6, 1));
        drop(_all);
        readying.add(&runner, module);
        let _all = readying.room.acquire_many(u32::try_from(WAITING).unwrap()).await.unwrap();
        assert_eq!(counting.all.load(SeqCst), 7, "what did not fit once does not stand in the way");
    }
}
