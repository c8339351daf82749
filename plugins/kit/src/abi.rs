//! The proxy's functions, as ABI 0.2.1 has them, and what it needs of a module. Exists on wasm32 only.
//!
//! Our own and not the SDK's, for what that costs: it exports every callback there is, and the proxy calls each for every
//! stream; it looks streams up in three tables, and copies each header twice. Here nothing panics: a status other than
//! success is `None` or `false`, because there is nothing that a plugin could do about it.

// The one place where memory is handed over by address.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc};
use std::ptr;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_get_buffer_bytes(buffer: u32, start: usize, most: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_buffer_bytes(buffer: u32, start: usize, drop: usize, data: *const u8, size: usize) -> u32;
    fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_get_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_add_header_map_value(map: u32, name: *const u8, name_size: usize, value: *const u8, size: usize) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
    fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_get_shared_data(
        key: *const u8,
        key_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
        version: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(key: *const u8, key_size: usize, data: *const u8, size: usize, version: u32) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_continue_stream(stream: u32) -> u32;
    fn proxy_http_call(
        cluster: *const u8,
        cluster_size: usize,
        headers: *const u8,
        headers_size: usize,
        body: *const u8,
        body_size: usize,
        trailers: *const u8,
        trailers_size: usize,
        timeout: u32,
        token: *mut u32,
    ) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_call_foreign_function(
        name: *const u8,
        name_size: usize,
        arguments: *const u8,
        arguments_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, by: i64) -> u32;
}

/// Success.
const OK: u32 = 0;

/// A map of headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Map {
    /// Of the request.
    Request = 0,
    /// Of the response.
    Response = 2,
    /// Of the answer to a call.
    Answer = 6,
}

/// A buffer of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Bytes {
    /// The request's body.
    Request = 0,
    /// The response's body.
    Response = 1,
    /// The body of the answer to a call.
    Answer = 4,
    /// The plugin's configuration.
    Configuration = 7,
}

