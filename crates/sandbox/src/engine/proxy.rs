//! The proxy: VMs, plugins and everything in between. Here is how it calls modules and what it does when they return; the
//! way of messages is in [`super::http`], the order of events in [`super::drive`].

use std::time::Instant;

use super::vm::instance::{Budget, Instance};
use super::vm::trap::{self, Failure};
use super::world::{Action, Frame, Halt, Restriction, Step, World};
use super::{clock, record::Place};
use crate::engine::events::Event;
use crate::report::{Direction, Phase, Trap};

/// So deep may callbacks lie in one another: a plugin that resumes what it was called for is called again before it returns.
/// In Envoy each takes its part of the stack, until V8 finds too little of it left.
const NESTED: u32 = 1340;

/// See the module.
pub(crate) struct Proxy {
    pub(crate) world: Box<World>,
    /// At the same places as [`World::vms`]; `None` where loading failed.
    pub(crate) instances: Vec<Option<Instance>>,
    pub(crate) started: Instant,
    /// Which VMs serve whom, to make them anew after a failure.
    pub(crate) sources: Vec<super::load::Source>,
    pub(crate) ticks: u64,
    /// Callbacks within what callbacks have put off.
    nested: u32,
}

impl Proxy {
    pub(crate) fn new(world: World) -> Self {
        let world = Box::new(world);
        Self { world, instances: Vec::new(), started: Instant::now(), sources: Vec::new(), ticks: 0, nested: 0 }
    }

    pub(crate) fn has(&self, vm: usize, export: &str) -> bool {
        self.instances.get(vm).and_then(Option::as_ref).is_some_and(|instance| instance.has(export))
    }

    /// What a call of this phase may use, within what is left of the whole run.
    fn budget(&self, phase: Phase) -> Step<Budget> {
        let limits = &self.world.settings.limits;
        let (fuel, ms) = match phase {
            Phase::Start | Phase::VmStart | Phase::Configure => (limits.fuel_start, limits.start_ms),
            _ => (limits.fuel_callback, limits.callback_ms),
        };
        let spent = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let left = limits.wall_ms.saturating_sub(spent);
        if left == 0 { Err(Halt::Limit) } else { Ok(Budget { fuel, ms: ms.min(left) }) }
    }

    /// Calls an export for a context. `None` when it trapped, which leaves the VM dead.
    ///
    /// # Errors
    /// When the run is over: a limit was hit.
    pub(crate) fn enter(
        &mut self,
        vm: usize,
        context: u32,
        phase: Phase,
        export: &'static str,
        args: &[u32],
    ) -> Step<Option<u64>> {
        let state = &self.world.vms[vm];
        let plugin = state.contexts.get(&context).and_then(|context| context.plugin);
        let plugin = plugin.or_else(|| state.contexts.get(&1).and_then(|root| root.plugin)).unwrap_or(0);
        let at = Place { plugin: plugin.max(self.loading_plugin(vm)), phase, context };
        let Ok(budget) = self.budget(phase) else {
            let wall = self.world.settings.limits.wall_ms;
            self.world.record.limit("wall_ms", wall, Some(at));
            return Err(Halt::Limit);
        };
        if self.nested >= NESTED {
            let args = args.iter().copied().map(i128::from).collect();
            self.world.record.enter(at, Direction::Vm, export.to_owned(), args);
            self.failed(vm, at, export, Failure::Trap { text: trap::STACK_OVERFLOW, backtrace: Vec::new() });
            return Ok(None);
        }
        let Some(instance) = self.instances[vm].as_mut() else { return Ok(None) };
        let outer = self.world.frame;
        let restriction = if phase == Phase::Start { Restriction::Start } else { Restriction::None };
        self.world.frame = Frame { vm, context, effective: 0, at, restriction };
        let called = instance.call(&mut self.world, export, args, budget);
        self.world.frame = outer;
        self.world.record.spent(at.plugin, phase, called.ns, called.fuel);
        let value = match called.result {
            Ok(value) => value,
            Err(failure) => {
                self.failed(vm, at, export, failure);
                None
            }
        };
        match self.world.halt {
            Some(halt) => Err(halt),
            None => Ok(value),
        }
    }

