//! One Envoy with everything around it: takes a case, gives Envoy's answer.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use marketplace_sandbox::exchange::{Callout, CalloutFail, CalloutReply, FailStrategy, Plugin, Step, UpstreamFail};
use marketplace_sandbox::report::Outcome;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::answer::{self, Answer, Exchanged, Loaded, Received};
use crate::case::Case;
use crate::client::{Client, Seen};
use crate::configuration::{self, Cluster};
use crate::envoy::Envoy;
use crate::server::{self, Stage};
use crate::tls::Tls;
use crate::wire::Wire;

mod reading;
mod stats;

/// How long nothing must happen until it is a hang, beside what the case itself waits for.
const PATIENCE: Duration = Duration::from_millis(90);
/// A listener that is neither there nor refused by then is an error of ours.
const LOADING: Duration = Duration::from_secs(30);
/// Envoy's back-off, which it makes longer by chance.
const RELOADING: Duration = Duration::from_millis(1_700);
/// Cases that one Envoy serves before another takes its place, so that nothing piles up.
const CASES: usize = 400;

/// What came of a case.
#[derive(Debug)]
pub enum Recorded {
    /// Envoy's answer.
    Answer(Box<Answer>),
    /// This bench cannot play it, and why.
    NotPlayed(&'static str),
}

/// See the module.
pub struct Bench {
    binary: PathBuf,
    running: Option<Running>,
    cases: usize,
}

struct Running {
    envoy: Envoy,
    stage: Arc<Stage>,
    upstream: Door,
    /// Bound, and nobody listens.
    refusing: Door,
    clusters: Vec<Cluster>,
    served: usize,
    /// A case has left something that all VMs of the process share.
    used: bool,
}

/// A port of ours that can be opened and closed.
struct Door {
    port: u16,
    shut: Option<TcpSocket>,
    open: Option<JoinHandle<()>>,
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(task) = self.open.take() {
            task.abort();
        }
    }
}

impl Door {
    fn new() -> io::Result<Self> {
        let socket = bound(0)?;
        Ok(Self { port: socket.local_addr()?.port(), shut: Some(socket), open: None })
    }

    fn open(&mut self, stage: &Arc<Stage>) -> io::Result<()> {
        if let Some(socket) = self.shut.take() {
            let listener = socket.listen(64)?;
            self.open = Some(tokio::spawn(server::serve(listener, Arc::clone(stage), None, false)));
        }
        Ok(())
    }

    async fn shut(&mut self) -> io::Result<()> {
        if let Some(task) = self.open.take() {
            task.abort();
            // It was aborted: that is all it can say.
            let _ = task.await;
            self.shut = Some(bound(self.port)?);
        }
        Ok(())
    }
}

fn bound(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    Ok(socket)
}

/// What ends with the case: the servers of its callouts.
struct Servers(Vec<JoinHandle<()>>);

impl Drop for Servers {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Bench {
    /// With this Envoy, which is started when the first case comes.
    #[must_use]
    pub fn new(binary: &Path) -> Self {
        Self { binary: binary.to_owned(), running: None, cases: 0 }
    }

    async fn running(&mut self, fresh: bool) -> io::Result<Running> {
        if let Some(running) = self.running.take()
            && !running.envoy.has_ended()
            && running.served < CASES
            && !(fresh && running.used)
        {
            return Ok(running);
        }
        let (mut upstream, refusing) = (Door::new()?, Door::new()?);
        let envoy = Envoy::start(&self.binary, upstream.port).await?;
        let stage = Arc::new(Stage::new(envoy.pulse.clone()));
        upstream.open(&stage)?;
        Ok(Running { envoy, stage, upstream, refusing, clusters: Vec::new(), served: 0, used: false })
    }

    /// Envoy's answer to the case. With `trace`, calls are recorded: at the case's own level that needs level `trace`.
    /// `patience`: how much longer than usual the case may be quiet and still go on, for its timers.
    ///
    /// # Errors
    /// When Envoy cannot be started or does not do what it should.
    pub async fn record(&mut self, case: &Case, trace: bool, patience: Duration) -> io::Result<Recorded> {
        if let Some(why) = not_played(case) {
            return Ok(Recorded::NotPlayed(why));
        }
        let shares = shares(case);
        let mut running = self.running(shares).await?;
        running.used |= shares;
        self.cases += 1;
        running.served += 1;
        let answer = running.case(case, &format!("case{}", self.cases), trace, PATIENCE + patience).await?;
        if answer.outcome != Outcome::CrashedEnvoy {
            self.running = Some(running);
        }
        Ok(Recorded::Answer(Box::new(answer)))
    }
}

/// Numbers of queues and of shared values are counted in the whole process.
fn shares(case: &Case) -> bool {
    ["proxy_register_shared_queue", "proxy_set_shared_data"].into_iter().any(|function| case.may_call(function))
}

fn not_played(case: &Case) -> Option<&'static str> {
    let exchange = &case.exchange;
    let mut lists = exchange.before.iter().map(|step| &step.callouts).chain([&exchange.callouts]);
    if exchange.mtls.as_ref().is_some_and(|mtls| mtls.local.is_empty()) {
        Some("a listener's certificate without a name, which Envoy refuses")
    } else if !exchange.properties.is_empty() {
        Some("properties")
    } else if lists.any(|list| list.iter().any(|entry| is_mixed(list, entry))) {
        Some("a cluster of callouts that refuses some connections and not others, or has HTTP and gRPC")
    } else {
        None
    }
}

