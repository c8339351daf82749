//! One plugin of the chain.

use super::super::go_json;
use super::super::node::{Kind, Node};
use super::super::{FailStrategy, ModuleRef, Plugin};
use super::problems::{Object, Path, Problems, clip};
use super::{Place, Wanted};

/// Most bytes of a configuration.
const MAX_CONFIG: usize = 1 << 20;
/// Most entries of an environment.
const MAX_ENV: usize = 256;
/// Most bytes of one of its values.
const MAX_ENV_VALUE: usize = 2048;

const KNOWN: [&str; 11] = [
    "module",
    "sha256",
    "name",
    "root_id",
    "vm_id",
    "config",
    "config_raw",
    "vm_config_raw",
    "env",
    "fail_strategy",
    "allow_on_headers_stop_iteration",
];

/// Reads the plugin at that place of the chain, and notes which module it wants.
pub fn plugin(
    problems: &mut Problems,
    node: &Node,
    path: &Path<'_>,
    index: usize,
    own_module: bool,
    wanted: &mut Vec<Wanted>,
) -> Option<Plugin> {
    let object = problems.object(node, path, &KNOWN)?;
    let module = problems
        .required(&object, path, "module")
        .and_then(|node| module(problems, node, &path.field("module"), own_module).map(|module| (module, node.at)));
    let sha256 = object.get("sha256").and_then(|node| {
        let digest = digest(problems, node, &path.field("sha256"))?;
        Some((digest.to_owned(), node.at))
    });
    if let Some((module, at)) = &module {
        let sha256 = sha256.as_ref().map(|(digest, at)| (digest.clone(), Place(*at)));
        wanted.push(Wanted { plugin: index, module: module.clone(), place: Place(*at), sha256 });
    }
    let mut text = |name: &str| object.get(name).and_then(|node| problems.text(node, &path.field(name)));
    let name = text("name").map_or_else(|| format!("plugin{index}"), str::to_owned);
    let root_id = text("root_id").unwrap_or_default().to_owned();
    let vm_id = text("vm_id").unwrap_or_default().to_owned();
    let vm_config = text("vm_config_raw").map(|text| text.as_bytes().to_vec());
    if let (Some(config), Some(node)) = (&vm_config, object.get("vm_config_raw")) {
        small_enough(problems, config.len(), node, &path.field("vm_config_raw"));
    }
    let config = config(problems, &object, path, index);
    let env = object.get("env").map_or(Some(Vec::new()), |node| env(problems, node, &path.field("env"), index));
    let fail_strategy = object.get("fail_strategy").map_or(Some(FailStrategy::FailClose), |node| {
        let words = [
            ("FAIL_CLOSE", FailStrategy::FailClose),
            ("FAIL_OPEN", FailStrategy::FailOpen),
            ("FAIL_RELOAD", FailStrategy::FailReload),
        ];
        problems.word(node, &path.field("fail_strategy"), &words)
    });
    let flag = "allow_on_headers_stop_iteration";
    let stop = object.get(flag).map_or(Some(false), |node| problems.bool(node, &path.field(flag)));
    Some(Plugin {
        module: module?.0,
        sha256: sha256.map(|(digest, _)| digest),
        name,
        root_id,
        vm_id,
        config: config?,
        vm_config,
        env: env?,
        fail_strategy: fail_strategy?,
        allow_on_headers_stop_iteration: stop?,
    })
}

