//! Ways into the engine for fuzzing.

use super::http::pairs;
use super::property;
use super::world::{VmState, World};
use crate::abi::Version;

/// A buffer of header pairs, as a module passes it.
pub(crate) fn header_map(bytes: &[u8]) {
    if let Some(read) = pairs::decode(bytes) {
        assert_eq!(pairs::decode(&pairs::encode(&read)).unwrap_or_default(), read);
    }
}

/// A path of a property, as a module passes it from its root context.
pub(crate) fn property_path(bytes: &[u8]) {
    let mut world = World::empty();
    world.vms.push(VmState::new(Version::V0_2_1, "", &[], &[]));
    let _ = property::get(&mut world, bytes);
}

/// The argument of a foreign function that takes a message, or a property's value.
pub(crate) fn foreign_argument(bytes: &[u8]) {
    super::host::foreign_argument(bytes);
    property::message(bytes);
}
