//! A real Envoy, an upstream and a client for tests of the built-in plugins.
