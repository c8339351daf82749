//! What `proxy_get_property` finds: paths, when they are there, and how values are encoded.

use super::http::headers::{HeaderMap, Pair};
use super::http::pairs;
use super::http::stream::Stream;
use super::random::hex;
use super::status::Status;
use super::world::World;
use crate::exchange::PropertyValue;
use crate::report::Phase;

mod stored;
mod typed;

/// Ports of the reference proxy's connections: a fixed word in any comparison.
const SOURCE_PORT: i64 = 45_000;
const DESTINATION_PORT: i64 = 10_000;
const UPSTREAM_PORT: i64 = 18_000;
/// How long a connection to the upstream takes, where that is asked.
const POOL_READY_NS: i64 = 30_000;

/// Top-level names that older Envoys had and that are found below `xds` now.
const MOVED: &[&str] = &[
    "node",
    "cluster_name",
    "route_name",
    "listener_direction",
    "listener_metadata",
    "cluster_metadata",
    "route_metadata",
    "upstream_host_metadata",
];

/// A value before it is encoded.
#[derive(Debug, Clone)]
enum Value {
    Bytes(Vec<u8>),
    Int(i64),
    Bool(bool),
    Pairs(Vec<Pair>),
    /// An object that has parts and no encoding of its own, or something that has none at all.
    Group,
}

impl Value {
    fn text(text: impl Into<Vec<u8>>) -> Option<Self> {
        Some(Self::Bytes(text.into()))
    }

    /// # Errors
    /// A bare group cannot be encoded.
    fn encode(self) -> Result<Vec<u8>, Status> {
        Ok(match self {
            Self::Bytes(bytes) => bytes,
            Self::Int(value) => value.to_le_bytes().to_vec(),
            Self::Bool(value) => vec![u8::from(value)],
            // Unlike a header map, a map of no entries is not of no bytes.
            Self::Pairs(pairs) if pairs.is_empty() => vec![0; 4],
            Self::Pairs(pairs) => pairs::encode(&pairs),
            Self::Group => return Err(Status::SerializationFailure),
        })
    }
}

/// The value at a path of parts joined by NUL.
///
/// # Errors
/// Not there now, or a bare group.
pub(crate) fn get(world: &mut World, path: &[u8]) -> Result<Vec<u8>, Status> {
    let text = String::from_utf8_lossy(path).into_owned();
    let mut parts: Vec<&str> = text.split('\0').collect();
    if parts.last() == Some(&"") && parts.len() > 1 {
        parts.pop();
    }
    if let Some(found) = by_hand(world, &parts) {
        return found;
    }
    let value = find(world, &parts);
    if value.is_none() && MOVED.contains(&parts[0]) {
        let text = format!("{} is not found in Envoy 1.40; it is below xds now.", parts.join("."));
        world.warn("property_moved", &text);
    }
    value.ok_or(Status::NotFound)?.encode()
}

/// What the exchange says about this path.
fn by_hand(world: &World, parts: &[&str]) -> Option<Result<Vec<u8>, Status>> {
    for property in world.settings.properties.iter().rev() {
        let here = property.path.len();
        if property.path.iter().map(String::as_str).eq(parts.iter().copied()) {
            return Some(match &property.value {
                PropertyValue::Absent => Err(Status::NotFound),
                value => by_hand_value(value).encode(),
            });
        }
        if let (PropertyValue::Map(map), [.., key]) = (&property.value, parts)
            && here + 1 == parts.len()
            && property.path.iter().map(String::as_str).eq(parts[..here].iter().copied())
        {
            let found = map.iter().find(|(name, _)| name == key);
            return Some(found.map(|(_, value)| value.clone()).ok_or(Status::NotFound));
        }
    }
    None
}

fn by_hand_value(value: &PropertyValue) -> Value {
    match value {
        PropertyValue::Bytes(bytes) => Value::Bytes(bytes.clone()),
        PropertyValue::Bool(value) => Value::Bool(*value),
        PropertyValue::Int(value) => Value::Int(*value),
        PropertyValue::Map(map) => {
            Value::Pairs(map.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone())).collect())
        }
        PropertyValue::Timestamp(time) => Value::Int(time.timestamp_nanos_opt().unwrap_or(0)),
        PropertyValue::DurationMs(ms) => Value::Int(ms.saturating_mul(1_000_000)),
        PropertyValue::Absent => Value::Group,
    }
}

