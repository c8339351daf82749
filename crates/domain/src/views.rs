//! Read models: what a page shows, made by `services` and drawn by `app`. They are plain data that both sides of the
//! wire share, so that there is one conversion (from the domain, in `services`) instead of two. Times are seconds since
//! 1970, so that the first paint in the browser equals the server's.

pub mod activity;
pub mod apply;
pub mod frame;
pub mod market;
pub mod run;
pub mod traffic;
pub mod trial;
pub mod verdict;
