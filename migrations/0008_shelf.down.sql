-- Loses nothing: the counts mean something to running servers only.
DROP TRIGGER plugin_text_version_trigger ON plugin_text;
DROP TRIGGER plugin_version_trigger ON plugin;
DROP FUNCTION texts_changed();
DROP FUNCTION plugins_changed();
DROP TABLE catalogue_version;
