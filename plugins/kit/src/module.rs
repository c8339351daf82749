//! The module as the proxy calls it: which streams there are, and whose configuration each follows. Exists on wasm32
//! only.
//!
//! One module may serve several configurations: streams belong to the one under which they are created. Only what a
//! plugin says it needs ([`crate::start!`]) is exported, because the proxy calls whatever is, for every stream.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::process;
use std::rc::Rc;

use log::{error, warn};

use crate::abi;
use crate::body::Event;
use crate::host;
use crate::logger;
use crate::plugin::{Exports, Side};
use crate::shell::{Action, Shared, Stream};

/// What [`crate::start!`] keeps for a plugin.
pub struct Module<P: Exports> {
    roots: RefCell<Vec<Root<P>>>,
    /// The stream created last, and its root. It is made when its request comes, which is at once.
    created: Cell<(u32, u32)>,
    streams: RefCell<HashMap<u32, Stream<P>, BuildHasherDefault<Spread>>>,
    /// Which context waits for the answer of a number.
    calls: RefCell<HashMap<u32, u32, BuildHasherDefault<Spread>>>,
}

/// One configuration.
struct Root<P> {
    context: u32,
    /// What its streams share; nothing until it is accepted.
    shared: Option<Rc<Shared<P>>>,
}

impl<P: Exports> Default for Module<P> {
    fn default() -> Self {
        logger::start();
        Self {
            roots: RefCell::default(),
            created: Cell::default(),
            streams: RefCell::default(),
            calls: RefCell::default(),
        }
    }
}

impl<P: Exports> Module<P> {
    /// A root or a stream begins.
    pub fn create(&self, context: u32, root: u32) {
        if root == 0 {
            self.roots.borrow_mut().push(Root { context, shared: None });
        } else {
            self.created.set((context, root));
        }
    }

    /// A configuration has come for a root. Whether it is accepted. It may come again, or another one in its place: what
    /// was accepted before goes on until its streams are over, and stays if this one is refused.
    pub fn configure(&self, root: u32) -> bool {
        let shared = match P::read(&host::configuration()) {
            Ok(plugin) => Rc::new(Shared::new(plugin)),
            Err(refusal) => {
                error!("{}: {refusal}", P::NAME);
                return false;
            }
        };
        for text in shared.plugin.warnings() {
            warn!("{}: {text}", P::NAME);
        }
        if P::PHASES.ticks {
            // 0 ends those of an earlier configuration.
            let period = shared.plugin.tick().map_or(0, |period| period.as_millis());
            abi::tick_every(u32::try_from(period).unwrap_or(u32::MAX));
        }
        if let Some(kept) = self.roots.borrow_mut().iter_mut().find(|known| known.context == root) {
            kept.shared = Some(shared);
        }
        true
    }

    fn shared(&self, root: u32) -> Option<Rc<Shared<P>>> {
        let roots = self.roots.borrow();
        roots.iter().find(|known| known.context == root).and_then(|known| known.shared.clone())
    }

    /// A root or a stream is over.
    pub fn delete(&self, context: u32) {
        if P::PHASES.keeps_streams()
            && let Some(stream) = self.streams.borrow_mut().remove(&context)
        {
            if let Some(token) = stream.waits_for() {
                self.calls.borrow_mut().remove(&token);
            }
            return;
        }
        self.roots.borrow_mut().retain(|root| root.context != context);
    }

    /// The request's headers have come.
    pub fn request(&self, context: u32, end: bool) -> Action {
        let (created, root) = self.created.get();
        let shared = if created == context { self.shared(root) } else { None };
        let Some(shared) = shared else {
            // A proxy that does not do what it must: the request does not get through.
            process::abort();
        };
        let mut stream = Stream::new(shared);
        let action = stream.on_headers(Side::Request, end);
        if P::PHASES.keeps_streams() {
            self.note(context, &stream);
            self.streams.borrow_mut().insert(context, stream);
        }
        action
    }

    /// The response's headers have come.
    pub fn response(&self, context: u32, end: bool) -> Action {
        self.with(context, |stream| {
            let action = stream.on_headers(Side::Response, end);
            self.note(context, stream);
            action
        })
    }

    /// A piece of a body has come.
    pub fn body(&self, context: u32, side: Side, size: usize, end: bool) -> Action {
        self.with(context, |stream| stream.on_body(side, Event::Piece { size, end }))
    }

    /// Trailers have come.
    pub fn trailers(&self, context: u32, side: Side) -> Action {
        self.with(context, |stream| stream.on_body(side, Event::Trailers))
    }