fn module(problems: &mut Problems, node: &Node, path: &Path<'_>, own_module: bool) -> Option<ModuleRef> {
    let text = problems.some_text(node, path)?;
    if text == "self" {
        if !own_module {
            problems.say(
                "bad_value",
                path,
                node.at,
                "`self` is the module of a plugin's own samples, and means nothing here",
            );
        }
        return own_module.then_some(ModuleRef::Own);
    }
    if let Some(digest) = text.strip_prefix("sha256:") {
        let fits = is_digest(digest);
        if !fits {
            problems.say("bad_value", path, node.at, "`sha256:` is followed by 64 lower-case hex digits");
        }
        return fits.then(|| ModuleRef::Store(digest.to_owned()));
    }
    match text.split_once("://") {
        Some(("oci" | "https" | "http", _)) => Some(ModuleRef::Url(text.to_owned())),
        Some((scheme, _)) if !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            let message = format!("`{}://` is not fetched; oci, https, http or a path is", clip(scheme));
            problems.say("bad_value", path, node.at, message);
            None
        }
        _ => Some(ModuleRef::Path(text.to_owned())),
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn digest<'a>(problems: &mut Problems, node: &'a Node, path: &Path<'_>) -> Option<&'a str> {
    let text = problems.text(node, path)?;
    if !is_digest(text) {
        problems.say("bad_value", path, node.at, "a digest has 64 lower-case hex digits");
        return None;
    }
    Some(text)
}

fn config(problems: &mut Problems, object: &Object<'_>, path: &Path<'_>, index: usize) -> Option<Vec<u8>> {
    let (config, raw) = (object.get("config"), object.get("config_raw"));
    let path_of_raw = path.field("config_raw");
    if let (Some(_), Some(raw)) = (config, raw) {
        problems.say("conflict", &path_of_raw, raw.at, "`config` and `config_raw` together");
    }
    let raw = raw.map(|node| (node, problems.text(node, &path_of_raw)));
    if let Some((node, text)) = raw {
        let text = text?;
        small_enough(problems, text.len(), node, &path_of_raw).then(|| text.as_bytes().to_vec())
    } else if let Some(node) = config {
        object_config(problems, node, &path.field("config"), index)
    } else {
        Some(Vec::new())
    }
}

fn object_config(problems: &mut Problems, node: &Node, path: &Path<'_>, index: usize) -> Option<Vec<u8>> {
    let entries = problems.map(node, path)?;
    if entries.is_empty() {
        let advice = "Leave `config` out, or give the plugin a field to read.";
        let text = "An empty configuration is none at all: the plugin is told a size of 0.";
        problems.warn("config_empty", index, text, advice);
        return Some(Vec::new());
    }
    let mut changed = Vec::new();
    for (key, value) in entries {
        look_inside(problems, value, &path.field(&key.name), &mut changed);
    }
    if !changed.is_empty() {
        let text = format!(
            "Numbers that change on their way through Istio, as it holds all as float64: {}.",
            changed.join(", ")
        );
        problems.warn("config_number_changed", index, text, "Write large numbers as strings.");
    }
    match go_json::write(node) {
        Ok(bytes) => small_enough(problems, bytes.len(), node, path).then_some(bytes),
        // Said at its field by `look_inside`.
        Err(_) => None,
    }
}

/// Duplicate keys, and numbers that JSON or a float64 cannot hold, at any depth.
fn look_inside(problems: &mut Problems, node: &Node, path: &Path<'_>, changed: &mut Vec<String>) {
    match &node.kind {
        Kind::Number(number) if !number.float.is_finite() => {
            let message = format!("`{}` cannot be said in JSON", clip(&number.text));
            problems.say("bad_value", path, node.at, message);
        }
        Kind::Number(number) if go_json::changes(number) && changed.len() < 8 => {
            changed.push(format!("`{path}` {}", clip(&number.text)));
        }
        Kind::List(items) => {
            for (index, item) in items.iter().enumerate() {
                look_inside(problems, item, &path.item(index), changed);
            }
        }
        Kind::Map(entries) => {
            problems.map(node, path);
            for (key, value) in entries {
                look_inside(problems, value, &path.field(&key.name), changed);
            }
        }
        _ => {}
    }
}

fn small_enough(problems: &mut Problems, size: usize, node: &Node, path: &Path<'_>) -> bool {
    let fits = size <= MAX_CONFIG;
    if !fits {
        problems.say("too_large", path, node.at, format!("a configuration of {size} bytes; at most {MAX_CONFIG}"));
    }
    fits
}

fn env(problems: &mut Problems, node: &Node, path: &Path<'_>, index: usize) -> Option<Vec<(String, String)>> {
    let entries = problems.map(node, path)?;
    if entries.len() > MAX_ENV {
        problems.say("too_large", path, node.at, format!("{} entries; at most {MAX_ENV}", entries.len()));
        return None;
    }
    let mut pairs = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let path = path.field(&key.name);
        if key.name.is_empty() || key.name.contains(['=', '\0']) {
            problems.say("bad_value", &path, key.at, "a name of the environment is not empty and has no `=` or NUL");
        }
        let Some(text) = problems.text(value, &path) else { continue };
        if text.len() > MAX_ENV_VALUE {
            problems.say("too_large", &path, value.at, format!("{} bytes; at most {MAX_ENV_VALUE}", text.len()));
        }
        if text.contains('\0') {
            problems.say("bad_value", &path, value.at, "a value of the environment has no NUL");
        }
        if key.name.starts_with("ISTIO_META_") {
            let text = format!("Istio's agent takes `{}` out of the environment.", clip(&key.name));
            problems.warn("env_reserved", index, text, "Choose a name that does not begin with ISTIO_META_.");
        }
        pairs.push((key.name.clone(), text.to_owned()));
    }
    pairs.sort();
    Some(pairs)
}
