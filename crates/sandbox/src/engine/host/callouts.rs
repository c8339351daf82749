//! Calls to other clusters.

use crate::engine::callout::Request;
use crate::engine::http::attempt::ROUTING;
use crate::engine::http::headers::{HeaderMap, Kind};
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};
use crate::engine::world::{Action, Halt};
use crate::report::CalloutKind;

/// gRPC's unavailable.
const UNAVAILABLE: u32 = 14;

/// `proxy_http_call(cluster, n, headers, n, body, n, trailers, n, timeout_ms, token_out)`
pub(super) fn http_call(call: &mut Call<'_>) -> Answer {
    let cluster = call.bytes(0)?;
    let body = call.bytes(4)?;
    let headers = call.pairs(2)?;
    let trailers = call.pairs(6)?;
    let timeout_ms = call.u32(8);
    call.decode_bytes("cluster", &cluster);
    call.decode("timeout_ms", timeout_ms);
    call.write_u32(call.u32(9), 0)?;
    let mut headers = HeaderMap::from_pairs(Kind::Request, headers);
    let complete = [":path", ":method", ":authority"].iter().all(|name| headers.get(name.as_bytes()).is_some());
    if !body.is_empty() {
        headers.set_in_place(b"content-length", body.len().to_string().as_bytes());
    }
    let mut request = Request { kind: CalloutKind::Http, cluster, headers, body, trailers, timeout_ms };
    let world = call.world();
    if timeout_ms.cast_signed() < 0 || !world.callouts.knows(&request.cluster) || !complete {
        world.refuse_callout(&request, Status::BadArgument);
        if !world.callouts.knows(&request.cluster) {
            let text = format!("The proxy has no cluster {}.", String::from_utf8_lossy(&request.cluster));
            world.warn("cluster_unknown", &text);
        }
        return Err(Status::BadArgument);
    }
    // Envoy's router goes by these, and keeps them.
    let own = request.headers.get(b"x-envoy-upstream-rq-timeout-ms");
    let own = own.and_then(|text| std::str::from_utf8(text).ok()?.parse::<u32>().ok());
    request.timeout_ms = own.unwrap_or(timeout_ms);
    let timeout_ms = request.timeout_ms;
    for name in ROUTING {
        request.headers.remove(name.as_bytes());
    }
    request.headers.set_in_place(b"x-envoy-internal", b"true");
    if timeout_ms > 0 {
        request.headers.set_in_place(b"x-envoy-expected-rq-timeout-ms", timeout_ms.to_string().as_bytes());
    }
    let token = world.send_callout(&request).ok_or(Status::InternalFailure)?;
    call.decode("token", token);
    call.write_u32(call.u32(9), token)?;
    Ok(Status::Ok)
}

/// `proxy_grpc_call(service, n, service_name, n, method, n, metadata, n, message, n, timeout_ms, token_out)`
pub(super) fn grpc_call(call: &mut Call<'_>) -> Answer {
    let service = call.bytes(0)?;
    let (name, method) = (call.bytes(2)?, call.bytes(4)?);
    let message = call.bytes(8)?;
    let metadata = call.pairs(6)?;
    let timeout_ms = call.u32(10);
    if service.is_empty() {
        let world = call.world();
        world.warn("undefined_in_envoy", "A gRPC call named no service: Envoy crashes (SIGSEGV).");
        world.halt = Some(Halt::Crashed);
        return Err(Status::InternalFailure);
    }
    let encoded = cluster_of(&service);
    // What is no encoded service is the name of a cluster, and that is looked for at once.
    if encoded.is_none() && !call.world().callouts.knows(&service) {
        call.decode_bytes("cluster", &service);
        let text = format!("The proxy has no cluster {}.", String::from_utf8_lossy(&service));
        call.world().warn("cluster_unknown", &text);
        return Err(Status::ParseFailure);
    }
    let cluster = encoded.unwrap_or(service);
    call.decode_bytes("cluster", &cluster);
    let path = [b"/", name.as_slice(), b"/", method.as_slice()].concat();
    let mut headers = HeaderMap::new(Kind::Request);
    headers.add(b":method", b"POST");
    headers.add(b":path", &path);
    headers.add(b":authority", &cluster);
    headers.add(b":scheme", b"http");
    headers.add(b"te", b"trailers");
    // At most eight digits; what needs more is said in seconds.
    let timeout = if timeout_ms > 99_999_999 { format!("{}S", timeout_ms / 1000) } else { format!("{timeout_ms}m") };
    headers.add(b"grpc-timeout", timeout.as_bytes());
    headers.add(b"content-type", b"application/grpc");
    metadata.iter().for_each(|(key, value)| headers.add(key, value));
    headers.add(b"x-envoy-internal", b"true");
    let request =
        Request { kind: CalloutKind::Grpc, cluster, headers, body: message, trailers: Vec::new(), timeout_ms };
    let world = call.world();
    if !world.callouts.knows(&request.cluster) {
        world.refuse_callout(&request, Status::InternalFailure);
        let text = format!("The proxy has no cluster {}.", String::from_utf8_lossy(&request.cluster));
        world.warn("cluster_unknown", &text);
        let context = world.root_id();
        let tokens = &mut world.vm().tokens;
        tokens[1] += 4;
        let token = tokens[1] + 1;
        world.vm().actions.push_back(Action::GrpcClose { context, token, status: UNAVAILABLE });
        return Err(Status::InternalFailure);
    }
    let token = world.send_callout(&request).ok_or(Status::InternalFailure)?;
    call.decode("token", token);
    call.write_u32(call.u32(11), token)?;
    Ok(Status::Ok)
}

