//! Names of functions as people write them.

/// Rust's and C++'s mangled names made readable, anything else as it is.
pub(crate) fn readable(name: &str) -> String {
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    if name.starts_with("_Z")
        && let Ok(symbol) = cpp_demangle::Symbol::new(name)
        && let Ok(cpp) = symbol.demangle()
    {
        return cpp;
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn mangled_names_become_readable() {
        assert_eq!(readable("_ZN4core9panicking5panic17h0123456789abcdefE"), "core::panicking::panic");
        assert_eq!(readable("_Z3addii"), "add(int, int)");
        assert_eq!(readable("main.onTick"), "main.onTick");
    }
}
