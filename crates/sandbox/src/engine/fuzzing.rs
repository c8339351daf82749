//! Ways into the engine for fuzzing.

use super::http::pairs;
use super::property;
use super::world::{Settings, World};
use crate::Limits;
use crate::exchange::Level;

/// A buffer of header pairs, as a module passes it.
pub(crate) fn header_map(bytes: &[u8]) {
    if let Some(read) = pairs::decode(bytes) {
        assert_eq!(pairs::decode(&pairs::encode(&read)).unwrap_or_default(), read);
    }
}

/// A path of a property, as a module passes it, where there is no stream.
pub(crate) fn property_path(bytes: &[u8]) {
    let settings =
        Settings { log_level: Level::Info, properties: Vec::new(), mtls: None, limits: Limits::default(), seed: 0 };
    let mut world = World::new(settings, 0);
    let _ = property::get(&mut world, bytes);
}
