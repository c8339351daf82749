//! Header maps: which of them a callback can reach, for reading and for writing.

use crate::abi::Version;
use crate::engine::http::headers::{HeaderMap, Kind};
use crate::engine::http::pairs;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};
use crate::engine::world::{self, World};

/// The maps by their numbers.
const NAMES: [&str; 8] = [
    "request_headers",
    "request_trailers",
    "response_headers",
    "response_trailers",
    "grpc_initial_metadata",
    "grpc_trailing_metadata",
    "call_response_headers",
    "call_response_trailers",
];

fn map_number(call: &mut Call<'_>) -> Result<usize, Status> {
    let number = call.u32(0) as usize;
    let name = NAMES.get(number).ok_or(Status::BadArgument)?;
    call.decode("map", *name);
    Ok(number)
}

/// The map that can be read now.
fn readable(world: &mut World, number: usize) -> Option<&HeaderMap> {
    if number >= 4 {
        return match (number, world.root()?.answer.as_ref()?) {
            (6, world::Answer::Http { headers, .. }) => Some(headers),
            (7, world::Answer::Http { trailers, .. }) => trailers.as_ref(),
            _ => None,
        };
    }
    let (s, f) = world.filter()?;
    let stream = &world.streams[s];
    let view = stream.filters[f].view;
    match number {
        0 if view.log || view.request_headers => Some(&stream.request_headers),
        1 if !view.log && view.request_trailers => stream.request_trailers.as_ref(),
        2 if view.log || view.response_headers => stream.response_headers.as_ref(),
        3 if view.log || view.response_trailers => stream.response_trailers.as_ref(),
        _ => None,
    }
}

/// The map that can be written now. Trailers come into being in the last body callback.
fn writable(world: &mut World, number: usize) -> Option<&mut HeaderMap> {
    let (s, f) = world.filter()?;
    let stream = &mut world.streams[s];
    let view = &mut stream.filters[f].view;
    match number {
        0 if view.request_headers => Some(&mut stream.request_headers),
        1 => {
            if !view.request_trailers && view.request_body.is_some() && view.end && !view.destroyed {
                view.request_trailers = true;
                stream.request_trailers.get_or_insert_with(|| HeaderMap::new(Kind::Trailers));
            }
            if view.request_trailers { stream.request_trailers.as_mut() } else { None }
        }
        2 if view.response_headers => stream.response_headers.as_mut(),
        3 => {
            if !view.response_trailers && view.response_body.is_some() && view.end && !view.destroyed {
                view.response_trailers = true;
                stream.response_trailers.get_or_insert_with(|| HeaderMap::new(Kind::Trailers));
            }
            if view.response_trailers { stream.response_trailers.as_mut() } else { None }
        }
        _ => None,
    }
}

/// `proxy_get_header_map_size(map, out)`: Envoy asks for the map as if it were to be written.
pub(super) fn size(call: &mut Call<'_>) -> Answer {
    let number = map_number(call)?;
    let size = writable(call.world(), number).map(|map| map.byte_size()).ok_or(Status::BadArgument)?;
    call.write_u32(call.u32(1), size)?;
    Ok(Status::Ok)
}

/// `proxy_get_header_map_pairs(map, pp, np)`: a map that is not there is empty.
pub(super) fn get_pairs(call: &mut Call<'_>) -> Answer {
    let number = map_number(call)?;
    let map = readable(call.world(), number);
    let count = map.map_or(0, HeaderMap::len);
    let bytes = map.map(|map| pairs::encode(map.pairs())).unwrap_or_default();
    call.decode("pairs", count);
    call.give(&bytes, 1)
}

/// `proxy_get_header_map_value(map, k, kn, pp, np)`
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let number = map_number(call)?;
    let key = call.bytes(1)?;
    call.decode_bytes("key", &key);
    let world = call.world();
    let found = match readable(world, number) {
        None => {
            let log = world.filter().is_some_and(|(s, f)| world.streams[s].filters[f].view.log);
            if !log {
                return Err(Status::BadArgument);
            }
            None
        }
        Some(map) => map.get(&key).map(<[u8]>::to_vec),
    };
    match found {
        Some(value) => {
            call.decode_bytes("value", &value);
            call.give(&value, 3)
        }
        None if call.world().vm().abi == Version::V0_1_0 => call.give(&[], 3),
        None => Err(Status::NotFound),
    }
}

/// `proxy_set_header_map_pairs(map, p, n)`
pub(super) fn set_pairs(call: &mut Call<'_>) -> Answer {
    let number = map_number(call)?;
    let pairs = call.pairs(1)?;
    call.decode("pairs", pairs.len());
    write(call, number, |map| map.set_pairs(&pairs))
}

/// `proxy_add_header_map_value(map, k, kn, v, vn)`
pub(super) fn add(call: &mut Call<'_>) -> Answer {
    let (number, key, value) = line(call)?;
    write(call, number, |map| map.add(&key, &value))
}

/// `proxy_replace_header_map_value(map, k, kn, v, vn)`
pub(super) fn replace(call: &mut Call<'_>) -> Answer {
    let (number, key, value) = line(call)?;
    write(call, number, |map| map.replace(&key, &value))
}

/// `proxy_remove_header_map_value(map, k, kn)`
pub(super) fn remove(call: &mut Call<'_>) -> Answer {
    let number = map_number(call)?;
    let key = call.bytes(1)?;
    call.decode_bytes("key", &key);
    write(call, number, |map| map.remove(&key))
}

fn line(call: &mut Call<'_>) -> Result<(usize, Vec<u8>, Vec<u8>), Status> {
    let number = map_number(call)?;
    let (key, value) = (call.bytes(1)?, call.bytes(3)?);
    call.decode_bytes("key", &key);
    call.decode_bytes("value", &value);
    Ok((number, key, value))
}

fn write(call: &mut Call<'_>, number: usize, change: impl FnOnce(&mut HeaderMap)) -> Answer {
    let world = call.world();
    match writable(world, number) {
        Some(map) => {
            change(map);
            if number == 0
                && let Some((s, _)) = world.filter()
            {
                world.streams[s].route_stale = true;
            }
            Ok(Status::Ok)
        }
        None => {
            let text = format!("{} cannot be written here; only the returned status says so.", NAMES[number]);
            world.warn("header_write_too_late", &text);
            Err(Status::BadArgument)
        }
    }
}
