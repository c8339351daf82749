//! A running Envoy. It ends with the value, also when a test panics.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use crate::{client, json_string};

/// A plugin in a chain: the module's file without `.wasm`, and its configuration as it is handed over.
pub type Plugin = (&'static str, Option<String>);

/// What is needed to run Envoy.
pub struct Paths {
    envoy: PathBuf,
    modules: PathBuf,
}

impl Paths {
    /// From `ENVOY_BIN` and `PLUGINS_WASM_DIR`. Ok(None) if there is no Envoy and that is allowed.
    pub fn from_environment() -> Result<Option<Self>, String> {
        let Some(envoy) = env::var_os("ENVOY_BIN").filter(|bin| !bin.is_empty()) else {
            return match env::var("ALLOW_NO_ENVOY").as_deref() {
                Ok("1") => Ok(None),
                _ => Err("ENVOY_BIN is not set. Set it to an Envoy binary, or ALLOW_NO_ENVOY=1 to skip.".into()),
            };
        };
        let modules = env::var_os("PLUGINS_WASM_DIR")
            .ok_or("PLUGINS_WASM_DIR is not set. Set it to the folder with the built modules.")?;
        Ok(Some(Self { envoy: envoy.into(), modules: modules.into() }))
    }
}

/// A listener to be: the plugins it runs, in order.
pub struct Listener {
    /// Unique.
    pub name: String,
    /// The chain, the outermost first.
    pub chain: Vec<Plugin>,
}

/// A running Envoy.
pub struct Envoy {
    process: Child,
    folder: PathBuf,
    modules: PathBuf,
    admin: u16,
}

impl Envoy {
    /// Starts Envoy with one worker and these listeners in front of the upstream, and waits until each is there or refused.
    pub fn start(paths: &Paths, upstream: u16, listeners: &[Listener]) -> io::Result<Self> {
        Self::with_workers(1, paths, upstream, listeners)
    }

    /// The same with so many workers.
    pub fn with_workers(workers: u32, paths: &Paths, upstream: u16, listeners: &[Listener]) -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("plugins-envoy-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let file = |name: &str| folder.join(name);
        fs::write(file("lds.json"), lds(listeners, &paths.modules))?;
        fs::write(file("envoy.json"), bootstrap(upstream, &file("lds.json")))?;
        let process = Command::new(&paths.envoy)
            .arg("-c")
            .arg(file("envoy.json"))
            .arg("--log-path")
            .arg(file("envoy.log"))
            .arg("--admin-address-path")
            .arg(file("admin"))
            .args(["--concurrency", &workers.to_string(), "--use-dynamic-base-id", "--log-level", "warn"])
            .args(["--component-log-level", "wasm:info"])
            .args(["--file-flush-interval-msec", "50"])
            .args(["--service-node", "test", "--service-cluster", "test"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own, so that a wrapper and what it starts end together.
            .process_group(0)
            .spawn()?;
        let mut envoy = Self { process, folder, modules: paths.modules.clone(), admin: 0 };
        envoy.wait()?;
        Ok(envoy)
    }

    fn wait(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(180);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                let log = self.log();
                return Err(io::Error::other(format!("Envoy ended with {status}:\n{log}")));
            }
            if let Some(port) = self.read_admin_port() {
                self.admin = port;
                let loaded = self.admin("/stats?filter=update_(success|rejected)");
                let seen = |name: &str| {
                    loaded.lines().any(|line| {
                        line.strip_prefix(&format!("listener_manager.lds.{name}: ")).is_some_and(|n| n != "0")
                    })
                };
                if seen("update_success") || seen("update_rejected") {
                    return Ok(());
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(io::Error::other(format!("Envoy did not load its listeners:\n{}", self.log())))
    }

    /// Gives it other listeners in the place of these, and waits until they are taken, or refused.
    pub fn replace(&self, listeners: &[Listener]) -> io::Result<()> {
        let count =
            |text: String| text.lines().filter_map(|line| line.rsplit(": ").next()?.parse::<u64>().ok()).sum::<u64>();
        let updates = || count(self.admin("/stats?filter=lds.update_(success|rejected)"));
        let before = updates();
        let next = self.folder.join("lds.next");
        fs::write(&next, lds(listeners, &self.modules))?;
        // Envoy sees files that are moved.
        fs::rename(next, self.folder.join("lds.json"))?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if updates() > before {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::other(format!("Envoy did not take the listeners:\n{}", self.log())))
    }

    fn read_admin_port(&self) -> Option<u16> {
        let address = fs::read_to_string(self.folder.join("admin")).ok()?;
        address.trim().rsplit(':').next()?.parse().ok()
    }

    fn admin(&self, path: &str) -> String {
        client::get(self.admin, path, &["connection: close"]).map(|response| response.text()).unwrap_or_default()
    }

    /// The ports of all listeners that Envoy accepted.
    pub fn ports(&self) -> HashMap<String, u16> {
        let lines = self.admin("/listeners");
        let port = |line: &str| {
            let (name, address) = line.split_once("::")?;
            Some((name.to_owned(), address.rsplit(':').next()?.trim().parse().ok()?))
        };
        lines.lines().filter_map(port).collect()
    }

    /// How many workers have had connections.
    pub fn busy_workers(&self) -> usize {
        let stats = self.admin("/stats?filter=listener.127.0.0.1_.*worker_.*downstream_cx_total");
        stats.lines().filter(|line| !line.ends_with(": 0")).count()
    }

    /// The value of a counter of a plugin.
    pub fn counter(&self, name: &str) -> u64 {
        let stats = self.admin(&format!("/stats?filter=wasmcustom.{name}$"));
        stats.trim().rsplit(": ").next().and_then(|n| n.parse().ok()).unwrap_or(0)
    }

    /// The same, as soon as it has this value, or after a second whatever it is then. The admin's thread may see a
    /// worker's counter a little later.
    pub fn counter_once(&self, name: &str, value: u64) -> u64 {
        for _ in 0..20 {
            if self.counter(name) == value {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        self.counter(name)
    }

    /// All that Envoy and the plugins have logged.
    pub fn log(&self) -> String {
        fs::read(self.folder.join("envoy.log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The cluster of a service that answers callouts: the same upstream.
pub const SERVICE: &str = "outbound|8080||service.test";
/// The cluster of a service that nobody runs.
pub const DEAD: &str = "outbound|8080||dead.test";

/// Routes before the one for all: each tells the upstream that it was taken.
const ROUTES: &str = r#"
      {"match": {"prefix": "/", "headers": [{"name": "x-route", "string_match": {"exact": "other"}}]},
       "route": {"cluster": "upstream"}, "request_headers_to_add": [{"header": {"key": "x-routed", "value": "by-header"}}]},
      {"match": {"prefix": "/routed/"},
       "route": {"cluster": "upstream"}, "request_headers_to_add": [{"header": {"key": "x-routed", "value": "by-path"}}]},
      "#;

fn bootstrap(upstream: u16, lds: &Path) -> String {
    let lds = json_string(&lds.to_string_lossy());
    // Nothing listens on the discard port.
    let clusters: Vec<_> = [("upstream", upstream), (SERVICE, upstream), (DEAD, 9)]
        .iter()
        .map(|(name, port)| {
            format!(
                r#"{{
    "name": "{name}", "type": "STATIC", "connect_timeout": "2s",
    "typed_extension_protocol_options": {{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {{
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      "common_http_protocol_options": {{"max_requests_per_connection": 1}},
      "explicit_http_config": {{"http_protocol_options": {{"enable_trailers": true}}}}}}}},
    "load_assignment": {{"cluster_name": "{name}", "endpoints": [{{"lb_endpoints": [{{"endpoint": {{
      "address": {{"socket_address": {{"address": "127.0.0.1", "port_value": {port}}}}}}}}}]}}]}}
  }}"#
            )
        })
        .collect();
    format!(
        r#"{{
  "admin": {{"address": {{"socket_address": {{"address": "127.0.0.1", "port_value": 0}}}}}},
  "dynamic_resources": {{"lds_config": {{"path_config_source": {{"path": {lds}}}}}}},
  "static_resources": {{"clusters": [{}]}}
}}"#,
        clusters.join(",")
    )
}

fn lds(listeners: &[Listener], modules: &Path) -> String {
    let mut resources = String::new();
    for Listener { name, chain } in listeners {
        let filters: String = chain.iter().map(|plugin| filter(name, plugin, modules)).collect();
        let _ = write!(
            resources,
            r#"{}{{"@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": "{name}",
  "address": {{"socket_address": {{"address": "127.0.0.1", "port_value": 0}}}},
  "filter_chains": [{{"filters": [{{"name": "hcm", "typed_config": {{
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    "stat_prefix": "http", "codec_type": "AUTO", "http_protocol_options": {{"enable_trailers": true}}, "upgrade_configs": [{{"upgrade_type": "websocket"}}],
    "route_config": {{"virtual_hosts": [{{"name": "all", "domains": ["*"],
      "routes": [{ROUTES}{{"match": {{"prefix": "/"}}, "route": {{"cluster": "upstream"}}}}]}}]}},
    "http_filters": [{filters}{{"name": "router", "typed_config":
      {{"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}}}]
  }}}}]}}]}}"#,
            if resources.is_empty() { "" } else { ",\n" }
        );
    }
    format!("{{\"resources\": [{resources}]}}")
}

/// As Istio does it: V8, no VM id, no VM configuration, the plugin's configuration as a string.
fn filter(listener: &str, (module, configuration): &Plugin, modules: &Path) -> String {
    let file = modules.join(format!("{module}.wasm"));
    let file = json_string(&file.to_string_lossy());
    let configuration = configuration.as_deref().map_or(String::new(), |text| {
        let text = json_string(text);
        format!(r#""configuration": {{"@type": "type.googleapis.com/google.protobuf.StringValue", "value": {text}}},"#)
    });
    format!(
        r#"{{"name": "{module}", "typed_config": {{
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      "config": {{"name": "{listener}.{module}", "root_id": "{module}", {configuration}
        "vm_config": {{"runtime": "envoy.wasm.runtime.v8", "code": {{"local": {{"filename": {file}}}}}}}}}}}}},"#
    )
}
