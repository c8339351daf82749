//! Lines of plugins.

use crate::engine::status::Status;
use crate::engine::vm::call::{Answer, Call};
use crate::exchange::Level;

/// `proxy_log(level, p, n)`
pub(super) fn log(call: &mut Call<'_>) -> Answer {
    let level = *Level::ALL.get(call.u32(0) as usize).ok_or(Status::BadArgument)?;
    let text = call.bytes(1)?;
    call.decode("level", level.word());
    call.decode_bytes("text", &text);
    write(call, level, &text);
    Ok(Status::Ok)
}

/// A line that is below the proxy's level is not written.
pub(super) fn write(call: &mut Call<'_>, level: Level, text: &[u8]) {
    let world = call.world();
    if level >= world.settings.log_level {
        let at = world.place();
        world.record.log(at, level, text);
    }
}

/// `proxy_get_log_level(out)`
pub(super) fn get_log_level(call: &mut Call<'_>) -> Answer {
    let level = call.world().settings.log_level;
    call.decode("level", level.word());
    call.write_u32(call.u32(0), level as u32)?;
    Ok(Status::Ok)
}
