//! `marketplace check` and `marketplace try` belong here. Nothing of them is written yet.