fn find(world: &mut World, parts: &[&str]) -> Option<Value> {
    let filter = world.filter();
    match parts {
        // No path at all, and what has parts wherever it is asked for.
        [""] | ["xds"] => return Some(Value::Group),
        ["plugin_name"] => return plugin(world, |plugin| plugin.name.clone()),
        ["plugin_root_id"] => return plugin(world, |plugin| plugin.root_id.clone()),
        ["plugin_vm_id"] => {
            let vm_id = world.vm().vm_id.clone();
            return Value::text(vm_id);
        }
        ["xds", "node", rest @ ..] => return node(world, rest),
        _ => {}
    }
    let (s, f) = filter?;
    let phase = world.frame.at.phase;
    let seed = world.settings.seed;
    let mtls = world.settings.mtls.clone();
    let now = world.clock.now();
    let stream = &world.streams[s];
    let view = stream.filters[f].view;
    let request = (view.request_headers || view.log).then_some(&stream.request_headers);
    let response = stream.response_headers.as_ref().filter(|_| view.response_headers || view.log);
    let trailers = stream.response_trailers.as_ref().filter(|_| view.response_trailers || view.log);
    match parts {
        ["request", rest @ ..] => request_value(stream, request, rest, phase, now),
        ["response", rest @ ..] => response_value(stream, response, trailers, rest),
        ["source", "address"] => Value::text(format!("127.0.0.1:{SOURCE_PORT}")),
        ["source", "port"] => Some(Value::Int(SOURCE_PORT)),
        ["destination", "address"] => Value::text(format!("127.0.0.1:{DESTINATION_PORT}")),
        ["destination", "port"] => Some(Value::Int(DESTINATION_PORT)),
        ["upstream", rest @ ..] => upstream_value(stream, rest),
        ["connection", "peer_certificate"] if mtls.is_some() => {
            let text = "The client's certificate itself was read, and there is none here; the plugin was told 1.";
            world.record.not_simulated("connection.peer_certificate", text);
            None
        }
        ["connection", rest @ ..] => connection_value(s, seed, mtls.as_ref(), rest),
        ["connection_id"] => Some(Value::Int(i64::try_from(s).unwrap_or(0))),
        ["xds", rest @ ..] => xds_value(stream, rest),
        // Empty messages.
        ["metadata"] => Value::text(""),
        ["metadata", "filter_metadata" | "typed_filter_metadata"] => Some(Value::Pairs(Vec::new())),
        ["source" | "destination" | "filter_state"] => Some(Value::Group),
        ["upstream_filter_state"] if !stream.router.attempts.is_empty() && !stream.router.refused => Some(Value::Group),
        ["filter_state", name, rest @ ..] => stored::get(world, s, name, rest),
        [name, rest @ ..] => stored::own(world, s, name, rest),
        [] => None,
    }
}

/// For fuzzing: the value of a property of a message type, with its parts.
pub(crate) fn message(bytes: &[u8]) {
    for schema in ["StringValue", "Int32Value", "Duration", "Struct", "Value", "ListValue"] {
        let found = typed::read(format!("a/google.protobuf.{schema}").as_bytes(), bytes);
        let _ = found.and_then(|found| found.at(&["x"])).map(Value::encode);
    }
}

fn plugin(world: &mut World, read: impl FnOnce(&super::world::PluginState) -> String) -> Option<Value> {
    let at = world.context().and_then(|context| context.plugin)?;
    Value::text(read(&world.plugins[at]))
}

fn header(headers: Option<&HeaderMap>, name: &str) -> Option<Value> {
    headers?.get(name.as_bytes()).and_then(Value::text)
}

fn all_headers(headers: &HeaderMap) -> Value {
    let mut pairs: Vec<Pair> = Vec::new();
    for (name, _) in headers.pairs() {
        if !pairs.iter().any(|(known, _)| known == name) {
            pairs.push((name.clone(), headers.joined(name).unwrap_or_default()));
        }
    }
    Value::Pairs(pairs)
}

fn request_value(
    stream: &Stream,
    headers: Option<&HeaderMap>,
    parts: &[&str],
    phase: Phase,
    now: u64,
) -> Option<Value> {
    let path = || headers.and_then(|headers| headers.get(b":path"));
    match parts {
        [] => Some(Value::Group),
        ["path"] => header(headers, ":path"),
        ["url_path"] => {
            let path = path()?;
            Value::text(path.split(|byte| *byte == b'?').next().unwrap_or_default())
        }
        ["query"] => {
            let path = path()?;
            let at = path.iter().position(|byte| *byte == b'?');
            Value::text(at.map_or(&[][..], |at| &path[at + 1..]))
        }
        ["host"] => header(headers, ":authority"),
        ["scheme"] => header(headers, ":scheme"),
        ["method"] => header(headers, ":method"),
        ["referer"] => header(headers, "referer"),
        ["useragent"] => header(headers, "user-agent"),
        ["id"] => header(headers, "x-request-id"),
        ["headers"] => Some(headers.map_or(Value::Pairs(Vec::new()), all_headers)),
        ["headers", name] => headers?.joined(name.as_bytes()).and_then(Value::text),
        ["headers_bytes"] => Some(Value::Int(headers.map_or(0, |headers| i64::from(headers.byte_size())))),
        ["protocol"] => Value::text(if stream.http1() { "HTTP/1.1" } else { "HTTP/2" }),
        ["time"] => i64::try_from(stream.started).ok().map(Value::Int),
        ["size"] => request_size(stream, headers).map(Value::Int),
        ["total_size"] => {
            let head = headers.map_or(0, |headers| i64::from(headers.byte_size()));
            Some(Value::Int(i64::try_from(stream.decode.body_bytes).unwrap_or(0) + head))
        }
        ["duration"] if matches!(phase, Phase::Log | Phase::Done | Phase::Delete) => {
            i64::try_from(now.saturating_sub(stream.started)).ok().map(Value::Int)
        }
        _ => None,
    }
}

