//! Adding, editing and deleting a plugin.
