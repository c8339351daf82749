//! Stopping: told by a signal, known everywhere.

use tokio::signal::unix::{SignalKind, signal};
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

/// Waits for Ctrl-C or for the signal by which service managers stop a program.
pub async fn signalled() -> std::io::Result<&'static str> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    })
}
