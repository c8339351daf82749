//! The probe: a plugin made for one case. Its script says which host calls it makes in which callback, and what it
//! returns; every status and value that it gets it writes to the log.
//!
//! ```text
//! abi 0.2.1
//! request_headers: get_header_map_value 0 ":path" >>; return 1
//! http_call_response#2: set_effective_context 2; continue_stream 0
//! ```
//!
//! A line is a callback, for its n-th call only where `#n` says so. Operations are host functions without `proxy_`
//! (others as `module.name`), `trap KIND` and `return NUMBER`. Arguments: numbers; `"text"`, which is a pointer and a
//! size (`\0`, `\n`, `\xff` in it are bytes); `{"name"="value", …}`, the same for pairs; `>` a place for 32 bits, `>q`
//! for 64, `>>` for a pointer and a size, each shown in the log, or with `!` behind it only that it came; `%n` the n-th
//! argument of the callback; `^` the last number that came; `*n` n bytes of memory.

mod generate;
mod script;

pub use generate::module;
pub use script::{Allocator, Arg, Op, Part, Script};