/// The length that is announced, and nothing where that is no number; without one, what has come.
fn request_size(stream: &Stream, headers: Option<&HeaderMap>) -> Option<i64> {
    match headers.and_then(|headers| headers.get(b"content-length")) {
        Some(announced) => std::str::from_utf8(announced).ok()?.parse().ok(),
        None => i64::try_from(stream.decode.body_bytes).ok(),
    }
}

fn response_value(
    stream: &Stream,
    headers: Option<&HeaderMap>,
    trailers: Option<&HeaderMap>,
    parts: &[&str],
) -> Option<Value> {
    let status = super::http::client::status_of(stream.response_headers.as_ref());
    match parts {
        [] => Some(Value::Group),
        ["code"] => status.map(|status| Value::Int(i64::from(status))),
        ["code_details"] => stream.code_details.clone().and_then(Value::text),
        ["flags"] => Some(Value::Int(stream.flags)),
        ["headers"] => Some(headers.map_or(Value::Pairs(Vec::new()), all_headers)),
        ["headers", name] => headers?.joined(name.as_bytes()).and_then(Value::text),
        ["headers_bytes"] => Some(Value::Int(headers.map_or(0, |headers| i64::from(headers.byte_size())))),
        ["trailers"] => Some(trailers.map_or(Value::Pairs(Vec::new()), all_headers)),
        ["trailers", name] => trailers?.joined(name.as_bytes()).and_then(Value::text),
        ["size"] => Some(Value::Int(i64::try_from(stream.encode.body_bytes).unwrap_or(0))),
        ["total_size"] => {
            let head = headers.map_or(0, |headers| i64::from(headers.byte_size()));
            let tail = trailers.map_or(0, |trailers| i64::from(trailers.byte_size()));
            Some(Value::Int(i64::try_from(stream.encode.body_bytes).unwrap_or(0) + head + tail))
        }
        ["grpc_status"] => grpc_status(trailers, headers, status).map(Value::Int),
        ["backend_latency"] if stream.router.answered => {
            Some(Value::Int(i64::try_from(super::clock::millis(stream.answer.delay_ms)).unwrap_or(0)))
        }
        _ => None,
    }
}

/// What the response says, else what its code stands for in gRPC, whether the request was one or not.
fn grpc_status(trailers: Option<&HeaderMap>, headers: Option<&HeaderMap>, status: Option<u32>) -> Option<i64> {
    let said = [trailers, headers].into_iter().flatten().find_map(|map| map.get(b"grpc-status"));
    match said {
        Some(said) => std::str::from_utf8(said).ok()?.parse().ok(),
        None => status.map(|status| i64::from(super::http::local_reply::grpc_status_of(status))),
    }
}

fn upstream_value(stream: &Stream, parts: &[&str]) -> Option<Value> {
    let (reached, refused) = (stream.router.reached, stream.router.refused);
    match parts {
        [] => Some(Value::Group),
        ["request_attempt_count"] => Some(Value::Int(i64::from(!stream.router.attempts.is_empty()))),
        ["address"] if reached => Value::text(format!("127.0.0.1:{UPSTREAM_PORT}")),
        ["port"] if reached => Some(Value::Int(UPSTREAM_PORT)),
        ["locality", rest @ ..] if reached => locality(rest),
        ["num_endpoints"] if !stream.router.lost => Some(Value::Int(1)),
        ["cx_pool_ready_duration"] if reached => Some(Value::Int(POOL_READY_NS)),
        ["local_address"] if reached && !refused => Value::text(format!("127.0.0.1:{SOURCE_PORT}")),
        ["transport_failure_reason"] if refused => Value::text("delayed connect error: Connection refused"),
        // There is a place for it as soon as there is an attempt.
        ["transport_failure_reason"] if !stream.router.attempts.is_empty() => Value::text(""),
        _ => None,
    }
}

