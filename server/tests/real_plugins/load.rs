//! Steady requests, of which none may be lost.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;

/// What has no answer by then is lost.
const PATIENCE: Duration = Duration::from_secs(15);

/// Clients that ask one after the other until they are told to stop.
pub struct Load {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
    wrong: Arc<Mutex<Vec<String>>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many clients; `ask` says what was wrong with an answer. A request that failed is not sent again.
    pub fn start<F>(clients: usize, ask: impl Fn(reqwest::Client) -> F + Clone + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send,
    {
        let (stop, count, wrong) = (Arc::<AtomicBool>::default(), Arc::default(), Arc::default());
        let clients = (0..clients).map(|_| {
            let (stop, count, wrong, ask) = (stop.clone(), Arc::clone(&count), Arc::clone(&wrong), ask.clone());
            tokio::spawn(async move {
                // Each request has a connection of its own: none is silently repeated on another.
                let client =
                    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(PATIENCE).build().unwrap();
                while !stop.load(Ordering::Relaxed) {
                    if let Err(why) = ask(client.clone()).await {
                        let wrong: &Mutex<Vec<String>> = &wrong;
                        wrong.lock().unwrap().push(why);
                    }
                    let count: &AtomicUsize = &count;
                    count.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        });
        Self { clients: clients.collect(), stop, count, wrong }
    }

    /// How many answers there were.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Ends it. How many answers there were, and what was wrong with some.
    pub async fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        let wrong = self.wrong.lock().unwrap().clone();
        (self.count.load(Ordering::Relaxed), wrong)
    }
}
