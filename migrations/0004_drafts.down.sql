-- Takes away forms that are half filled in; people must type them again.
DROP TABLE draft;