fn connection_value(s: usize, seed: u64, mtls: Option<&crate::exchange::Mtls>, parts: &[&str]) -> Option<Value> {
    match (parts, mtls) {
        ([], _) => Some(Value::Group),
        (["id"], _) => Some(Value::Int(i64::try_from(s).unwrap_or(0))),
        (["mtls"], mtls) => Some(Value::Bool(mtls.is_some())),
        // Whatever the client wrote.
        (["requested_server_name"], mtls) => Value::text(mtls.map_or_else(String::new, |m| m.sni.to_ascii_lowercase())),
        (["uri_san_peer_certificate"], Some(mtls)) if !mtls.peer.is_empty() => Value::text(mtls.peer.as_str()),
        (["uri_san_local_certificate"], Some(mtls)) if !mtls.local.is_empty() => Value::text(mtls.local.as_str()),
        (["tls_version"], Some(_)) => Value::text("TLSv1.3"),
        (["subject_peer_certificate" | "subject_local_certificate"], Some(_)) => Value::text(""),
        (["sha256_peer_certificate_digest"], Some(_)) => {
            use sha2::{Digest, Sha256};
            Value::text(hex(&Sha256::digest(seed.to_le_bytes())))
        }
        _ => None,
    }
}

fn xds_value(stream: &Stream, parts: &[&str]) -> Option<Value> {
    match parts {
        ["cluster_name" | "route_name" | "cluster_metadata" | "route_metadata", ..] if stream.router.lost => None,
        ["cluster_name"] => Value::text("inbound|8080||"),
        ["route_name"] => Value::text("default"),
        ["virtual_host_name"] => Value::text("inbound|http|8080"),
        ["filter_chain_name"] => Value::text(""),
        ["listener_direction"] => Some(Value::Int(1)),
        // Empty messages.
        ["cluster_metadata" | "route_metadata" | "listener_metadata" | "virtual_host_metadata"] => Value::text(""),
        ["upstream_host_metadata" | "upstream_host_locality_metadata"] if !stream.router.attempts.is_empty() => {
            Some(Value::Group)
        }
        [
            "cluster_metadata" | "route_metadata" | "listener_metadata" | "virtual_host_metadata",
            "filter_metadata" | "typed_filter_metadata",
        ] => Some(Value::Pairs(Vec::new())),
        _ => None,
    }
}

/// Nobody has said where.
fn locality(parts: &[&str]) -> Option<Value> {
    match parts {
        [] | ["region" | "zone" | "sub_zone"] => Value::text(""),
        _ => None,
    }
}

/// The node of the reference proxy.
fn node(world: &mut World, parts: &[&str]) -> Option<Value> {
    const ID: &str = "sidecar~10.0.0.1~app.ns~ns.svc.cluster.local";
    const METADATA: [(&str, &str); 2] = [("NAMESPACE", "ns"), ("NAME", "app")];
    match parts {
        ["id"] => Value::text(ID),
        ["cluster"] => Value::text("app.ns"),
        ["user_agent_name"] => Value::text("envoy"),
        ["user_agent_version"] => Value::text(""),
        ["client_features" | "dynamic_parameters" | "listening_addresses"] => Some(Value::Pairs(Vec::new())),
        ["metadata", name] => {
            METADATA.iter().find(|(known, _)| known == name).and_then(|(_, value)| Value::text(*value))
        }
        ["metadata"] => {
            let pair = |(name, value): &(&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
            Some(Value::Pairs(METADATA.iter().map(pair).collect()))
        }
        ["locality", rest @ ..] => locality(rest),
        ["extensions"] => {
            let text = "The list of the proxy's extensions was read; the plugin was told 1.";
            world.record.not_simulated("xds.node.extensions", text);
            None
        }
        [] => {
            world
                .record
                .not_simulated("xds.node", "The node was read as a whole; only id, cluster and metadata are ours.");
            let metadata: Vec<u8> = METADATA.iter().flat_map(|(k, v)| struct_field(k, v)).collect();
            let mut out = field(1, ID.as_bytes());
            out.extend(field(2, b"app.ns"));
            out.extend(field(3, &metadata));
            Value::text(out)
        }
        _ => None,
    }
}

/// One field of a protobuf Struct that holds a string.
fn struct_field(name: &str, value: &str) -> Vec<u8> {
    let mut entry = field(1, name.as_bytes());
    entry.extend(field(2, &field(3, value.as_bytes())));
    field(1, &entry)
}

/// A length-delimited protobuf field of less than 128 bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap_or(0)];
    out.extend_from_slice(bytes);
    out
}
