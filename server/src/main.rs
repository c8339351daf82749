//! The server of Plugin Marketplace.

fn main() {}
