//! What Envoy looks at before it runs a module, in its order and with its words (`proxy-wasm.md` §1.2). Nothing is
//! compiled or run: a module whose `on_configure` says no counts as good here.

/// Checks a module; the error is Envoy's text.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let module = parse(bytes).ok_or("Failed to parse corrupted Wasm module")?;
    let version = |marker: &str| module.exports.iter().any(|(name, _)| name == marker);
    let abi = ["proxy_abi_version_0_1_0", "proxy_abi_version_0_2_0", "proxy_abi_version_0_2_1"]
        .into_iter()
        .position(version)
        .ok_or("Missing or unknown Proxy-Wasm ABI version")?;
    for (space, name) in &module.imports {
        if !served(space, name, abi) {
            return Err(format!("Failed to load Wasm module due to a missing import: {space}.{name}"));
        }
    }
    let allocates = |(name, is_function): &(String, bool)| {
        *is_function && matches!(name.as_str(), "malloc" | "proxy_on_memory_allocate")
    };
    if module.exports.iter().any(allocates) { Ok(()) } else { Err("Wasm module is missing malloc function.".into()) }
}

struct Module {
    /// Imported functions.
    imports: Vec<(String, String)>,
    /// Names, and whether each is a function.
    exports: Vec<(String, bool)>,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// LEB128, up to 64 bits: limits of memories may be that large.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }

    fn name(&mut self) -> Option<String> {
        let size = self.size()?;
        String::from_utf8(self.take(size)?.to_vec()).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Some(())
    }
}

fn parse(bytes: &[u8]) -> Option<Module> {
    let mut reader = Reader(bytes.strip_prefix(b"\0asm")?);
    reader.take(4)?;
    let mut module = Module { imports: Vec::new(), exports: Vec::new() };
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let size = reader.size()?;
        let mut section = Reader(reader.take(size)?);
        match id {
            2 => module.imports = imports(&mut section)?,
            7 => module.exports = exports(&mut section)?,
            _ => {}
        }
    }
    Some(module)
}

fn imports(section: &mut Reader<'_>) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for _ in 0..section.number()? {
        let (space, name) = (section.name()?, section.name()?);
        match section.byte()? {
            0 => {
                section.number()?;
                found.push((space, name));
            }
            1 => {
                section.byte()?;
                section.limits()?;
            }
            2 => section.limits()?,
            3 => {
                section.take(2)?;
            }
            4 => {
                section.byte()?;
                section.number()?;
            }
            _ => return None,
        }
    }
    Some(found)
}

fn exports(section: &mut Reader<'_>) -> Option<Vec<(String, bool)>> {
    let mut found = Vec::new();
    for _ in 0..section.number()? {
        let name = section.name()?;
        let is_function = section.byte()? == 0;
        section.number()?;
        found.push((name, is_function));
    }
    Some(found)
}

/// Functions of `env` in every version of the ABI.
const ENV: &str = "log get_header_map_size get_header_map_pairs set_header_map_pairs get_header_map_value \
    add_header_map_value replace_header_map_value remove_header_map_value get_buffer_bytes get_buffer_status \
    set_buffer_bytes get_property set_property send_local_response http_call grpc_call grpc_stream grpc_send \
    grpc_cancel grpc_close get_status get_shared_data set_shared_data register_shared_queue resolve_shared_queue \
    enqueue_shared_queue dequeue_shared_queue define_metric increment_metric record_metric get_metric \
    set_effective_context done set_tick_period_milliseconds get_current_time_nanoseconds call_foreign_function";
const ENV_0_1: &str = "get_configuration continue_request continue_response clear_route_cache";
const ENV_0_2: &str = "continue_stream close_stream";
const WASI: &str = "args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise \
    fd_allocate fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get \
    fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir \
    fd_renumber fd_seek fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times \
    path_link path_open path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff \
    proc_exit random_get sched_yield sock_accept sock_recv sock_send sock_shutdown";

fn served(space: &str, name: &str, abi: usize) -> bool {
    let among = |words: &str, name: &str| words.split_whitespace().any(|word| word == name);
    match space {
        "env" => match name.strip_prefix("proxy_") {
            Some("get_log_level") => abi == 2,
            Some(name) => among(ENV, name) || among(if abi == 0 { ENV_0_1 } else { ENV_0_2 }, name),
            None => matches!(name, "emscripten_notify_memory_growth" | "pthread_equal"),
        },
        "wasi_snapshot_preview1" | "wasi_unstable" => among(WASI, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::content::hosted;

    #[test]
    fn takes_the_module_that_does_nothing() {
        for module in hosted() {
            assert_eq!(check(&module.bytes), Ok(()));
        }
    }

    #[test]
    fn refuses_in_envoys_words() {
        let corrupted = Err("Failed to parse corrupted Wasm module".to_owned());
        assert_eq!(check(b"<html>not found</html>"), corrupted);
        assert_eq!(check(b"\0asm\x01\0\0\0\x07\x7f"), corrupted);
        assert_eq!(check(b"\0asm\x01\0\0\0"), Err("Missing or unknown Proxy-Wasm ABI version".into()));
        let marker = b"\x17proxy_abi_version_0_2_1\0\0";
        let exports = [b"\x07\x1b\x01".as_slice(), marker].concat();
        let module = [b"\0asm\x01\0\0\0".as_slice(), &exports].concat();
        assert_eq!(check(&module), Err("Wasm module is missing malloc function.".into()));
        let import = b"\x02\x18\x01\x03env\x10proxy_redis_init\0\0";
        let module = [b"\0asm\x01\0\0\0".as_slice(), import, &exports].concat();
        let missing = "Failed to load Wasm module due to a missing import: env.proxy_redis_init";
        assert_eq!(check(&module), Err(missing.into()));
    }
}
