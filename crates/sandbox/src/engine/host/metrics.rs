//! Metrics.

use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

/// `proxy_define_metric(type, name, n, out)`
pub(super) fn define(call: &mut Call<'_>) -> Answer {
    let kind = call.u32(0);
    let name = call.bytes(1)?;
    call.decode_bytes("name", &name);
    let world = call.world();
    let vm = world.frame.vm;
    let id = world.vms[vm].metrics.define(&mut world.stats, kind, &name)?;
    call.write_u32(call.u32(3), id)?;
    Ok(Status::Ok)
}

/// `proxy_increment_metric(id, i64)`
pub(super) fn increment(call: &mut Call<'_>) -> Answer {
    let (id, by) = (call.u32(0), call.i64(1));
    let world = call.world();
    let status = world.vms[world.frame.vm].metrics.increment(&mut world.stats, id, by);
    known(call, status)
}

/// `proxy_record_metric(id, i64)`
pub(super) fn record(call: &mut Call<'_>) -> Answer {
    let (id, value) = (call.u32(0), call.i64(1).cast_unsigned());
    let world = call.world();
    let status = world.vms[world.frame.vm].metrics.record(&mut world.stats, id, value);
    known(call, status)
}

/// `proxy_get_metric(id, out64)`
pub(super) fn get(call: &mut Call<'_>) -> Answer {
    let id = call.u32(0);
    let world = call.world();
    match world.vms[world.frame.vm].metrics.get(&mut world.stats, id) {
        Ok(value) => {
            call.write_u64(call.u32(1), value)?;
            Ok(Status::Ok)
        }
        Err(status) => known(call, status),
    }
}

fn known(call: &mut Call<'_>, status: Status) -> Answer {
    if status != Status::Ok {
        let id = call.u32(0);
        let text = format!("Metric {id} is not there, or not of the kind for this; only the status says so.");
        call.world().warn("metric_unknown", &text);
    }
    Ok(status)
}