fn is_mixed(list: &[Callout], entry: &Callout) -> bool {
    let refuses = |entry: &Callout| entry.fail == Some(CalloutFail::Connect);
    let is_grpc = |entry: &Callout| matches!(entry.reply, CalloutReply::Grpc { .. });
    let same = list.iter().filter(|other| other.cluster == entry.cluster);
    same.into_iter().any(|other| refuses(other) != refuses(entry) || is_grpc(other) != is_grpc(entry))
}

impl Running {
    async fn case(&mut self, case: &Case, name: &str, trace: bool, patience: Duration) -> io::Result<Answer> {
        let level = if trace { "trace" } else { case.exchange.log_level.word() };
        self.envoy.set_level(level).await?;
        let _servers = self.clusters(case).await?;
        let vm_ids: Vec<String> = case
            .exchange
            .plugins
            .iter()
            .map(|plugin| if plugin.vm_id.is_empty() { name.to_owned() } else { format!("{name}-{}", plugin.vm_id) })
            .collect();
        // Plugins may call out while they start.
        if let Some((first, _)) = steps(case).first() {
            self.stage.begin(&first.upstream, &first.callouts);
        }
        let earlier = self.envoy.stats(case).await?;
        let begin = self.envoy.log_length();
        let tls = case.exchange.mtls.as_ref().map(Tls::new).transpose()?;
        let socket = tls.as_ref().map(Tls::socket);
        self.envoy.write("lds", &configuration::listeners(name, case, &vm_ids, socket))?;
        let port = self.listener(name).await?;
        self.stage.pulse.settle().await;
        let reading = reading::Reading::new(case, &vm_ids);
        let Some(port) = port else {
            return Ok(reading.refused(&self.envoy.log_from(begin)));
        };
        let reloads = |plugin: &Plugin| plugin.fail_strategy == FailStrategy::FailReload;
        let plugins = &case.exchange.plugins;
        // Also one that died because of another that shares its VM.
        let may_be_dead = !case.exchange.before.is_empty() || plugins.len() > 1;
        if may_be_dead && plugins.iter().any(reloads) {
            // So soon after loading Envoy would not load it again.
            tokio::time::sleep(RELOADING).await;
        }
        let loaded = self.envoy.stats(case).await?;
        let first = self.envoy.log_length();
        let mut exchanges = Vec::new();
        let mut end = None;
        for (step, after_ms) in steps(case) {
            let (exchanged, stopped) = self.exchange(port, tls.as_ref(), &step, after_ms, patience).await?;
            let crashed = exchanged.outcome == Outcome::CrashedEnvoy;
            exchanges.push(exchanged);
            end = stopped;
            if crashed {
                break;
            }
        }
        let log = self.envoy.log_from(begin);
        let at = |place: u64| usize::try_from(place - begin).unwrap_or(usize::MAX).min(log.len());
        let end = at(end.unwrap_or(begin + log.len() as u64));
        let mut answer = reading.exchanged(&log[..at(first)], &log[at(first).min(end)..end], trace, exchanges);
        if answer.outcome != Outcome::CrashedEnvoy {
            answer.metrics = stats::since(&earlier, &loaded, &self.envoy.stats(case).await?);
        }
        Ok(answer)
    }

