//! Shared data and queues.

use crate::engine::events::Event;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

/// `proxy_get_shared_data(k, n, pp, np, cas)`
pub(super) fn get_data(call: &mut Call<'_>) -> Answer {
    let key = call.bytes(0)?;
    call.decode_bytes("key", &key);
    let world = call.world();
    let vm_id = world.vm().vm_id.clone();
    let (value, cas) = world.shared.get(&vm_id, &key).ok_or(Status::NotFound)?;
    let value = value.to_vec();
    call.decode_bytes("value", &value);
    call.give(&value, 2)?;
    call.write_u32(call.u32(4), cas)?;
    Ok(Status::Ok)
}

/// `proxy_set_shared_data(k, n, v, n, cas)`
pub(super) fn set_data(call: &mut Call<'_>) -> Answer {
    let (key, value) = (call.bytes(0)?, call.bytes(2)?);
    let cas = call.u32(4);
    call.decode_bytes("key", &key);
    call.decode_bytes("value", &value);
    let world = call.world();
    let vm_id = world.vm().vm_id.clone();
    Ok(world.shared.set(&vm_id, &key, &value, cas))
}

/// `proxy_register_shared_queue(name, n, out)`
pub(super) fn register(call: &mut Call<'_>) -> Answer {
    let name = call.bytes(0)?;
    call.decode_bytes("name", &name);
    let world = call.world();
    let (vm, context) = (world.frame.vm, world.root_id());
    let vm_id = world.vm().vm_id.clone();
    let id = world.queues.register(&vm_id, &name, vm, context);
    call.write_u32(call.u32(2), id)?;
    Ok(Status::Ok)
}

/// `proxy_resolve_shared_queue(vm, n, name, n, out)`
pub(super) fn resolve(call: &mut Call<'_>) -> Answer {
    let (vm_id, name) = (call.bytes(0)?, call.bytes(2)?);
    call.decode_bytes("name", &name);
    let world = call.world();
    let vm_id = if vm_id.is_empty() { world.vm().vm_id.clone() } else { String::from_utf8_lossy(&vm_id).into_owned() };
    let id = world.queues.resolve(&vm_id, &name).ok_or(Status::NotFound)?;
    call.write_u32(call.u32(4), id)?;
    Ok(Status::Ok)
}

/// `proxy_enqueue_shared_queue(id, p, n)`
pub(super) fn enqueue(call: &mut Call<'_>) -> Answer {
    /// Messages of one run that anyone is told of.
    const MAX_EVENTS: u64 = 64;
    let message = call.bytes(1)?;
    let queue = call.u32(0);
    call.decode_bytes("message", &message);
    let world = call.world();
    let (vm, context) = world.queues.enqueue(queue, &message).ok_or(Status::NotFound)?;
    if world.events.count_queue_event() > MAX_EVENTS {
        world.stop_at("queue_events", MAX_EVENTS);
        return Err(Status::InternalFailure);
    }
    let now = world.clock.now();
    world.events.at(now, Event::QueueReady { vm, context, queue });
    Ok(Status::Ok)
}

/// `proxy_dequeue_shared_queue(id, pp, np)`
pub(super) fn dequeue(call: &mut Call<'_>) -> Answer {
    let queue = call.u32(0);
    let message = call.world().queues.dequeue(queue)?;
    call.decode_bytes("message", &message);
    call.give(&message, 1)
}
