-- Takes away search; everything in it can be made again from plugins and releases. The extension stays, since others
-- may use it.
DROP TABLE plugin_word;
DROP TABLE plugin_grams;
DROP TABLE plugin_text;
