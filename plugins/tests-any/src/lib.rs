//! Any configuration and any message, for all built-in plugins: what property tests and fuzzing have in common.

mod documents;
mod tokens;

pub use documents::{any_document, any_logged_body, any_schema};
pub use tokens::{any_signature, any_token};

use plugin_kit::config::Refusal;
use plugin_kit::exercise::{Input, exercise};
use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::{Decision, Plugin, Side};
use plugin_kit::{address, http, language, pattern, query, wire};

/// A plugin under its name.
pub struct Subject {
    /// Its name, and that of its folder.
    pub name: &'static str,
    /// Its `example.yaml`.
    pub example: &'static str,
    /// Reads a configuration.
    pub read: fn(&[u8]) -> Result<(), Refusal>,
    /// Reads a configuration, and shows what was made of it.
    pub show: fn(&[u8]) -> Result<String, Refusal>,
    /// Runs it with a configuration.
    pub exercise: fn(&[u8], &mut Input),
}

fn read<P: Plugin>(configuration: &[u8]) -> Result<(), Refusal> {
    P::read(configuration).map(drop)
}

fn show<P: Plugin + std::fmt::Debug>(configuration: &[u8]) -> Result<String, Refusal> {
    P::read(configuration).map(|plugin| format!("{plugin:?}"))
}

macro_rules! subjects {
    ($($name:literal => $module:ident,)*) => {
        /// All of them.
        pub const SUBJECTS: &[Subject] = &[$(Subject {
            name: $name,
            example: include_str!(concat!("../../", $name, "/example.yaml")),
            read: read::<$module::Started>,
            show: show::<$module::Started>,
            exercise: exercise::<$module::Started>,
        }),*];
    };
}

subjects! {
    "access-log" => access_log_subject,
    "basic-auth" => basic_auth_subject,
    "bot-detect" => bot_detect_subject,
    "cache-control" => cache_control_subject,
    "cors" => cors_subject,
    "custom-response" => custom_response_subject,
    "data-masking" => data_masking_subject,
    "ext-auth" => ext_auth_subject,
    "hmac-auth" => hmac_auth_subject,
    "ip-restriction" => ip_restriction_subject,
    "jwt-auth" => jwt_auth_subject,
    "key-auth" => key_auth_subject,
    "local-rate-limit" => local_rate_limit_subject,
    "notice" => notice_subject,
    "opa" => opa_subject,
    "redirect-rewrite" => redirect_rewrite_subject,
    "request-block" => request_block_subject,
    "request-validation" => request_validation_subject,
    "traffic-tag" => traffic_tag_subject,
    "transformer" => transformer_subject,
}

impl Subject {
    /// Its example as the proxy gets it. None if it is not YAML.
    pub fn example_json(&self) -> Option<Vec<u8>> {
        let value: serde_json::Value = serde_yaml_ng::from_str(self.example).ok()?;
        serde_json::to_vec(&value).ok()
    }
}

/// Reads the input as a configuration of the plugin that its first byte says, and runs it with the same bytes.
pub fn any_configuration(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let subject = &SUBJECTS[usize::from(input.byte()) % SUBJECTS.len()];
    (subject.exercise)(input.rest(), &mut input.clone());
}

/// Changes the example's configuration of a plugin in one place, and runs the plugin with the rest of the input.
pub fn any_exchange(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let subject = &SUBJECTS[usize::from(input.byte()) % SUBJECTS.len()];
    let (change, place, with) = (input.byte(), input.byte(), input.byte());
    let mut value: serde_json::Value = serde_yaml_ng::from_str(subject.example).unwrap_or_default();
    if change % 2 == 1 {
        put(&mut value, &mut usize::from(place), with);
    }
    let configuration = if change % 16 == 2 { Vec::new() } else { value.to_string().into_bytes() };
    (subject.exercise)(&configuration, &mut input);
}

/// Puts another value in the place of the one that comes when counting down.
fn put(value: &mut serde_json::Value, place: &mut usize, with: u8) {
    use serde_json::{Value, json};
    if *place == 0 {
        *value = match with % 8 {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(with),
            3 => json!(""),
            4 => json!("*"),
            5 => json!([]),
            6 => json!("~^/(a|b)*[0-9]$"),
            _ => json!(1),
        };
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, place, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| put(field, place, with)),
        _ => {}
    }
}

/// Reads any text with what plugins share.
pub fn any_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let network = address::Network::parse(&text);
    if let (Some(network), Some(address)) = (network, address::parse(bytes)) {
        let _ = network.contains(address);
    }
    let (name, rest) = text.split_at(text.floor_char_boundary(text.len().min(8)));
    assert!(query::values(bytes, name).len() <= bytes.len());
    let without = query::without(bytes, name);
    assert!(query::values(&without, name).is_empty(), "{name} is left in {without:?}");
    let lines = [bytes.to_vec()];
    if let Some(line) = query::without_cookie(&lines, name) {
        assert!(query::cookies(&[line], name).next().is_none());
    }
    assert!(wire::read(bytes).count() <= bytes.len());
    let _ = language::choose(bytes, [Some(name), None, Some("zh")].into_iter());
    let _ = (http::media_type(bytes), http::length(bytes), http::has_charset(bytes, name));
    if let Ok(pattern) = pattern::Pattern::read(&serde_json::Value::from(name), "p", bytes.len().is_multiple_of(2)) {
        let _ = pattern.matches(rest.as_bytes());
    }
}

const MASKING: [&str; 3] = [
    r#"{"detectors":["phone","id-card","bank-card","email","ipv4"],"maxBodyKiB":1}"#,
    r#"{"patterns":[{"match":"k=([a-z]+)"},{"match":"(?m)^\\d+$"}],"maxBodyKiB":1}"#,
    r#"{"jsonPaths":[{"path":"$..a"},{"path":"$[1].b","action":"skip"}],"maxBodyKiB":1,"mask":"\u25cf"}"#,
];

/// A large body is masked alike wherever its pieces part.
///
/// # Panics
/// If it is not.
pub fn pieces_make_no_difference(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let configuration = usize::from(input.byte()) % MASKING.len();
    let json = input.byte().is_multiple_of(2);
    let lengths = [usize::from(input.byte()) + 1, usize::from(input.byte()) * 16 + 1];
    // What is hidden as a whole is counted in characters; bytes that are none may be counted otherwise.
    let body = String::from_utf8_lossy(input.rest()).into_owned().into_bytes();
    let at_once = masked(MASKING[configuration], json, &body, &[body.len().max(1)]);
    assert_eq!(masked(MASKING[configuration], json, &body, &lengths), at_once);
}

fn masked(configuration: &str, json: bool, body: &[u8], lengths: &[usize]) -> Option<Vec<u8>> {
    let plugin = data_masking_subject::Started::read(configuration.as_bytes()).ok()?;
    let kind = if json { "application/json" } else { "text/plain" };
    let headers = FakeHeaders::new(&[(":status", "200"), ("content-type", kind), ("content-length", "1048576")]);
    let (proxy, mut stream) = (FakeProxy::default(), Default::default());
    let cx = proxy.cx(&headers);
    assert_eq!(plugin.on_response(&mut stream, &cx), Decision::Stream);
    let (mut out, mut rest) = (Vec::new(), body);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        out.extend(plugin.on_piece(&mut stream, &cx, Side::Response, piece.to_vec()));
        rest = after;
    }
    out.extend(plugin.on_streamed(&mut stream, &cx, Side::Response).0);
    Some(out)
}
