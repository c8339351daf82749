//! Live pages: the server's events count up signals, and resources that read them load again. Without scripts nothing
//! happens, and pages are right as they are.

use std::time::Duration;

use leptos::prelude::*;

use crate::host;

/// Events in quick succession are answered by one load at their beginning and one after this long.
const QUIET: Duration = Duration::from_millis(250);

/// Counters that go up when something that pages show has changed. Read them in the source of a resource.
#[derive(Clone, Copy)]
pub struct Live {
    cluster: Counter,
    catalogue: Counter,
}

impl Live {
    /// Counts changes in the cluster, states of proxies included.
    pub fn cluster(self) -> u32 {
        self.cluster.count.get()
    }

    /// Counts changes in the catalogue.
    pub fn catalogue(self) -> u32 {
        self.catalogue.count.get()
    }

    /// Counts both.
    pub fn any(self) -> u32 {
        self.cluster().wrapping_add(self.catalogue())
    }
}

/// The page's counters.
pub fn use_live() -> Live {
    expect_context::<Live>()
}

/// Makes the counters and, in the browser, listens.
pub fn provide_live() {
    let live = Live { cluster: Counter::new(), catalogue: Counter::new() };
    provide_context(live);
    Effect::new(move |_| {
        // The first greeting comes with a page that is fresh; a later one means that events may have been missed.
        let greeted = StoredValue::new(false);
        host::listen(move |event, data| match (event, data) {
            ("change", "cluster") => live.cluster.up(),
            ("change", "catalogue") => live.catalogue.up(),
            ("hello", _) if !greeted.get_value() => greeted.set_value(true),
            _ => {
                live.cluster.up();
                live.catalogue.up();
            }
        });
    });
}

#[derive(Clone, Copy)]
struct Counter {
    count: RwSignal<u32>,
    /// Whether a load was asked for a moment ago, and whether something has happened since.
    state: StoredValue<Recent>,
}

#[derive(Clone, Copy, PartialEq)]
enum Recent {
    Quiet,
    Busy,
    BusyAndMore,
}

impl Counter {
    fn new() -> Self {
        Self { count: RwSignal::new(0), state: StoredValue::new(Recent::Quiet) }
    }

    fn up(self) {
        if self.state.get_value() != Recent::Quiet {
            self.state.set_value(Recent::BusyAndMore);
            return;
        }
        self.state.set_value(Recent::Busy);
        self.count.update(|count| *count = count.wrapping_add(1));
        set_timeout(
            move || {
                let more = self.state.get_value() == Recent::BusyAndMore;
                self.state.set_value(Recent::Quiet);
                if more {
                    self.up();
                }
            },
            QUIET,
        );
    }
}
