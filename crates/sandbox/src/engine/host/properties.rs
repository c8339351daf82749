//! Properties and what plugins store beside them.

use crate::engine::property;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

fn decode_path(call: &mut Call<'_>, path: &[u8]) {
    let dotted: Vec<u8> = path.iter().map(|byte| if *byte == 0 { b'.' } else { *byte }).collect();
    call.decode_bytes("path", &dotted);
}

/// `proxy_get_property(path, n, pp, np)`
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let path = call.bytes(0)?;
    decode_path(call, &path);
    let value = property::get(call.world(), &path)?;
    call.decode_bytes("value", &value);
    call.give(&value, 2)
}

/// `proxy_set_property(path, n, v, vn)`
pub(super) fn set(call: &mut Call<'_>) -> Answer {
    let (path, value) = (call.bytes(0)?, call.bytes(2)?);
    decode_path(call, &path);
    call.decode_bytes("value", &value);
    let world = call.world();
    let (s, _) = world.filter().ok_or(Status::NotFound)?;
    let prototype = world.root().and_then(|root| root.declared.get(&path)).cloned();
    world.streams[s].filter_state.set_property(&path, value, prototype.as_ref())?;
    Ok(Status::Ok)
}
