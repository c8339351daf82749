//! Going on, stopping, answering.

use super::DONE;
use crate::engine::http::local_reply::Reply;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};
use crate::engine::world::Action;

/// gRPC statuses end here; what is above means none.
const MAX_GRPC_STATUS: u32 = 16;

/// `proxy_send_local_response(code, details, n, body, n, headers, n, grpc_status)`
pub(super) fn send_local_response(call: &mut Call<'_>) -> Answer {
    let status = call.u32(0);
    let (details, body) = (call.bytes(1)?, call.bytes(3)?);
    let headers = call.pairs(5)?;
    let grpc = call.u32(7);
    call.decode("status_code", status);
    call.decode_bytes("details", &details);
    call.decode_bytes("body", &body);
    let world = call.world();
    let at = world.place();
    let filter = world.filter();
    let again = world.context().is_some_and(|context| std::mem::replace(&mut context.replied, true));
    if again {
        let text = "A second local response was sent for the stream: of a request Envoy keeps its details only, later it resets \
                    the stream or crashes.";
        world.warn("local_reply_twice", text);
    }
    if let Some((stream, filter)) = filter {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xb | 0xc);
        let details = details.iter().map(|byte| if blank(byte) { b'_' } else { *byte }).collect();
        let reply = Box::new(Reply {
            by: Some((at.plugin, at.phase)),
            // Envoy keeps statuses in 16 bits.
            status: status & 0xffff,
            details,
            body,
            headers,
            grpc_status: (grpc <= MAX_GRPC_STATUS).then_some(grpc),
        });
        world.vm().actions.push_back(Action::LocalReply { stream, filter, reply });
    }
    world.vm().stop_next = true;
    DONE
}

/// `proxy_continue_stream(type)`
pub(super) fn continue_stream(call: &mut Call<'_>) -> Answer {
    match call.u32(0) {
        0 => go_on(call, true),
        1 => go_on(call, false),
        2 => DONE,
        3 => Err(Status::Unimplemented),
        _ => Err(Status::BadArgument),
    }
}

/// `proxy_continue_request()` of ABI 0.1.0
pub(super) fn continue_request(call: &mut Call<'_>) -> Answer {
    go_on(call, true)
}

/// `proxy_continue_response()` of ABI 0.1.0
pub(super) fn continue_response(call: &mut Call<'_>) -> Answer {
    go_on(call, false)
}

/// Put off until the callback has returned; what belongs to the request is out of reach at once.
fn go_on(call: &mut Call<'_>, request: bool) -> Answer {
    call.decode("stream", if request { "request" } else { "response" });
    let world = call.world();
    if let Some((stream, filter)) = world.filter() {
        let view = &mut world.streams[stream].filters[filter].view;
        view.request_headers = false;
        view.request_body = None;
        view.request_trailers = false;
        let action = if request {
            Action::ContinueRequest { stream, filter }
        } else {
            Action::ContinueResponse { stream, filter }
        };
        world.vm().actions.push_back(action);
    }
    DONE
}

/// `proxy_close_stream(type)`
pub(super) fn close_stream(call: &mut Call<'_>) -> Answer {
    let kind = call.u32(0);
    if kind > 3 {
        return Err(Status::BadArgument);
    }
    let world = call.world();
    if let (0 | 1, Some((stream, _))) = (kind, world.filter()) {
        let state = &mut world.streams[stream];
        state.code_details.get_or_insert_with(|| b"wasm_close_stream".to_vec());
        world.vm().actions.push_back(Action::Reset { stream });
    }
    DONE
}

/// `proxy_clear_route_cache()` of ABI 0.1.0
pub(super) fn clear_route_cache(call: &mut Call<'_>) -> Answer {
    clear_route(call);
    DONE
}

pub(super) fn clear_route(call: &mut Call<'_>) {
    let world = call.world();
    if let Some((s, _)) = world.filter() {
        world.streams[s].route_stale = true;
    }
}

/// `proxy_set_effective_context(id)`
pub(super) fn set_effective_context(call: &mut Call<'_>) -> Answer {
    let id = call.u32(0);
    call.decode("context", id);
    let world = call.world();
    if !world.vm().contexts.contains_key(&id) {
        return Err(Status::BadArgument);
    }
    world.frame.effective = id;
    DONE
}

/// `proxy_done()`: only while the VM is being shut down, which no exchange does.
pub(super) fn done(_: &mut Call<'_>) -> Answer {
    Err(Status::NotFound)
}
