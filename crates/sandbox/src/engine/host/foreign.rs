//! Functions that only Envoy has.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::engine::filter_state::{self, Kind, Prototype, Span};
use crate::engine::message::Message;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

mod keys;
mod signatures;

/// The most that `uncompress` makes of its argument, in bytes.
const MAX_BYTES: u64 = 16 << 20;
/// Properties that one context may declare, and the bytes of their names and schemas.
const MAX_DECLARED: usize = 1 << 20;

/// Something that Envoy does there and the sandbox does not.
struct NotSimulated(&'static str);

/// What a function gives, where it is simulated.
type Done = Result<Vec<u8>, NotSimulated>;

/// `proxy_call_foreign_function(name, n, args, n, pp, np)`
pub(super) fn call(call: &mut Call<'_>) -> Answer {
    let name = call.bytes(0)?;
    let args = call.bytes(2)?;
    call.decode_bytes("function", &name);
    let result = match name.as_slice() {
        b"clear_route_cache" => {
            super::flow::clear_route(call);
            Ok(Ok(Vec::new()))
        }
        b"compress" => compress(&args).map(Ok).ok_or(Status::SerializationFailure),
        b"uncompress" => uncompress(&args).map(Ok).ok_or(Status::SerializationFailure),
        b"declare_property" => declare_property(call, &args),
        b"set_envoy_filter_state" => set_filter_state(call, &args),
        b"verify_signature" => signatures::verify(&args),
        b"sign" => signatures::sign(&args),
        b"expr_create" => create_expression(&args),
        b"expr_evaluate" => token(&args).and(Err(Status::NotFound)),
        b"expr_delete" => token(&args).map(|()| Ok(Vec::new())),
        _ => return Err(Status::NotFound),
    };
    let result = result.and_then(|done| {
        done.map_err(|NotSimulated(what)| {
            let name = String::from_utf8_lossy(&name).into_owned();
            let text = format!("The foreign function {name} is not simulated for {what}; the plugin was told 1.");
            call.world().record.not_simulated(&format!("foreign function {name}"), &text);
            Status::NotFound
        })
    });
    let (pointer, size) = (call.u32(4), call.u32(5));
    // A function that fails leaves an empty result behind.
    let (status, result) = match result {
        Ok(result) => (Status::Ok, result),
        Err(status) => (status, Vec::new()),
    };
    let len = u32::try_from(result.len()).map_err(|_| Status::InternalFailure)?;
    let address = if result.is_empty() || pointer == 0 { 0 } else { call.allocate(len)? };
    if address != 0 {
        call.write(address, &result)?;
    }
    if pointer != 0 {
        call.write_u32(pointer, address)?;
    }
    if size != 0 {
        call.write_u32(size, len)?;
    }
    if status == Status::Ok { Ok(status) } else { Err(status) }
}

/// For fuzzing: an argument, whatever function it is for.
pub(super) fn read(args: &[u8]) {
    let _ = signatures::verify(args);
    let _ = signatures::sign(args);
    if let Some(args) = Message::read(args).and_then(|args| args.with_texts(&[1, 2])) {
        let _ = filter_state::made_of(args.text(1), args.text(2));
    }
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn uncompress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    ZlibDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut out).ok()?;
    Some(out)
}

/// Says of a property, before it is set, whether it is read-only (2), its type (3) and schema (4). How long it lives (5) makes
/// no difference within one exchange. The context that was called declares it, not the effective one.
fn declare_property(call: &mut Call<'_>, args: &[u8]) -> Result<Done, Status> {
    let args = Message::read(args).and_then(|args| args.with_texts(&[1])).ok_or(Status::BadArgument)?;
    let name = args.bytes(1).to_vec();
    let kind = match args.varint(3) {
        2 => Kind::FlatBuffers,
        3 => Kind::Protobuf,
        _ => Kind::Plain,
    };
    let prototype = Prototype { readonly: args.varint(2) != 0, kind, schema: args.bytes(4).to_vec() };
    let context = call.world().called().ok_or(Status::BadArgument)?;
    if context.declared.contains_key(&name) {
        return Err(Status::BadArgument);
    }
    let declared: usize = context.declared.iter().map(|(name, known)| name.len() + known.schema.len() + 64).sum();
    if declared + name.len() + prototype.schema.len() > MAX_DECLARED {
        return Err(Status::InternalFailure);
    }
    context.declared.insert(name, prototype);
    Ok(Ok(Vec::new()))
}

/// Keeps a text (2) under a name (1) that Envoy's own parts read, for a while (3).
fn set_filter_state(call: &mut Call<'_>, args: &[u8]) -> Result<Done, Status> {
    let args = Message::read(args).and_then(|args| args.with_texts(&[1, 2])).ok_or(Status::BadArgument)?;
    let name = args.text(1);
    let object = filter_state::made_of(name, args.text(2))?;
    let world = call.world();
    let (stream, _) = world.filter().ok_or(Status::NotFound)?;
    world.streams[stream].filter_state.keep(name, Span::of(args.varint(3)), object);
    Ok(Ok(Vec::new()))
}

/// # Errors
/// What is certainly no expression.
fn create_expression(text: &[u8]) -> Result<Done, Status> {
    match std::str::from_utf8(text) {
        Ok(text) if !text.trim().is_empty() => Ok(Err(NotSimulated("expressions"))),
        _ => Err(Status::BadArgument),
    }
}

/// # Errors
/// Another size than a number's.
fn token(args: &[u8]) -> Result<(), Status> {
    if args.len() == 4 { Ok(()) } else { Err(Status::BadArgument) }
}
