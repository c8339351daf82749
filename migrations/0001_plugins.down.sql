-- Takes away the catalogue itself: every plugin, version and hosted module is lost.
DROP TABLE release;
DROP TABLE module;
DROP TABLE plugin;