    /// The exchange is over. What a plugin further out has answered comes here and nowhere else.
    pub fn log(&self, context: u32) {
        let (created, root) = self.created.get();
        if created == context
            && !self.streams.borrow().contains_key(&context)
            && let Some(shared) = self.shared(root)
        {
            self.streams.borrow_mut().insert(context, Stream::new(shared));
        }
        self.with(context, |stream| {
            stream.on_log();
            Action::Continue
        });
    }

    /// Time has passed.
    pub fn tick(&self, root: u32) {
        let Some(shared) = self.shared(root) else { return };
        let Some(call) = shared.plugin.on_tick(&shared.host) else { return };
        match host::call(&call) {
            Some(token) => {
                self.calls.borrow_mut().insert(token, root);
            }
            None => shared.plugin.on_tick_answer(&shared.host, None),
        }
    }

    /// The answer to a call has come.
    pub fn answer(&self, token: u32, headers: usize, body: usize) {
        let Some(context) = self.calls.borrow_mut().remove(&token) else { return };
        abi::act_for(context);
        let answer = host::answer(headers, body);
        if let Some(stream) = self.streams.borrow_mut().get_mut(&context) {
            stream.on_answer(answer);
            self.note(context, stream);
        } else if let Some(shared) = self.shared(context) {
            shared.plugin.on_tick_answer(&shared.host, answer);
        }
    }

    /// Remembers who waits for an answer.
    fn note(&self, context: u32, stream: &Stream<P>) {
        if let Some(token) = stream.waits_for() {
            self.calls.borrow_mut().insert(token, context);
        }
    }

    /// Streams without a request are none of ours.
    fn with(&self, context: u32, act: impl FnOnce(&mut Stream<P>) -> Action) -> Action {
        self.streams.borrow_mut().get_mut(&context).map_or(Action::Continue, act)
    }
}

/// Spreads numbers that the proxy counts up. Nobody else chooses them.
#[derive(Debug, Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Exports what a plugin needs of the proxy's callbacks.
#[macro_export]
#[doc(hidden)]
macro_rules! export {
    ($plugin:ty: $($phase:ident),*) => {
        // Exported names must be unique in a program, which the compiler cannot know.
        #[allow(unsafe_code)]
        mod exported {
            use $crate::module::Module;

            type Started = $plugin;

            std::thread_local! {
                static MODULE: Module<Started> = Module::default();
            }

            #[unsafe(no_mangle)]
            extern "C" fn _initialize() {
                MODULE.with(|_| ());
            }

            #[unsafe(no_mangle)]
            extern "C" fn proxy_on_context_create(context: u32, root: u32) {
                MODULE.with(|module| module.create(context, root));
            }

            #[unsafe(no_mangle)]
            extern "C" fn proxy_on_configure(root: u32, _size: u32) -> u32 {
                MODULE.with(|module| u32::from(module.configure(root)))
            }

            #[unsafe(no_mangle)]
            extern "C" fn proxy_on_delete(context: u32) {
                MODULE.with(|module| module.delete(context));
            }

            #[unsafe(no_mangle)]
            extern "C" fn proxy_on_request_headers(context: u32, _count: u32, end: u32) -> u32 {
                MODULE.with(|module| module.request(context, end != 0)) as u32
            }

            $($crate::export_phase!($phase);)*
        }
    };
}

/// Exports one phase.
#[macro_export]
#[doc(hidden)]
macro_rules! export_phase {
    (request_body) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_request_body(context: u32, size: usize, end: u32) -> u32 {
            MODULE.with(|module| module.body(context, $crate::plugin::Side::Request, size, end != 0)) as u32
        }

        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_request_trailers(context: u32, _count: u32) -> u32 {
            MODULE.with(|module| module.trailers(context, $crate::plugin::Side::Request)) as u32
        }
    };
    (response) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_response_headers(context: u32, _count: u32, end: u32) -> u32 {
            MODULE.with(|module| module.response(context, end != 0)) as u32
        }
    };
    (response_body) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_response_body(context: u32, size: usize, end: u32) -> u32 {
            MODULE.with(|module| module.body(context, $crate::plugin::Side::Response, size, end != 0)) as u32
        }

        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_response_trailers(context: u32, _count: u32) -> u32 {
            MODULE.with(|module| module.trailers(context, $crate::plugin::Side::Response)) as u32
        }
    };
    (calls) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_http_call_response(_root: u32, token: u32, headers: usize, body: usize, _trailers: u32) {
            MODULE.with(|module| module.answer(token, headers, body));
        }
    };
    (ticks) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_tick(root: u32) {
            MODULE.with(|module| module.tick(root));
        }
    };
    (log) => {
        #[unsafe(no_mangle)]
        extern "C" fn proxy_on_log(context: u32) {
            MODULE.with(|module| module.log(context));
        }
    };
}
