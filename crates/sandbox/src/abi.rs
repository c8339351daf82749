//! Which functions the host has.
