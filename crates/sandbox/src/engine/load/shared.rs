//! Plugins that share a VM, and VMs that are made anew. Envoy knows the VM of a kind that lives, and for each plugin its
//! place in one; both are forgotten when the VM dies, but for a plugin that joined it when it was dead already.

use super::{Loaded, Proxy, Refusal, Source};
use crate::engine::clock;
use crate::engine::world::{Halt, Step, World};

/// How long Envoy waits at least before it makes a plugin anew once more.
const RELOAD_BACK_OFF_MS: u64 = 1_000;

impl Proxy {
    /// A plugin whose VM has been made for another one. Envoy tries each plugin in a VM of its own, and refuses it where
    /// it does not start there. Where it only does not start beside the other, it is left out and nobody is told; the next
    /// that would share the VM is refused for it.
    pub(super) fn load_beside(&mut self, n: usize, alike: usize) -> Loaded {
        let known = self.is_there_already(n, alike);
        let alone = if known || self.was_tried(n, alike) { Ok(()) } else { self.try_alone(n, alike)? };
        if let Some(refusal) = self.left_out_before(n, alike) {
            return Ok(Err(refusal));
        }
        if known || alone.is_err() {
            return Ok(alone);
        }
        let other = self.world.plugins[self.sources[alike].plugin].name.clone();
        let vm = match self.living(alike) {
            Some(vm) => {
                self.world.record.warn_about("shared_vm", n, &format!("It runs in the VM of {other}."));
                vm
            }
            None => match self.start_anew(n, alike)? {
                Some(vm) => vm,
                None => return Ok(Ok(())),
            },
        };
        if let Err(refusal) = self.start_plugin(n, vm)? {
            let words = refusal.text.unwrap_or_default().replace("base Wasm", "thread-local Wasm");
            self.world.plugins[n].left_out = Some((refusal.stage, words));
            let text = format!(
                "It does not start in the VM of {other}, which it shares: Envoy leaves it out of every stream, whatever \
                 its fail strategy says."
            );
            self.world.record.warn_about("plugin_left_out", n, &text);
        }
        Ok(Ok(()))
    }

    /// Why an earlier plugin of this kind is left out.
    fn left_out_before(&self, n: usize, alike: usize) -> Option<Refusal> {
        let mut earlier = self.of_kind(n, alike).filter_map(|other| self.world.plugins[other].left_out.clone());
        earlier.next().map(|(stage, words)| Refusal::new(stage, words))
    }

    /// The plugins before this one that Envoy gives a VM of this kind.
    fn of_kind(&self, n: usize, alike: usize) -> impl Iterator<Item = usize> {
        let kind = self.sources[alike].kind();
        let plugins = self.world.plugins.iter().enumerate();
        plugins
            .filter(move |(other, plugin)| {
                *other != n && self.sources.get(plugin.vm).is_some_and(|source| source.kind() == kind)
            })
            .map(|(other, _)| other)
    }

    /// To Envoy, the one is the other.
    fn is_same(&self, n: usize, other: usize) -> bool {
        let (this, other) = (&self.world.plugins[n], &self.world.plugins[other]);
        (&this.name, &this.root_id, &this.config) == (&other.name, &other.root_id, &other.config)
    }

    fn was_tried(&self, n: usize, alike: usize) -> bool {
        self.of_kind(n, alike).any(|other| self.is_same(n, other))
    }

    /// The same plugin twice is one to Envoy, while it lives.
    fn is_there_already(&mut self, n: usize, alike: usize) -> bool {
        let twin = self.of_kind(n, alike).find(|other| {
            let plugin = &self.world.plugins[*other];
            let lives = plugin.born_dead || !self.world.vms[plugin.vm].failed;
            lives && plugin.left_out.is_none() && self.is_same(n, *other)
        });
        let Some(twin) = twin.map(|twin| &self.world.plugins[twin]) else { return false };
        let (vm, root, born_dead) = (twin.vm, twin.root, twin.born_dead);
        let this = &mut self.world.plugins[n];
        (this.vm, this.root, this.born_dead) = (vm, root, born_dead);
        true
    }

    /// The VM of this kind that can be joined.
    fn living(&self, alike: usize) -> Option<usize> {
        let living = |vm: &usize| {
            self.sources[*vm].kind() == self.sources[alike].kind()
                && self.instances.get(*vm).is_some_and(Option::is_some)
                && !self.world.vms[*vm].failed
        };
        (0..self.sources.len()).rev().find(living)
    }

    /// One more VM of this kind; `None` where it does not start.
    fn start_anew(&mut self, n: usize, alike: usize) -> Step<Option<usize>> {
        let vm = self.sources.len();
        self.sources.push(Source { plugin: n, ..self.sources[alike].clone() });
        let started = self.start_vm(vm)?.is_ok();
        self.world.vms[vm].failed |= !started;
        Ok(started.then_some(vm))
    }

    /// Whether the plugin starts with nothing beside it. What that leaves behind counts only where it does not.
    fn try_alone(&mut self, n: usize, alike: usize) -> Loaded {
        let mut world = World::new(self.world.settings.clone(), self.world.clock.now());
        world.plugins.clone_from(&self.world.plugins);
        world.shared = self.world.shared.clone();
        world.callouts = self.world.callouts.only_clusters();
        world.hostcalls = self.world.hostcalls;
        let mut alone = Proxy::new(world);
        alone.started = self.started;
        alone.sources.push(Source { plugin: n, ..self.sources[alike].clone() });
        let tried = match alone.start_vm(0) {
            Ok(Ok(())) => alone.start_plugin(n, 0),
            otherwise => otherwise,
        };
        self.world.hostcalls = alone.world.hostcalls;
        if matches!(tried, Ok(Ok(()))) {
            return tried;
        }
        self.world.record.append(alone.world.record);
        let lacked_memory = alone.instances.iter().flatten().any(|instance| instance.limits_hit() != (false, false));
        if lacked_memory {
            self.world.record.limit("memory_bytes", self.world.settings.limits.memory_bytes, None);
            return Err(Halt::Limit);
        }
        tried
    }

    /// Makes a plugin anew whose VM has died. Not one that joined a dead VM, and not again before some time has passed.
    /// Where it does not start, it stays as it is.
    pub(crate) fn reload(&mut self, n: usize) -> Step {
        let now = self.world.clock.now();
        let state = &self.world.plugins[n];
        let old = (state.vm, state.root);
        if state.born_dead || state.reloaded.is_some_and(|then| now < then + clock::millis(RELOAD_BACK_OFF_MS)) {
            return Ok(());
        }
        self.world.plugins[n].reloaded = Some(now);
        if self.is_there_already(n, old.0) {
            return Ok(());
        }
        let vm = match self.living(old.0) {
            Some(vm) => vm,
            None => match self.start_anew(self.sources[old.0].plugin, old.0)? {
                Some(vm) => vm,
                None => return Ok(()),
            },
        };
        let started = self.start_plugin(n, vm)?.is_ok();
        let state = &mut self.world.plugins[n];
        if !started || state.born_dead {
            (state.vm, state.root) = old;
            state.born_dead = false;
        }
        Ok(())
    }
}