/// The cluster of an encoded `GrpcService` with an `envoy_grpc`; `None` when the bytes are not one, but a plain name.
fn cluster_of(service: &[u8]) -> Option<Vec<u8>> {
    let mut rest = service;
    let mut cluster = None;
    while !rest.is_empty() {
        let (number, value, after) = field(rest)?;
        if number == 1 {
            let mut inner = value?;
            while !inner.is_empty() {
                let (number, value, after) = field(inner)?;
                if number == 1 {
                    cluster = Some(value?.to_vec());
                }
                inner = after;
            }
        }
        rest = after;
    }
    cluster
}

/// Number, bytes of a length-delimited field, and what follows.
type Field<'a> = (u64, Option<&'a [u8]>, &'a [u8]);

fn field(bytes: &[u8]) -> Option<Field<'_>> {
    let (key, rest) = varint(bytes)?;
    match key & 7 {
        0 => varint(rest).map(|(_, rest)| (key >> 3, None, rest)),
        1 => rest.get(8..).map(|rest| (key >> 3, None, rest)),
        2 => {
            let (len, rest) = varint(rest)?;
            let (value, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
            Some((key >> 3, Some(value), rest))
        }
        5 => rest.get(4..).map(|rest| (key >> 3, None, rest)),
        _ => None,
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(u32::try_from(at * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// `proxy_grpc_stream(...)`: said, never a silent success.
pub(super) fn grpc_stream(call: &mut Call<'_>) -> Answer {
    call.world()
        .record
        .not_simulated("proxy_grpc_stream", "Streaming gRPC calls are not simulated; the plugin was told 10.");
    Err(Status::InternalFailure)
}

/// `proxy_grpc_send(token, p, n, end)`: there are no streams to send on.
pub(super) fn grpc_send(call: &mut Call<'_>) -> Answer {
    call.bytes(1)?;
    if call.u32(0) & 3 == 2 { Err(Status::NotFound) } else { Err(Status::BadArgument) }
}

/// `proxy_grpc_cancel(token)`, `proxy_grpc_close(token)`
pub(super) fn grpc_cancel(call: &mut Call<'_>) -> Answer {
    let token = call.u32(0);
    match token & 3 {
        1 if call.world().cancel_callout(token) => Ok(Status::Ok),
        1 | 2 => Err(Status::NotFound),
        _ => Err(Status::BadArgument),
    }
}

/// `proxy_get_status(code, pp, np)`: the root's, whichever context asks.
pub(super) fn get_status(call: &mut Call<'_>) -> Answer {
    let (code, text) = call.world().root().map(|root| root.status.clone()).unwrap_or_default();
    call.write_u32(call.u32(0), code)?;
    call.give(text.as_bytes(), 1)
}

#[cfg(test)]
mod tests {
    use super::cluster_of;

    #[test]
    fn a_service_is_an_encoded_message_or_a_plain_name() {
        assert_eq!(cluster_of(b"\x0a\x05\x0a\x03abc"), Some(b"abc".to_vec()));
        assert_eq!(cluster_of(b"outbound|80||a"), None);
        assert_eq!(cluster_of(b"grpc"), None);
    }
}