    /// The case's clusters, with somebody behind each.
    async fn clusters(&mut self, case: &Case) -> io::Result<Servers> {
        let mut servers = Servers(Vec::new());
        let mut clusters: Vec<Cluster> = Vec::new();
        for entry in all_callouts(case) {
            if clusters.iter().any(|known| known.name == entry.cluster) {
                continue;
            }
            let grpc = matches!(entry.reply, CalloutReply::Grpc { .. });
            let port = if entry.fail == Some(CalloutFail::Connect) {
                self.refusing.port
            } else {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                let port = listener.local_addr()?.port();
                let serve = server::serve(listener, Arc::clone(&self.stage), Some(entry.cluster.clone()), grpc);
                servers.0.push(tokio::spawn(serve));
                port
            };
            clusters.push(Cluster { name: entry.cluster.clone(), port, grpc });
        }
        if clusters != self.clusters {
            let before = self.envoy.counter("cluster_manager.cds.update_success").await?;
            self.envoy.write("cds", &configuration::clusters(&clusters))?;
            let deadline = Instant::now() + LOADING;
            while self.envoy.counter("cluster_manager.cds.update_success").await? == before {
                if Instant::now() > deadline {
                    return Err(io::Error::other("Envoy did not take the clusters"));
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            self.stage.pulse.settle().await;
            self.clusters = clusters;
        }
        Ok(servers)
    }

    /// The port of the case's listener; `None` when Envoy refused it.
    async fn listener(&self, name: &str) -> io::Result<Option<u16>> {
        let deadline = Instant::now() + LOADING;
        let begin = self.envoy.log_length();
        while Instant::now() < deadline {
            let page = self.envoy.admin("GET", "/listeners").await?;
            let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("::"));
            if let Some(address) = line {
                return Ok(address.trim().rsplit(':').next().and_then(|port| port.parse().ok()));
            }
            let log = self.envoy.log_from(begin.saturating_sub(65_536));
            let refusal = format!("listener '{name}' config rejected");
            if log.windows(refusal.len()).any(|window| window == refusal.as_bytes()) {
                return Ok(None);
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        Err(io::Error::other("Envoy neither took nor refused the listener"))
    }

    /// One exchange; for a hang also how long the log was then.
    async fn exchange(
        &mut self,
        port: u16,
        tls: Option<&Tls>,
        step: &Step,
        after_ms: u64,
        patience: Duration,
    ) -> io::Result<(Exchanged, Option<u64>)> {
        if step.upstream.fail == Some(UpstreamFail::Connect) {
            self.upstream.shut().await?;
        } else {
            self.upstream.open(&self.stage)?;
        }
        self.stage.begin(&step.upstream, &step.callouts);
        let wire = TcpStream::connect(("127.0.0.1", port)).await?;
        wire.set_nodelay(true)?;
        let wire: Box<dyn Wire> = match tls {
            Some(tls) => Box::new(tls.connect(wire).await?),
            None => Box::new(wire),
        };
        let client = Client::start(wire, &step.request, &self.stage);
        let mut quiet_since = None;
        let outcome = loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let asleep = self.stage.pulse.is_asleep();
            let seen = client.seen();
            if seen.payload.complete {
                break Outcome::Responded;
            }
            if self.stage.pulse.is_dead() {
                break Outcome::CrashedEnvoy;
            }
            if seen.closed {
                break Outcome::Reset;
            }
            if asleep && self.stage.is_idle() {
                let since = *quiet_since.get_or_insert_with(Instant::now);
                if since.elapsed() > patience {
                    break Outcome::Hung;
                }
            } else {
                quiet_since = None;
            }
        };
        self.stage.pulse.settle().await;
        let seen = client.seen();
        let end = (outcome == Outcome::Hung).then(|| self.envoy.log_length());
        if outcome == Outcome::Responded {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            self.stage.pulse.settle().await;
        }
        drop(client);
        self.stage.pulse.settle().await;
        // A crash takes its time.
        let outcome =
            if self.stage.pulse.is_dead() || self.envoy.has_ended() { Outcome::CrashedEnvoy } else { outcome };
        let (requests, calls) = self.stage.script(|script| (script.requests.clone(), script.calls.clone()));
        let exchanged =
            Exchanged { outcome, client: received(seen), upstream: requests.into_iter().next(), callouts: calls };
        Ok((exchanged, end))
    }
}

/// The exchanges in their order, each with how long time goes on after it.
fn steps(case: &Case) -> Vec<(Step, u64)> {
    let exchange = &case.exchange;
    let last = Step {
        request: exchange.request.clone(),
        upstream: exchange.upstream.clone(),
        callouts: exchange.callouts.clone(),
    };
    let mut steps: Vec<(Step, u64)> = exchange.before.iter().map(|step| (step.clone(), 0)).collect();
    steps.push((last, exchange.after_ms));
    steps
}

fn all_callouts(case: &Case) -> Vec<Callout> {
    steps(case).into_iter().flat_map(|(step, _)| step.callouts).collect()
}

fn received(seen: Seen) -> Option<Received> {
    let status = seen.status.filter(|_| !seen.broken)?;
    let compared = |fields: Vec<(String, String)>| fields.into_iter().filter_map(answer::header).collect();
    Some(Received {
        status,
        headers: compared(seen.headers),
        body: answer::body(&seen.payload.body),
        trailers: compared(seen.payload.trailers),
        complete: seen.payload.complete,
    })
}

/// All plugins loaded.
fn all_loaded(case: &Case) -> Vec<Loaded> {
    case.exchange.plugins.iter().map(|_| Loaded { accepted: Some(true), stage: None, text: None }).collect()
}
