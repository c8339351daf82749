//! Stopping: told by a signal, known everywhere.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Knows when the server stops. Streams that would never end by themselves wait for it.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Makes it stop.
#[derive(Debug)]
pub struct Trigger(watch::Sender<bool>);

/// A trigger and what it triggers.
pub fn pair() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Stops.
    pub fn stop(&self) {
        // With nobody waiting there is nobody to tell.
        let _ = self.0.send(true);
    }
}

impl Shutdown {
    /// Ends when the server stops; also when nobody is left who could stop it.
    pub async fn wait(mut self) {
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

/// Ctrl-C, and the signal by which service managers stop a program.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// From here on these signals no longer end the process by themselves. Called before anything is started that
    /// would outlive us.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them; one that came earlier counts.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
