//! What host calls return.

/// The numbers of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok = 0,
    NotFound = 1,
    BadArgument = 2,
    SerializationFailure = 3,
    ParseFailure = 4,
    InvalidMemoryAccess = 6,
    Empty = 7,
    CasMismatch = 8,
    InternalFailure = 10,
    Unimplemented = 12,
}

impl Status {
    /// For the trace.
    pub(crate) fn word(code: u64) -> Option<&'static str> {
        Some(match code {
            0 => "ok",
            1 => "not_found",
            2 => "bad_argument",
            3 => "serialization_failure",
            4 => "parse_failure",
            5 => "bad_expression",
            6 => "invalid_memory_access",
            7 => "empty",
            8 => "cas_mismatch",
            9 => "result_mismatch",
            10 => "internal_failure",
            11 => "broken_connection",
            12 => "unimplemented",
            _ => return None,
        })
    }
}
