//! Everything that host calls can see and change: the proxy without its machine code. It lies in the store of the VM that
//! is being called, and with the [`Proxy`](super::proxy::Proxy) between calls.

use std::collections::{BTreeMap, VecDeque};

use super::callout::Callouts;
use super::clock::Clock;
use super::events::Events;
use super::filter_state::Prototype;
use super::http::headers::HeaderMap;
use super::http::stream::Stream;
use super::random::Random;
use super::record::{Place, Recorder};
use super::shared::{Queues, SharedData};
use super::stats::{MetricIds, Stats};
use crate::abi::Version;
use crate::exchange::{FailStrategy, Level, Mtls, Property};
use crate::limits::Limits;
use crate::report::{Phase, Stage};

/// Why a run ends before its exchange does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A limit of the sandbox; `limits_hit` says which.
    Limit,
    /// Envoy would have died here.
    Crashed,
}

/// What the state machine returns: an error only when the whole run is over.
pub(crate) type Step<T = ()> = Result<T, Halt>;

/// What holds for the whole run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) log_level: Level,
    pub(crate) properties: Vec<Property>,
    pub(crate) mtls: Option<Mtls>,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
}

/// One filter of the chain, as configured.
#[derive(Debug, Clone)]
pub(crate) struct PluginState {
    pub(crate) name: String,
    pub(crate) root_id: String,
    pub(crate) config: Vec<u8>,
    pub(crate) fail: FailStrategy,
    pub(crate) allow_stop: bool,
    /// Which of [`World::vms`] serves it now.
    pub(crate) vm: usize,
    /// Its root context there.
    pub(crate) root: u32,
    /// It does not start in the VM that it shares, and this is what Envoy says to that: no stream has it.
    pub(crate) left_out: Option<(Stage, String)>,
    /// Its VM was dead when it had been started.
    pub(crate) born_dead: bool,
    /// When it was last made anew.
    pub(crate) reloaded: Option<u64>,
}

/// One VM, apart from its memory and code.
#[derive(Debug)]
pub(crate) struct VmState {
    pub(crate) abi: Version,
    pub(crate) vm_id: String,
    pub(crate) config: Vec<u8>,
    pub(crate) env: Vec<(String, String)>,
    /// Something trapped in it; it is never called again.
    pub(crate) failed: bool,
    pub(crate) contexts: BTreeMap<u32, Context>,
    pub(crate) next_context: u32,
    /// What host calls asked for, to be done when the callback has returned.
    pub(crate) actions: VecDeque<Action>,
    /// A local response was sent: whatever the callback returns, the iteration stops.
    pub(crate) stop_next: bool,
    pub(crate) metrics: MetricIds,
    pub(crate) tokens: [u32; 2],
    /// Tick periods of root contexts in milliseconds, each with a number that makes timers of earlier periods void.
    pub(crate) ticks: BTreeMap<u32, (u32, u64)>,
}

/// One context of a VM.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// `None` for the VM's own.
    pub(crate) plugin: Option<usize>,
    /// Its root, itself for a root.
    pub(crate) root: u32,
    /// The stream and the place in its chain.
    pub(crate) filter: Option<(usize, usize)>,
    /// `proxy_on_context_create` has been called, or there is none.
    pub(crate) created: bool,
    /// A local response was asked for once.
    pub(crate) replied: bool,
    /// The plugin configuration can be read: inside `on_configure`, and in the first root's creation.
    pub(crate) config_visible: bool,
    /// The answer that a callout's callback can read.
    pub(crate) answer: Option<Answer>,
    /// What `proxy_get_status` says.
    pub(crate) status: (u32, String),
    /// The number of the buffer that was looked at last.
    pub(crate) last_buffer: Option<u32>,
    /// What was written where a body had been.
    pub(crate) old_body: Vec<u8>,
    /// What it declared of properties that are to be set. Only a root's count.
    pub(crate) declared: BTreeMap<Vec<u8>, Prototype>,
}

/// An answer to a callout, while its callback runs.
#[derive(Debug)]
pub(crate) enum Answer {
    Http { headers: HeaderMap, body: Vec<u8>, trailers: Option<HeaderMap> },
    Grpc { message: Vec<u8> },
}

/// What host calls put off until the callback has returned.
#[derive(Debug)]
pub(crate) enum Action {
    ContinueRequest {
        stream: usize,
        filter: usize,
    },
    ContinueResponse {
        stream: usize,
        filter: usize,
    },
    LocalReply {
        stream: usize,
        filter: usize,
        reply: Box<super::http::local_reply::Reply>,
    },
    Reset {
        stream: usize,
    },
    /// A gRPC call that could not be sent is closed at once.
    GrpcClose {
        context: u32,
        token: u32,
        status: u32,
    },
}

/// What runs, where hardly any host call is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restriction {
    /// A callback: all are allowed.
    None,
    /// A start function.
    Start,
    /// The allocator, inside a host call.
    Allocator,
}

