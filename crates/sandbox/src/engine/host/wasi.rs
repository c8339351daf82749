//! WASI as Envoy has it: enough to start a guest, files and sockets in name only. Returns are WASI's error numbers.

use crate::engine::vm::call::Call;
use crate::exchange::Level;

const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
const EFAULT: u32 = 21;
const EINVAL: u32 = 28;
const EISDIR_OR_MISSING: u32 = 44;
const ENOSYS: u32 = 52;
const ENOTSUP: u32 = 58;

/// The most that one call may ask of random bytes.
const MAX_RANDOM: u32 = 64 << 10;

type Run = fn(&mut Call<'_>) -> u32;

/// What a name does.
pub(super) fn find(name: &str) -> Run {
    match name {
        "fd_write" => fd_write,
        "clock_time_get" => clock_time_get,
        "random_get" => random_get,
        "environ_get" => |call| or_fault(environ_get(call)),
        "environ_sizes_get" => |call| or_fault(environ_sizes_get(call)),
        "args_sizes_get" => |call| or_fault(args_sizes_get(call)),
        "fd_fdstat_get" => fd_fdstat_get,
        "poll_oneoff" => |call| or_fault(no_events(call)),
        "proc_exit" => proc_exit,
        "args_get" | "fd_close" | "fd_seek" | "sched_yield" => |_| SUCCESS,
        "fd_prestat_get" => |_| EBADF,
        "path_open" => |_| EISDIR_OR_MISSING,
        "path_filestat_get" => |_| ENOTSUP,
        _ => |_| ENOSYS,
    }
}

fn or_fault(done: Option<()>) -> u32 {
    if done.is_some() { SUCCESS } else { EFAULT }
}

/// Standard output is the info level, standard error the error level.
fn fd_write(call: &mut Call<'_>) -> u32 {
    let level = match call.u32(0) {
        1 => Level::Info,
        2 => Level::Error,
        _ => return EBADF,
    };
    let (vectors, count, written) = (call.u32(1), call.u32(2), call.u32(3));
    let Some(table) = count.checked_mul(8).and_then(|len| call.read(vectors, len)) else { return EFAULT };
    let mut text = Vec::new();
    for entry in table.chunks_exact(8) {
        let word = |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
        let Some(part) = call.read(word(0), word(4)) else { return EFAULT };
        text.extend_from_slice(&part);
        if text.len() > 1 << 20 {
            break;
        }
    }
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if !text.is_empty() {
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        call.decode_bytes("text", line);
        super::log::write(call, level, line);
    }
    or_fault(call.write_u32(written, len).ok())
}

fn clock_time_get(call: &mut Call<'_>) -> u32 {
    if call.u32(0) > 1 {
        return ENOTSUP;
    }
    let now = call.world().clock.now();
    or_fault(call.write_u64(call.u32(2), now).ok())
}

fn random_get(call: &mut Call<'_>) -> u32 {
    let (at, len) = (call.u32(0), call.u32(1));
    if len > MAX_RANDOM {
        return EINVAL;
    }
    let bytes = call.world().random.bytes(len as usize);
    or_fault(call.write(at, &bytes).ok())
}

fn environ_get(call: &mut Call<'_>) -> Option<()> {
    let (mut list, mut text) = (call.u32(0), call.u32(1));
    for (name, value) in call.world().vm().env.clone() {
        let line = [name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat();
        call.write_u32(list, text).ok()?;
        call.write(text, &line).ok()?;
        list = list.checked_add(4)?;
        text = text.checked_add(u32::try_from(line.len()).ok()?)?;
    }
    Some(())
}

fn environ_sizes_get(call: &mut Call<'_>) -> Option<()> {
    let env = &call.world().vm().env;
    let count = u32::try_from(env.len()).ok()?;
    let size: usize = env.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    call.write_u32(call.u32(0), count).ok()?;
    call.write_u32(call.u32(1), u32::try_from(size).ok()?).ok()
}

fn args_sizes_get(call: &mut Call<'_>) -> Option<()> {
    call.write_u32(call.u32(0), 0).ok()?;
    call.write_u32(call.u32(1), 0).ok()
}

/// The number of events, which Go's runtime wants to read.
fn no_events(call: &mut Call<'_>) -> Option<()> {
    call.write_u32(call.u32(3), 0).ok()
}

fn fd_fdstat_get(call: &mut Call<'_>) -> u32 {
    if !matches!(call.u32(0), 1 | 2) {
        return EBADF;
    }
    let mut stat = [0; 24];
    // The right to write, and nothing else.
    stat[8] = 64;
    // Envoy does not look whether it could be written.
    let _ = call.write(call.u32(1), &stat);
    SUCCESS
}

/// Envoy notes it and goes on.
fn proc_exit(call: &mut Call<'_>) -> u32 {
    let code = call.u32(0);
    call.decode("code", code);
    let text = format!("The module called proc_exit({code}): Envoy goes on as if nothing had happened.");
    call.world().warn("proc_exit", &text);
    SUCCESS
}
