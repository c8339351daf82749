//! Properties that plugins have set, and what else lies in the filter state.

use super::{Value, typed};
use crate::engine::filter_state::{Kind, Object, own_name};
use crate::engine::world::{Halt, World};

/// `filter_state` and a name.
pub(super) fn get(world: &mut World, stream: usize, name: &str, rest: &[&str]) -> Option<Value> {
    if let Some(own) = own_name(name.as_bytes()).map(<[u8]>::to_vec) {
        return read(world, stream, &own, rest, false);
    }
    match (world.streams[stream].filter_state.object(name)?, rest) {
        (Object::Text(text), []) => Some(Value::Bytes(text.clone())),
        // Its parts cannot be listed.
        (Object::Address(_), []) => Some(Value::Pairs(Vec::new())),
        (Object::Address(address), ["ip"]) => Value::text(address.ip().to_string()),
        (Object::Address(address), ["port"]) => Some(Value::Int(i64::from(address.port()))),
        _ => None,
    }
}

/// A plugin's own name, without `filter_state`.
pub(super) fn own(world: &mut World, stream: usize, name: &str, rest: &[&str]) -> Option<Value> {
    read(world, stream, name.as_bytes(), rest, rest.is_empty())
}

fn read(world: &mut World, stream: usize, name: &[u8], rest: &[&str], whole: bool) -> Option<Value> {
    let (prototype, value) = world.streams[stream].filter_state.property(name)?;
    match prototype.kind {
        _ if whole => Some(Value::Bytes(value.to_vec())),
        Kind::Plain => rest.is_empty().then(|| Value::Bytes(value.to_vec())),
        Kind::Protobuf => match typed::read(&prototype.schema, value) {
            Some(found) => found.at(rest),
            None => {
                let schema = String::from_utf8_lossy(&prototype.schema).into_owned();
                let text = format!("A property of type {schema} was read by its parts; the plugin was told 1.");
                world.record.not_simulated("property of a message type", &text);
                None
            }
        },
        Kind::FlatBuffers if prototype.schema.is_empty() => {
            let text = "A FlatBuffers property without a schema is read by its parts; Envoy crashes (SIGSEGV).";
            world.warn("undefined_in_envoy", text);
            world.halt = Some(Halt::Crashed);
            None
        }
        Kind::FlatBuffers => {
            let text = "A FlatBuffers property was read by its parts; the plugin was told 1.";
            world.record.not_simulated("property of a FlatBuffers type", text);
            None
        }
    }
}
