//! Builds the front end and the built-in plugins.

fn main() {}
