//! Bodies, configurations and messages as buffers.

use crate::engine::http::stream::Data;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};
use crate::engine::world::{self, World};

const NAMES: [&str; 9] = [
    "request_body",
    "response_body",
    "downstream_data",
    "upstream_data",
    "call_response_body",
    "grpc_message",
    "vm_configuration",
    "plugin_configuration",
    "foreign_arguments",
];

/// What a number stands for now.
enum Buffer<'a> {
    /// Part of a message: can be changed.
    Body(&'a mut Vec<u8>),
    /// Can only be read.
    Fixed(Vec<u8>),
    /// There is a buffer with nothing in it, and nothing can be put there.
    Nothing,
}

impl Buffer<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Body(bytes) => bytes,
            Self::Fixed(bytes) => bytes,
            Self::Nothing => &[],
        }
    }
}

fn buffer(world: &mut World, number: u32) -> Result<Buffer<'_>, Status> {
    // Envoy has one buffer object per context, and what a foreign function is given is whatever it stood for last.
    if number == 8 {
        let Some(last) = world.context().and_then(|context| context.last_buffer) else { return Ok(Buffer::Nothing) };
        if last > 1 || !matches!(at(world, last), Ok(Buffer::Nothing)) {
            return Ok(at(world, last).unwrap_or(Buffer::Nothing));
        }
        // A body that has gone on: Envoy still looks at the memory it was in, and finds an empty buffer there.
        let gone = "What a foreign function was given was read or written, while no such function is called: a body's old memory.";
        world.warn("undefined_in_envoy", gone);
        return Ok(world.context().map_or(Buffer::Nothing, |context| Buffer::Body(&mut context.old_body)));
    }
    let there = at(world, number).is_ok();
    if let Some(context) = world.context().filter(|_| there) {
        context.last_buffer = Some(number);
    }
    at(world, number)
}

fn at(world: &mut World, number: u32) -> Result<Buffer<'_>, Status> {
    match number {
        0 | 1 => Ok(body(world, number == 0)),
        2 | 3 => Ok(Buffer::Nothing),
        4 | 5 => match (number, world.root().and_then(|root| root.answer.as_mut())) {
            (4, Some(world::Answer::Http { body, .. })) => Ok(Buffer::Fixed(body.clone())),
            (5, Some(world::Answer::Grpc { message })) => Ok(Buffer::Body(message)),
            (5, _) => Ok(Buffer::Nothing),
            _ => Err(Status::NotFound),
        },
        6 => Ok(Buffer::Fixed(world.vm().config.clone())),
        7 => configuration(world).map(Buffer::Fixed).ok_or(Status::NotFound),
        _ => Err(Status::BadArgument),
    }
}

fn body(world: &mut World, request: bool) -> Buffer<'_> {
    let Some((s, f)) = world.filter() else { return Buffer::Nothing };
    let stream = &mut world.streams[s];
    let view = stream.filters[f].view;
    let found = if request {
        let data = if view.buffering_request { Some(Data::Buffered) } else { view.request_body };
        data.and_then(|data| stream.request_data(data))
    } else {
        let data = if view.buffering_response { Some(Data::Buffered) } else { view.response_body };
        data.and_then(|data| stream.response_data(data))
    };
    found.map_or(Buffer::Nothing, Buffer::Body)
}

/// The plugin configuration, while it can be read.
fn configuration(world: &mut World) -> Option<Vec<u8>> {
    let context = world.context()?;
    let plugin = context.plugin.filter(|_| context.config_visible)?;
    Some(world.plugins[plugin].config.clone())
}

fn name(call: &mut Call<'_>) {
    if let Some(name) = NAMES.get(call.u32(0) as usize) {
        call.decode("buffer", *name);
    }
}

/// `proxy_get_buffer_bytes(type, start, max, pp, np)`
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    name(call);
    let (number, start, max) = (call.u32(0), call.u32(1) as usize, call.u32(2) as usize);
    let found = buffer(call.world(), number)?;
    let bytes = found.bytes();
    // Behind the end there is nothing, which is no error.
    let start = start.min(bytes.len());
    let part = bytes[start..start.saturating_add(max).min(bytes.len())].to_vec();
    call.decode_bytes("bytes", &part);
    call.give(&part, 3)
}

/// `proxy_get_buffer_status(type, len, flags)`
pub(super) fn status(call: &mut Call<'_>) -> Answer {
    name(call);
    let number = call.u32(0);
    let len = u32::try_from(buffer(call.world(), number)?.bytes().len()).unwrap_or(u32::MAX);
    call.write_u32(call.u32(1), len)?;
    call.write_u32(call.u32(2), 0)?;
    Ok(Status::Ok)
}

/// `proxy_set_buffer_bytes(type, start, len, p, n)`: Envoy can put in front, replace from the front, and append.
pub(super) fn set(call: &mut Call<'_>) -> Answer {
    name(call);
    let (number, start, len) = (call.u32(0), call.u32(1) as usize, call.u32(2) as usize);
    // An unknown buffer is refused before its bytes are looked at.
    buffer(call.world(), number)?;
    let bytes = call.bytes(3)?;
    call.decode_bytes("bytes", &bytes);
    match buffer(call.world(), number)? {
        Buffer::Body(body) if start == 0 => {
            body.splice(..len.min(body.len()), bytes);
            Ok(Status::Ok)
        }
        Buffer::Body(body) if start >= body.len() => {
            body.extend_from_slice(&bytes);
            Ok(Status::Ok)
        }
        _ => Err(Status::BadArgument),
    }
}

/// `proxy_get_configuration(pp, np)` of ABI 0.1.0
pub(super) fn get_configuration(call: &mut Call<'_>) -> Answer {
    let world = call.world();
    let bytes = configuration(world).unwrap_or_else(|| world.vm().config.clone());
    call.decode_bytes("bytes", &bytes);
    call.give(&bytes, 0)
}