    /// While a VM starts it has no contexts yet; its start functions are told by the plugin it is loaded for.
    fn loading_plugin(&self, vm: usize) -> usize {
        if self.world.vms[vm].contexts.len() == 1 { self.sources.get(vm).map_or(0, |source| source.plugin) } else { 0 }
    }

    fn failed(&mut self, vm: usize, at: Place, export: &str, failure: Failure) {
        let limits = self.world.settings.limits;
        let start = matches!(at.phase, Phase::Start | Phase::VmStart | Phase::Configure);
        let limit = match failure {
            Failure::Trap { text, backtrace } => {
                self.world.vms[vm].failed = true;
                let trap = Trap { plugin: at.plugin, function: export.to_owned(), text: text.to_owned(), backtrace };
                self.world.record.trap(trap);
                return;
            }
            Failure::Halted => return,
            Failure::Time if start => ("start_ms", limits.start_ms),
            Failure::Time => ("callback_ms", limits.callback_ms),
            Failure::Fuel if start => ("fuel_start", limits.fuel_start),
            Failure::Fuel => ("fuel_callback", limits.fuel_callback),
        };
        self.world.record.limit(limit.0, limit.1, Some(at));
        self.world.halt = Some(Halt::Limit);
    }

    /// Does what host calls of the callback have put off, in their order; what they put off in turn is done too.
    pub(crate) fn after_call(&mut self, vm: usize) -> Step {
        self.world.vms[vm].stop_next = false;
        self.nested += 1;
        let mut done = Ok(());
        while let (Ok(()), Some(action)) = (done, self.world.vms[vm].actions.pop_front()) {
            done = self.act(vm, action);
        }
        self.nested -= 1;
        done
    }

    fn act(&mut self, vm: usize, action: Action) -> Step {
        match action {
            Action::ContinueRequest { stream, filter } => {
                let paused = self.world.streams[stream].filters[filter].request_paused;
                if !paused && !self.world.streams[stream].decoding_over() {
                    self.warn_filter(
                        stream,
                        filter,
                        Phase::RequestHeaders,
                        "resume_without_pause",
                        "The request was resumed while it was not paused: Envoy forwards it twice, or hangs.",
                    );
                }
                self.continue_decoding(stream, filter)
            }
            Action::ContinueResponse { stream, filter } => {
                let state = &self.world.streams[stream];
                let paused = state.filters[filter].response_paused;
                if !paused && state.response_headers.is_some() && !state.encoding_over() {
                    self.warn_filter(
                        stream,
                        filter,
                        Phase::ResponseHeaders,
                        "resume_without_pause",
                        "The response was resumed while it was not paused: Envoy forwards it twice, or hangs.",
                    );
                }
                self.continue_encoding(stream, filter)
            }
            Action::LocalReply { stream, filter, reply } => {
                let state = &mut self.world.streams[stream];
                state.filters[filter].view.reply_sent = true;
                if state.reset && state.response_headers.is_none() {
                    if state.decode.calls > 0 {
                        // Nobody is there any more, but the callback that closed the stream has not returned yet.
                        state.prepare_reply(*reply);
                    }
                    return Ok(());
                }
                if state.ended && (!state.reset || state.response_started) {
                    return self.crash(
                        stream,
                        "reply_or_close_too_late",
                        "A local response was sent when the stream had ended: Envoy crashes (SIGSEGV).",
                    );
                }
                self.send_local_reply(stream, *reply)
            }
            Action::Reset { stream } => {
                if self.world.streams[stream].ended {
                    return self.crash(
                        stream,
                        "reply_or_close_too_late",
                        "The stream was closed in log: Envoy crashes (SIGSEGV).",
                    );
                }
                self.reset_stream(stream)
            }
            Action::GrpcClose { context, token, status } => self.grpc_close(vm, context, token, status, ""),
        }
    }

    /// Envoy dies here, and the run with it.
    pub(crate) fn crash(&mut self, s: usize, code: &str, text: &str) -> Step {
        self.warn_stream(s, code, text);
        Err(Halt::Crashed)
    }

