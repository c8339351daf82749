//! WASI as Envoy has it: enough to start a guest, files and sockets in name only. Returns are WASI's error numbers.

use crate::engine::vm::call::Call;
use crate::exchange::Level;

const SUCCESS: u32 = 0;
const EBADF: u32 = 8;
const EEXIST: u32 = 20;
const EFAULT: u32 = 21;
const EINVAL: u32 = 28;
const ENOENT: u32 = 44;
const ENOSYS: u32 = 52;
const ENOTSUP: u32 = 58;

/// The most that one call may ask of random bytes.
const MAX_RANDOM: u32 = 64 << 10;

/// Bytes that one call may write at most; Envoy has no such limit.
const MAX_TEXT: usize = 1 << 20;

type Run = fn(&mut Call<'_>) -> u32;

/// What a name does.
pub(super) fn find(name: &str) -> Run {
    match name {
        "fd_write" => |call| write_vectors(call, 3),
        // The offset is not looked at.
        "fd_pwrite" => |call| write_vectors(call, 4),
        "clock_res_get" => clock_res_get,
        "clock_time_get" => clock_time_get,
        "random_get" => random_get,
        "environ_get" => |call| or_fault(environ_get(call), SUCCESS),
        "environ_sizes_get" => |call| or_fault(environ_sizes_get(call), SUCCESS),
        "args_sizes_get" => |call| or_fault(zeros(call, &[(0, 4), (1, 4)]), SUCCESS),
        "fd_fdstat_get" => fd_fdstat_get,
        "fd_tell" => |call| if standard(call) { or_fault(zeros(call, &[(1, 8)]), SUCCESS) } else { EBADF },
        "fd_renumber" => |call| if standard(call) && matches!(call.u32(1), 1 | 2) { ENOTSUP } else { EBADF },
        "fd_allocate"
        | "fd_datasync"
        | "fd_fdstat_set_rights"
        | "fd_filestat_set_size"
        | "fd_filestat_set_times"
        | "fd_sync" => |call| if standard(call) { SUCCESS } else { EBADF },
        // No events: Go's runtime wants to read their number.
        "poll_oneoff" => |call| or_fault(zeros(call, &[(3, 4)]), SUCCESS),
        "proc_exit" => proc_exit,
        "args_get" | "fd_advise" | "fd_close" | "fd_seek" | "sched_yield" => |_| SUCCESS,
        "fd_prestat_get" | "fd_filestat_get" => |_| EBADF,
        "fd_readdir" => |call| or_fault(zeros(call, &[(4, 4)]), EEXIST),
        "path_open" => |_| ENOENT,
        "path_readlink" => |call| or_fault(zeros(call, &[(5, 4)]), ENOTSUP),
        "sock_accept" => |call| or_fault(zeros(call, &[(2, 8)]), ENOTSUP),
        "sock_recv" => |call| or_fault(zeros(call, &[(4, 4), (5, 2)]), ENOTSUP),
        "sock_send" => |call| or_fault(zeros(call, &[(4, 4)]), ENOTSUP),
        "sock_shutdown" => |_| ENOTSUP,
        name if name.starts_with("path_") => |_| ENOTSUP,
        // fd_fdstat_set_flags, fd_pread, fd_prestat_dir_name, fd_read
        _ => |_| ENOSYS,
    }
}

fn or_fault(done: Option<()>, otherwise: u32) -> u32 {
    if done.is_some() { otherwise } else { EFAULT }
}

/// Whether the file is standard output or standard error.
fn standard(call: &Call<'_>) -> bool {
    matches!(call.u32(0), 1 | 2)
}

/// Writes so many zero bytes to each of the pointers that the arguments at these places are.
fn zeros(call: &mut Call<'_>, places: &[(usize, usize)]) -> Option<()> {
    places.iter().try_for_each(|(at, size)| call.write(call.u32(*at), &[0; 8][..*size]).ok())
}

/// Standard output is the info level, standard error the error level. `written` is the place of the pointer for the
/// number of bytes.
fn write_vectors(call: &mut Call<'_>, written: usize) -> u32 {
    let level = match call.u32(0) {
        1 => Level::Info,
        2 => Level::Error,
        _ => return EBADF,
    };
    let (vectors, count, written) = (call.u32(1), call.u32(2), call.u32(written));
    let Some(table) = count.checked_mul(8).and_then(|len| call.read(vectors, len)) else { return EFAULT };
    let mut text = Vec::new();
    for entry in table.chunks_exact(8) {
        let word = |at: usize| u32::from_le_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
        if word(4) == 0 {
            continue;
        }
        let Some(part) = call.read(word(0), word(4)) else { return EFAULT };
        text.extend_from_slice(&part);
        if text.len() > MAX_TEXT {
            break;
        }
    }
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if !text.is_empty() {
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        call.decode_bytes("text", line);
        super::log::write(call, level, line);
    }
    or_fault(call.write_u32(written, len).ok(), SUCCESS)
}

/// Both clocks are said to count nanoseconds.
fn clock_res_get(call: &mut Call<'_>) -> u32 {
    if call.u32(0) > 1 {
        return ENOTSUP;
    }
    or_fault(call.write_u64(call.u32(1), 1).ok(), SUCCESS)
}

fn clock_time_get(call: &mut Call<'_>) -> u32 {
    if call.u32(0) > 1 {
        return ENOTSUP;
    }
    let now = call.world().clock.now();
    or_fault(call.write_u64(call.u32(2), now).ok(), SUCCESS)
}

fn random_get(call: &mut Call<'_>) -> u32 {
    let (at, len) = (call.u32(0), call.u32(1));
    if len > MAX_RANDOM {
        return EINVAL;
    }
    let bytes = call.world().random.bytes(len as usize);
    or_fault(call.write(at, &bytes).ok(), SUCCESS)
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

fn fd_fdstat_get(call: &mut Call<'_>) -> u32 {
    if !standard(call) {
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
