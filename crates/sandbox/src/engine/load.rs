//! Brings the plugins' VMs to life, in Envoy's order, and says in Envoy's words where one is refused.

use std::time::Instant;

use serde_json::json;
use wasmtime::Linker;

use super::http::stream::Stream;
use super::proxy::Proxy;
use super::record::Place;
use super::refusal::refusal;
use super::vm::call::Host;
use super::vm::instance::{Budget, Instance, NoInstance};
use super::vm::{compile, linker, machine};
use super::world::{Halt, PluginState, Step, VmState};
use crate::Module;
use crate::abi::Version;
use crate::exchange::Plugin;
use crate::report::{LimitHit, Load, Phase, Stage};

mod shared;

/// What a VM is made of, kept for making it anew.
#[derive(Clone)]
pub(crate) struct Source {
    /// The plugin it was loaded for first.
    pub(crate) plugin: usize,
    module: Module,
    vm_id: String,
    config: Vec<u8>,
    env: Vec<(String, String)>,
    version: Version,
    code: wasmtime::Module,
    linker: Linker<Host>,
}

impl Source {
    /// What Envoy makes one VM of: digest, VM id, configuration, environment.
    fn kind(&self) -> (&str, &str, &[u8], &[(String, String)]) {
        (self.module.sha256(), &self.vm_id, &self.config, &self.env)
    }
}

/// Where a plugin is refused, and Envoy's first line about it.
pub(crate) struct Refusal {
    pub(crate) stage: Stage,
    pub(crate) text: Option<String>,
}

impl Refusal {
    pub(crate) fn new(stage: Stage, text: impl Into<String>) -> Self {
        Self { stage, text: Some(text.into()) }
    }
}

/// `Err` inside: refused. Outside: the run is over.
type Loaded<T = ()> = Step<Result<T, Refusal>>;

impl Proxy {
    /// Loads all plugins, until one is refused.
    pub(crate) fn load_all(&mut self, plugins: &[Plugin], modules: &[Module]) -> (Vec<Load>, Step<bool>) {
        let mut loads: Vec<Load> = plugins
            .iter()
            .zip(modules)
            .enumerate()
            .map(|(n, (plugin, module))| Load {
                plugin: n,
                name: plugin.name.clone(),
                accepted: None,
                stage: None,
                envoy_text: None,
                sha256: module.sha256().to_owned(),
                abi: crate::check::scan::abi_version(module.bytes())
                    .ok()
                    .flatten()
                    .map(|version| version.dotted().to_owned()),
            })
            .collect();
        for (n, (plugin, module)) in plugins.iter().zip(modules).enumerate() {
            match self.load(n, plugin, module) {
                Err(halt) => return (loads, Err(halt)),
                Ok(Err(refusal)) => {
                    loads[n].accepted = Some(false);
                    loads[n].stage = Some(refusal.stage);
                    loads[n].envoy_text = refusal.text;
                    return (loads, Ok(false));
                }
                Ok(Ok(())) => loads[n].accepted = Some(true),
            }
        }
        (loads, Ok(true))
    }

