//! Functions that only Envoy has.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

/// The most that `uncompress` makes of its argument, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Functions of Envoy 1.40 that are not simulated.
const OTHERS: [&str; 7] = [
    "expr_create",
    "expr_evaluate",
    "expr_delete",
    "declare_property",
    "set_envoy_filter_state",
    "verify_signature",
    "sign",
];

/// `proxy_call_foreign_function(name, n, args, n, pp, np)`
pub(super) fn call(call: &mut Call<'_>) -> Answer {
    let name = call.bytes(0)?;
    let args = call.bytes(2)?;
    call.decode_bytes("function", &name);
    let result = match name.as_slice() {
        b"clear_route_cache" => {
            super::flow::clear_route(call);
            Ok(Vec::new())
        }
        b"compress" => compress(&args).ok_or(Status::SerializationFailure),
        b"uncompress" => uncompress(&args).ok_or(Status::SerializationFailure),
        other => {
            let name = String::from_utf8_lossy(other).into_owned();
            if !OTHERS.contains(&name.as_str()) {
                return Err(Status::NotFound);
            }
            let text = format!("The foreign function {name} is not simulated; the plugin was told 1.");
            call.world().record.not_simulated(&format!("foreign function {name}"), &text);
            Err(Status::NotFound)
        }
    };
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
