//! Looks at a module without running it.