    fn load(&mut self, n: usize, plugin: &Plugin, module: &Module) -> Loaded {
        self.world.plugins.push(PluginState {
            name: plugin.name.clone(),
            root_id: plugin.root_id.clone(),
            config: plugin.config.clone(),
            fail: plugin.fail_strategy,
            allow_stop: plugin.allow_on_headers_stop_iteration,
            vm: 0,
            root: 0,
            left_out: None,
            born_dead: false,
            reloaded: None,
        });
        let vm_config = plugin.vm_config.clone().unwrap_or_default();
        let kind = (module.sha256(), plugin.vm_id.as_str(), vm_config.as_slice(), plugin.env.as_slice());
        let alike = self.sources.iter().position(|source| source.kind() == kind);
        if let Some(alike) = alike {
            return self.load_beside(n, alike);
        }
        let source = match self.compile(n, plugin, module, vm_config)? {
            Ok(source) => source,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let vm = self.sources.len();
        self.sources.push(source);
        if let Err(refusal) = self.start_vm(vm)? {
            return Ok(Err(refusal));
        }
        self.start_plugin(n, vm)
    }

    fn compile(&mut self, n: usize, plugin: &Plugin, module: &Module, config: Vec<u8>) -> Loaded<Source> {
        let at = Place { plugin: n, phase: Phase::Compile, context: 0 };
        let started = Instant::now();
        let made = compile::module(module).and_then(|made| {
            let code = match made {
                Ok(code) => code,
                Err(found) => return Ok(Err(found)),
            };
            let linker = linker::linker(code.version)?;
            Ok(Ok((code, linker)))
        });
        let ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        if !matches!(made, Ok(Err(_))) {
            self.world.record.spent(n, Phase::Compile, ns, 0);
        }
        match made {
            Ok(Err(found)) => refusal(found).map_or(Err(Halt::Crashed), |refusal| Ok(Err(refusal))),
            Ok(Ok((code, linker))) => Ok(Ok(Source {
                plugin: n,
                module: module.clone(),
                vm_id: plugin.vm_id.clone(),
                config,
                env: plugin.env.clone(),
                version: code.version,
                code: code.module,
                linker,
            })),
            Err(text) => {
                // The check found nothing that Envoy refuses; what this compiler lacks is no verdict on the plugin.
                self.feature_limit(at, &text);
                Err(Halt::Limit)
            }
        }
    }

    fn feature_limit(&mut self, at: Place, text: &str) {
        let text: String = text.lines().next().unwrap_or_default().chars().take(200).collect();
        self.world.record.limits_hit.push(LimitHit {
            limit: "wasm_feature".to_owned(),
            value: json!(text),
            plugin: Some(at.plugin),
            phase: Some(at.phase),
        });
    }

    /// Instantiates, then runs the start functions: nothing of the proxy may be touched in them but the log.
    fn start_vm(&mut self, vm: usize) -> Loaded {
        let source = &self.sources[vm];
        let limits = self.world.settings.limits;
        let at = Place { plugin: source.plugin, phase: Phase::Instantiate, context: 0 };
        let budget = Budget { fuel: limits.fuel_start, ms: limits.start_ms };
        self.world.vms.push(VmState::new(source.version, &source.vm_id, &source.config, &source.env));
        let started = Instant::now();
        let engine = match machine::engine() {
            Ok(engine) => engine,
            Err(text) => {
                self.feature_limit(at, &text);
                return Err(Halt::Limit);
            }
        };
        let instance = Instance::new(engine, &source.linker, &source.code, &source.module, &limits, budget);
        let ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.world.record.spent(at.plugin, Phase::Instantiate, ns, 0);
        match instance {
            Ok(instance) => self.instances.push(Some(instance)),
            Err(none) => {
                self.instances.push(None);
                return match none {
                    NoInstance::Refused => {
                        Ok(Err(Refusal::new(Stage::Instantiate, "Failed to create new Wasm instance")))
                    }
                    NoInstance::Crashed => {
                        let text = "A host call of its start section finds no context: Envoy crashes (SIGSEGV).";
                        self.world.record.warn("start_section", Some(at), text);
                        Err(Halt::Crashed)
                    }
                    NoInstance::Limit(limit, value) => {
                        self.world.record.limit(limit, value, Some(at));
                        Err(Halt::Limit)
                    }
                };
            }
        }
        let steps: &[(&'static str, &[u32])] = if self.has(vm, "_initialize") {
            &[("_initialize", &[]), ("main", &[0, 0]), ("__main_void", &[])]
        } else {
            &[("_start", &[])]
        };
        let has_main = self.has(vm, "main");
        let before = self.world.record.traps.len();
        for (export, args) in steps {
            if !self.has(vm, export) || (*export == "__main_void" && has_main) {
                continue;
            }
            self.enter(vm, 0, Phase::Start, export, args)?;
            self.after_call(vm)?;
            if self.world.vms[vm].failed {
                return Ok(Err(self.trapped(before, Stage::Start, "")));
            }
        }
        Ok(Ok(()))
    }

    /// The root context, `on_vm_start` and `on_configure`.
    fn start_plugin(&mut self, n: usize, vm: usize) -> Loaded {
        let before = self.world.record.traps.len();
        let root = self.world.vms[vm].add_context(n, None, None);
        self.world.plugins[n].vm = vm;
        self.world.plugins[n].root = root;
        self.show_config(vm, root, true);
        if self.has(vm, "proxy_on_context_create") {
            // Also in a VM that is dead already.
            self.enter(vm, root, Phase::ContextCreate, "proxy_on_context_create", &[root, 0])?;
            self.after_call(vm)?;
        }
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&root) {
            context.created = true;
        }
        self.show_config(vm, root, false);
        if self.has(vm, "proxy_on_vm_start") {
            let size = u32::try_from(self.world.vms[vm].config.len()).unwrap_or(u32::MAX);
            let started = self.enter(vm, root, Phase::VmStart, "proxy_on_vm_start", &[root, size])?;
            self.after_call(vm)?;
            if started.is_none_or(|result| result == 0) {
                return Ok(Err(self.trapped(before, Stage::VmStart, "Failed to start base Wasm")));
            }
        }
        self.world.plugins[n].born_dead = self.world.vms[vm].failed;
        if self.world.vms[vm].failed || !self.has(vm, "proxy_on_configure") {
            return Ok(Ok(()));
        }
        let size = u32::try_from(self.world.plugins[n].config.len()).unwrap_or(u32::MAX);
        self.show_config(vm, root, true);
        let accepted = self.enter(vm, root, Phase::Configure, "proxy_on_configure", &[root, size])?;
        self.after_call(vm)?;
        self.show_config(vm, root, false);
        if accepted.is_none_or(|result| result == 0) {
            return Ok(Err(self.trapped(before, Stage::Configure, "Failed to configure base Wasm plugin")));
        }
        Ok(Ok(()))
    }

    fn show_config(&mut self, vm: usize, root: u32, visible: bool) {
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&root) {
            context.config_visible = visible;
        }
    }

    /// In the words of the first trap since then, for that is Envoy's first line about the plugin.
    fn trapped(&self, before: usize, stage: Stage, otherwise: &str) -> Refusal {
        match self.world.record.traps.get(before) {
            Some(trap) => Refusal::new(stage, format!("Function: {} failed: {}", trap.function, trap.text)),
            None => Refusal::new(stage, otherwise),
        }
    }

    /// The last stream, which the report is about.
    pub(crate) fn last_stream(&self) -> Option<&Stream> {
        self.world.streams.last()
    }
}