/// The call that is going on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) vm: usize,
    pub(crate) context: u32,
    /// 0: none.
    pub(crate) effective: u32,
    pub(crate) at: Place,
    pub(crate) restriction: Restriction,
}

impl Default for Frame {
    fn default() -> Self {
        let at = Place { plugin: 0, phase: Phase::Start, context: 0 };
        Self { vm: 0, context: 0, effective: 0, at, restriction: Restriction::None }
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) plugins: Vec<PluginState>,
    pub(crate) vms: Vec<VmState>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) record: Recorder,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) shared: SharedData,
    pub(crate) queues: Queues,
    pub(crate) stats: Stats,
    pub(crate) events: Events,
    pub(crate) callouts: Callouts,
    pub(crate) frame: Frame,
    pub(crate) hostcalls: u64,
    /// Set where a host call must end the run.
    pub(crate) halt: Option<Halt>,
}

impl World {
    pub(crate) fn new(settings: Settings, start: u64) -> Self {
        let (limits, seed) = (settings.limits, settings.seed);
        Self {
            settings,
            plugins: Vec::new(),
            vms: Vec::new(),
            streams: Vec::new(),
            record: Recorder::new(limits),
            clock: Clock::new(start),
            random: Random::new(seed),
            shared: SharedData::default(),
            queues: Queues::default(),
            stats: Stats::default(),
            events: Events::default(),
            callouts: Callouts::default(),
            frame: Frame::default(),
            hostcalls: 0,
            halt: None,
        }
    }

    /// The world of a store that is not being called.
    pub(crate) fn empty() -> Self {
        let settings =
            Settings { log_level: Level::Info, properties: Vec::new(), mtls: None, limits: Limits::default(), seed: 0 };
        Self::new(settings, 0)
    }

    /// The context that host calls act for: the effective one while it exists, else the one that was called.
    pub(crate) fn context_id(&self) -> u32 {
        let contexts = self.vms.get(self.frame.vm).map(|vm| &vm.contexts);
        match contexts {
            Some(contexts) if self.frame.effective != 0 && contexts.contains_key(&self.frame.effective) => {
                self.frame.effective
            }
            _ => self.frame.context,
        }
    }

    /// The context that was called, whichever host calls act for.
    pub(crate) fn called(&mut self) -> Option<&mut Context> {
        let id = self.frame.context;
        self.vm().contexts.get_mut(&id)
    }

    pub(crate) fn vm(&mut self) -> &mut VmState {
        &mut self.vms[self.frame.vm]
    }

    pub(crate) fn context(&mut self) -> Option<&mut Context> {
        let id = self.context_id();
        self.vm().contexts.get_mut(&id)
    }

    /// The root of the context that host calls act for.
    pub(crate) fn root_id(&mut self) -> u32 {
        self.context().map_or(0, |context| context.root)
    }

    pub(crate) fn root(&mut self) -> Option<&mut Context> {
        let id = self.root_id();
        self.vm().contexts.get_mut(&id)
    }

    /// The stream and place in its chain of the context that host calls act for.
    pub(crate) fn filter(&mut self) -> Option<(usize, usize)> {
        self.context().and_then(|context| context.filter)
    }

    /// Where a host call is, told by the plugin it acts for.
    pub(crate) fn place(&mut self) -> Place {
        let mut at = self.frame.at;
        if let Some(plugin) = self.context().and_then(|context| context.plugin) {
            at.plugin = plugin;
        }
        at
    }

    pub(crate) fn warn(&mut self, code: &str, text: &str) {
        let at = self.place();
        self.record.warn(code, Some(at), text);
    }

    /// Ends the run at a limit.
    pub(crate) fn stop_at(&mut self, limit: &str, value: u64) {
        let at = self.frame.at;
        self.record.limit(limit, value, Some(at));
        self.halt = Some(Halt::Limit);
    }
}

impl VmState {
    pub(crate) fn new(abi: Version, vm_id: &str, config: &[u8], env: &[(String, String)]) -> Self {
        let mut contexts = BTreeMap::new();
        contexts.insert(0, Context::default());
        Self {
            abi,
            vm_id: vm_id.to_owned(),
            config: config.to_vec(),
            env: env.to_vec(),
            failed: false,
            contexts,
            next_context: 1,
            actions: VecDeque::new(),
            stop_next: false,
            metrics: MetricIds::default(),
            tokens: [0; 2],
            ticks: BTreeMap::new(),
        }
    }

    /// A new context of a plugin: a root when `root` is `None`.
    pub(crate) fn add_context(&mut self, plugin: usize, root: Option<u32>, filter: Option<(usize, usize)>) -> u32 {
        let id = self.next_context;
        self.next_context += 1;
        let context = Context { plugin: Some(plugin), root: root.unwrap_or(id), filter, ..Context::default() };
        self.contexts.insert(id, context);
        id
    }
}