    /// The connection to the client is broken off.
    pub(crate) fn reset_stream(&mut self, s: usize) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.ended || stream.reset {
            return Ok(());
        }
        stream.reset = true;
        let lost = stream.client.close();
        if let Some(reply) = stream.local_reply.as_mut().filter(|_| lost) {
            reply.reached_client = false;
        }
        self.finish_stream(s)
    }

    /// The stream is over: log for all filters in the order of the chain, then done and delete for each.
    pub(crate) fn finish_stream(&mut self, s: usize) -> Step {
        if self.world.streams[s].ended {
            return Ok(());
        }
        self.world.streams[s].ended = true;
        let filters = self.world.streams[s].filters.len();
        for f in 0..filters {
            let (vm, context) = self.filter_context(s, f);
            self.create_context(vm, context)?;
            self.world.streams[s].filters[f].view.log = true;
            self.quiet(vm, context, Phase::Log, "proxy_on_log")?;
            self.world.streams[s].filters[f].view.log = false;
        }
        for f in 0..filters {
            let (vm, context) = self.filter_context(s, f);
            self.world.streams[s].filters[f].view.destroyed = true;
            self.quiet(vm, context, Phase::Done, "proxy_on_done")?;
            self.quiet(vm, context, Phase::Delete, "proxy_on_delete")?;
        }
        // In a callback that closed its stream and replies, Envoy keeps them until that has returned.
        if self.world.streams[s].prepared.is_none() {
            self.forget_contexts(s);
        }
        Ok(())
    }

    pub(crate) fn forget_contexts(&mut self, s: usize) {
        for f in 0..self.world.streams[s].filters.len() {
            let (vm, context) = self.filter_context(s, f);
            self.world.vms[vm].contexts.remove(&context);
        }
    }

    fn filter_context(&self, s: usize, f: usize) -> (usize, u32) {
        let filter = &self.world.streams[s].filters[f];
        (filter.vm, filter.context)
    }

    /// A callback with no arguments but its context, left out where the VM is dead or has none.
    pub(crate) fn quiet(&mut self, vm: usize, context: u32, phase: Phase, export: &'static str) -> Step {
        if self.world.vms[vm].failed || !self.has(vm, export) {
            return Ok(());
        }
        self.enter(vm, context, phase, export, &[context])?;
        self.after_call(vm)
    }

    /// Sets the timer of a root context's next tick.
    pub(crate) fn arm_tick(&mut self, vm: usize, context: u32) {
        if let Some(&(period, number)) = self.world.vms[vm].ticks.get(&context)
            && period > 0
        {
            let due = self.world.clock.now() + clock::millis(u64::from(period));
            self.world.events.at(due, Event::Tick { vm, context, number });
        }
    }

    pub(crate) fn warn_plugin(&mut self, plugin: usize, phase: Phase, code: &str, text: &str) {
        self.world.record.warn(code, Some(Place { plugin, phase, context: 0 }), text);
    }

    fn warn_filter(&mut self, s: usize, f: usize, phase: Phase, code: &str, text: &str) {
        let plugin = self.world.streams[s].filters[f].plugin;
        self.warn_plugin(plugin, phase, code, text);
    }

    /// A warning of a stream that is no single plugin's, unless there is only one.
    pub(crate) fn warn_stream(&mut self, s: usize, code: &str, text: &str) {
        let filters = &self.world.streams[s].filters;
        let at = match filters.as_slice() {
            [only] => Some(Place { plugin: only.plugin, phase: self.world.frame.at.phase, context: 0 }),
            _ => None,
        };
        match at {
            Some(at) if self.world.frame.vm == filters[0].vm && self.world.frame.context != 0 => {
                self.world.record.warn(code, Some(at), text);
            }
            Some(at) => self.world.record.warn_about(code, at.plugin, text),
            None => self.world.record.warn(code, None, text),
        }
    }

    /// A warning about the filter that holds the request or response back.
    pub(crate) fn warn_paused(&mut self, s: usize, request: bool, code: &str, text: &str) {
        let paused = self.world.streams[s]
            .filters
            .iter()
            .find(|filter| if request { filter.request_paused } else { filter.response_paused })
            .or(self.world.streams[s].filters.first())
            .map_or(0, |filter| filter.plugin);
        let phase = if request { Phase::RequestBody } else { Phase::ResponseBody };
        self.warn_plugin(paused, phase, code, text);
    }
}