/// Memory for what the proxy gives back. It asks for it while it serves one of the functions above.
#[unsafe(export_name = "malloc")]
extern "C" fn allocate(size: usize) -> *mut u8 {
    match Layout::array::<u8>(size) {
        // SAFETY: the size is not 0.
        Ok(layout) if size > 0 => unsafe { alloc(layout) },
        _ => ptr::null_mut(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

/// What a function gave back by address and size. None: it did not succeed.
fn given(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Option<Vec<u8>> {
    let (mut data, mut size) = (ptr::null_mut(), 0);
    let status = call(&mut data, &mut size);
    if status != OK {
        return None;
    }
    if data.is_null() {
        return Some(Vec::new());
    }
    // SAFETY: the proxy has this address from `allocate`, where it asked for just this size, and gives it away once.
    Some(unsafe { Vec::from_raw_parts(data, size, size) })
}

/// Writes a line to the proxy's log; `level` from 0 (trace) to 5 (critical).
pub fn log(level: u32, text: &str) {
    // SAFETY: the proxy reads from the text while the call lasts; so in all that follows.
    unsafe { proxy_log(level, text.as_ptr(), text.len()) };
}

/// Nanoseconds since 1970; 0 if the proxy does not say.
pub fn now() -> u64 {
    let mut time = 0;
    // SAFETY: the proxy writes a number to this address; so in all that follows.
    unsafe { proxy_get_current_time_nanoseconds(&mut time) };
    time
}

/// Asks for ticks.
pub fn tick_every(milliseconds: u32) {
    // SAFETY: only numbers.
    unsafe { proxy_set_tick_period_milliseconds(milliseconds) };
}

/// At most so many bytes of a buffer. None: there is no such buffer now, or nothing in it.
pub fn read(buffer: Bytes, most: usize) -> Option<Vec<u8>> {
    // SAFETY: as above.
    given(|data, size| unsafe { proxy_get_buffer_bytes(buffer as u32, 0, most, data, size) })
        .filter(|bytes| !bytes.is_empty())
}

/// Drops the first bytes of a buffer and puts others in front of the rest.
pub fn replace(buffer: Bytes, drop: usize, with: &[u8]) {
    // SAFETY: as above.
    unsafe { proxy_set_buffer_bytes(buffer as u32, 0, drop, with.as_ptr(), with.len()) };
}

/// All headers of a map, as the proxy writes them down.
pub fn pairs(map: Map) -> Vec<u8> {
    // SAFETY: as above.
    given(|data, size| unsafe { proxy_get_header_map_pairs(map as u32, data, size) }).unwrap_or_default()
}

/// The first value of a header.
pub fn header(map: Map, name: &str) -> Option<Vec<u8>> {
    // SAFETY: as above.
    given(|data, size| unsafe { proxy_get_header_map_value(map as u32, name.as_ptr(), name.len(), data, size) })
}

/// Adds a value.
pub fn add_header(map: Map, name: &str, value: &[u8]) {
    // SAFETY: as above.
    unsafe { proxy_add_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
}

/// Replaces all values with one.
pub fn set_header(map: Map, name: &str, value: &[u8]) {
    // SAFETY: as above.
    unsafe { proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) };
}

/// Removes all values.
pub fn remove_header(map: Map, name: &str) {
    // SAFETY: as above.
    unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) };
}

/// A property by its path, whose parts are joined by NUL.
pub fn property(path: &str) -> Option<Vec<u8>> {
    // SAFETY: as above.
    given(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

/// What is shared under a key, and its version.
pub fn shared(key: &str) -> Option<(Vec<u8>, u32)> {
    let mut version = 0;
    // SAFETY: as above.
    let value =
        given(|data, size| unsafe { proxy_get_shared_data(key.as_ptr(), key.len(), data, size, &mut version) })?;
    Some((value, version))
}

/// Shares something under a key; false if there is something of another version. Version 0 is any.
pub fn share(key: &str, value: &[u8], version: u32) -> bool {
    // SAFETY: as above.
    unsafe { proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), version) == OK }
}

/// Answers the client; `headers` as [`crate::wire::pairs`] writes them.
pub fn reply(status: u32, headers: &[u8], body: &[u8]) {
    // SAFETY: as above.
    unsafe {
        proxy_send_local_response(
            status,
            ptr::null(),
            0,
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            -1,
        )
    };
}

/// Lets a paused stream go on: that of the request, or else that of the response.
pub fn resume(request: bool) {
    // SAFETY: only numbers.
    unsafe { proxy_continue_stream(u32::from(!request)) };
}

/// Calls a service; the number under which its answer comes. None: the proxy cannot.
pub fn call(cluster: &str, headers: &[u8], body: &[u8], milliseconds: u32) -> Option<u32> {
    let (mut token, none) = (0, crate::wire::pairs(&[]));
    // SAFETY: as above.
    let status = unsafe {
        proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
            none.as_ptr(),
            none.len(),
            milliseconds,
            &mut token,
        )
    };
    (status == OK).then_some(token)
}

/// Whose headers and buffers the functions are about from now on.
pub fn act_for(context: u32) {
    // SAFETY: only numbers.
    unsafe { proxy_set_effective_context(context) };
}

/// Calls a function of the proxy's own, without arguments.
pub fn foreign(name: &str) {
    // SAFETY: as above.
    given(|data, size| unsafe { proxy_call_foreign_function(name.as_ptr(), name.len(), ptr::null(), 0, data, size) });
}

/// Defines a counter, or finds it.
pub fn counter(name: &str) -> Option<u32> {
    let mut id = 0;
    // SAFETY: as above.
    let status = unsafe { proxy_define_metric(0, name.as_ptr(), name.len(), &mut id) };
    (status == OK).then_some(id)
}

/// Adds to a counter.
pub fn count(id: u32, by: i64) {
    // SAFETY: only numbers.
    unsafe { proxy_increment_metric(id, by) };
}
