//! The clock and ticks.

use crate::engine::clock::millis;
use crate::engine::events::Event;
use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};

/// `proxy_set_tick_period_milliseconds(ms)`: of the root context; 0 ends the ticks.
pub(super) fn set_tick_period(call: &mut Call<'_>) -> Answer {
    let period = call.u32(0);
    call.decode("period_ms", period);
    let world = call.world();
    let (vm, context) = (world.frame.vm, world.root_id());
    let now = world.clock.now();
    let (set, number) = world.vm().ticks.entry(context).or_insert((0, 0));
    *set = period;
    *number += 1;
    let number = *number;
    if period > 0 {
        world.events.at(now + millis(u64::from(period)), Event::Tick { vm, context, number });
    }
    Ok(Status::Ok)
}

/// `proxy_get_current_time_nanoseconds(out64)`
pub(super) fn now(call: &mut Call<'_>) -> Answer {
    let now = call.world().clock.now();
    call.write_u64(call.u32(0), now)?;
    Ok(Status::Ok)
}
