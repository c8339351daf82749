//! One plugin's callbacks for one stream: what it can reach in each, and how Envoy reads what it returns.

use super::buffering::Way;
use super::stream::Data;
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;
use crate::report::Phase;

/// What a headers callback decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadersStatus {
    Continue,
    StopIteration,
    StopAllBuffer,
    StopAllWatermark,
}

/// What a body callback decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataStatus {
    Continue,
    Buffer,
    Watermark,
    NoBuffer,
}

/// What came of calling a callback of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Returned(u64),
    /// A local response was sent: whatever was returned, nothing goes on.
    Stopped,
    /// The VM is dead.
    Failed,
    /// The module has no such callback.
    Absent,
}

impl Verdict {
    fn trailers_continue(self) -> bool {
        matches!(self, Self::Absent | Self::Returned(0))
    }

    fn data(self) -> DataStatus {
        match self {
            Self::Absent | Self::Returned(0) => DataStatus::Continue,
            Self::Returned(1) => DataStatus::Buffer,
            Self::Returned(2) => DataStatus::Watermark,
            _ => DataStatus::NoBuffer,
        }
    }
}

impl Proxy {
    pub(crate) fn on_request_headers(&mut self, s: usize, f: usize, end: bool) -> Step<HeadersStatus> {
        let filter = &self.world.streams[s].filters[f];
        let (vm, context) = (filter.vm, filter.context);
        self.create_context(vm, context)?;
        let stream = &mut self.world.streams[s];
        let count = stream.request_headers.len();
        let view = &mut stream.filters[f].view;
        view.request_headers = true;
        view.end = end;
        let args = [context, count, u32::from(end)];
        let verdict = self.callback(s, f, "proxy_on_request_headers", Phase::RequestHeaders, &args)?;
        let status = self.headers_status(s, f, verdict, Phase::RequestHeaders);
        let filter = &mut self.world.streams[s].filters[f];
        filter.request_paused = status != HeadersStatus::Continue;
        if status == HeadersStatus::Continue {
            filter.view.request_headers = false;
        }
        Ok(status)
    }

    pub(crate) fn on_request_body(&mut self, s: usize, f: usize, data: Data, end: bool) -> Step<DataStatus> {
        if !self.is_created(s, f) {
            return Ok(DataStatus::Continue);
        }
        if self.world.streams[s].filters[f].view.buffering_request {
            self.keep(s, Way::Request, data)?;
            let stream = &self.world.streams[s];
            if stream.ended || stream.prepared.is_some() {
                return Ok(DataStatus::Buffer);
            }
        }
        let stream = &mut self.world.streams[s];
        let shown = if stream.filters[f].view.buffering_request { Data::Buffered } else { data };
        let size = stream.request_data(shown).map_or(0, |bytes| bytes.len());
        let filter = &mut stream.filters[f];
        filter.view.request_body = Some(data);
        filter.view.end = end;
        let (vm, context) = (filter.vm, filter.context);
        self.look_at_body(vm, context, 0);
        let filter = &self.world.streams[s].filters[f];
        let args = [filter.context, u32::try_from(size).unwrap_or(u32::MAX), u32::from(end)];
        let status = self.callback(s, f, "proxy_on_request_body", Phase::RequestBody, &args)?.data();
        let filter = &mut self.world.streams[s].filters[f];
        filter.request_paused = status != DataStatus::Continue;
        filter.view.buffering_request = status == DataStatus::Buffer;
        if status == DataStatus::Continue {
            filter.view.request_body = None;
        }
        Ok(status)
    }

    /// Whether the trailers go on.
    pub(crate) fn on_request_trailers(&mut self, s: usize, f: usize) -> Step<bool> {
        if !self.is_created(s, f) {
            return Ok(true);
        }
        let stream = &mut self.world.streams[s];
        let count = stream.request_trailers.as_ref().map_or(0, super::headers::HeaderMap::len);
        stream.filters[f].view.request_trailers = true;
        let args = [stream.filters[f].context, count];
        let verdict = self.callback(s, f, "proxy_on_request_trailers", Phase::RequestTrailers, &args)?;
        let on = verdict.trailers_continue();
        let filter = &mut self.world.streams[s].filters[f];
        filter.request_paused = !on;
        filter.view.request_trailers = !on;
        Ok(on)
    }

    pub(crate) fn on_response_headers(&mut self, s: usize, f: usize, end: bool) -> Step<HeadersStatus> {
        if !self.is_created(s, f) || self.is_failed_stream(s, f) {
            return Ok(HeadersStatus::Continue);
        }
        let stream = &mut self.world.streams[s];
        let count = stream.response_headers.as_ref().map_or(0, super::headers::HeaderMap::len);
        let filter = &mut stream.filters[f];
        filter.view.response_headers = true;
        filter.view.end = end;
        let args = [filter.context, count, u32::from(end)];
        let verdict = self.callback(s, f, "proxy_on_response_headers", Phase::ResponseHeaders, &args)?;
        let status = self.headers_status(s, f, verdict, Phase::ResponseHeaders);
        let filter = &mut self.world.streams[s].filters[f];
        filter.response_paused = status != HeadersStatus::Continue;
        if status == HeadersStatus::Continue {
            filter.view.response_headers = false;
        }
        Ok(status)
    }

    pub(crate) fn on_response_body(&mut self, s: usize, f: usize, data: Data, end: bool) -> Step<DataStatus> {
        if !self.is_created(s, f) || self.is_failed_stream(s, f) {
            return Ok(DataStatus::Continue);
        }
        if self.world.streams[s].filters[f].view.buffering_response {
            self.keep(s, Way::Response, data)?;
            if self.world.streams[s].ended || self.world.streams[s].reset {
                return Ok(DataStatus::Buffer);
            }
        }
        let stream = &mut self.world.streams[s];
        let shown = if stream.filters[f].view.buffering_response { Data::Buffered } else { data };
        let size = stream.response_data(shown).map_or(0, |bytes| bytes.len());
        let filter = &mut stream.filters[f];
        filter.view.response_body = Some(data);
        filter.view.end = end;
        let (vm, context) = (filter.vm, filter.context);
        self.look_at_body(vm, context, 1);
        let filter = &self.world.streams[s].filters[f];
        let args = [filter.context, u32::try_from(size).unwrap_or(u32::MAX), u32::from(end)];
        let status = self.callback(s, f, "proxy_on_response_body", Phase::ResponseBody, &args)?.data();
        let filter = &mut self.world.streams[s].filters[f];
        filter.response_paused = status != DataStatus::Continue;
        filter.view.buffering_response = status == DataStatus::Buffer;
        if status == DataStatus::Continue {
            filter.view.response_body = None;
        }
        Ok(status)
    }

    /// Whether the trailers go on.
    pub(crate) fn on_response_trailers(&mut self, s: usize, f: usize) -> Step<bool> {
        if !self.is_created(s, f) || self.is_failed_stream(s, f) {
            return Ok(true);
        }
        let stream = &mut self.world.streams[s];
        let count = stream.response_trailers.as_ref().map_or(0, super::headers::HeaderMap::len);
        stream.filters[f].view.response_trailers = true;
        let args = [stream.filters[f].context, count];
        let verdict = self.callback(s, f, "proxy_on_response_trailers", Phase::ResponseTrailers, &args)?;
        let on = verdict.trailers_continue();
        let filter = &mut self.world.streams[s].filters[f];
        filter.response_paused = !on;
        filter.view.response_trailers = !on;
        Ok(on)
    }

    /// Envoy asks for the body's size through the context's one buffer.
    fn look_at_body(&mut self, vm: usize, context: u32, buffer: u32) {
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&context) {
            context.last_buffer = Some(buffer);
        }
    }

    fn is_created(&self, s: usize, f: usize) -> bool {
        let filter = &self.world.streams[s].filters[f];
        self.world.vms[filter.vm].contexts.get(&filter.context).is_some_and(|context| context.created)
    }

    /// The VM died in this stream, which has been answered for it.
    fn is_failed_stream(&self, s: usize, f: usize) -> bool {
        self.world.streams[s].filters[f].view.failed
    }

    /// `proxy_on_context_create`, once.
    pub(crate) fn create_context(&mut self, vm: usize, context: u32) -> Step {
        let state = &mut self.world.vms[vm];
        let failed = state.failed;
        let Some(entry) = state.contexts.get_mut(&context) else { return Ok(()) };
        if entry.created {
            return Ok(());
        }
        let root = entry.root;
        let parent = if root == context { 0 } else { root };
        if !failed && self.has(vm, "proxy_on_context_create") {
            self.enter(vm, context, Phase::ContextCreate, "proxy_on_context_create", &[context, parent])?;
            self.after_call(vm)?;
        }
        if let Some(entry) = self.world.vms[vm].contexts.get_mut(&context) {
            entry.created = true;
        }
        Ok(())
    }

    /// Calls one of the stream's callbacks, then does what its host calls put off. What it returned is applied by the
    /// caller, after that: as in Envoy.
    fn callback(&mut self, s: usize, f: usize, export: &'static str, phase: Phase, args: &[u32]) -> Step<Verdict> {
        let (vm, context) = (self.world.streams[s].filters[f].vm, self.world.streams[s].filters[f].context);
        if self.world.vms[vm].failed {
            self.fail_stream(s, f)?;
            return Ok(Verdict::Failed);
        }
        if !self.has(vm, export) {
            return Ok(Verdict::Absent);
        }
        let value = self.enter(vm, context, phase, export, args)?;
        let state = &self.world.vms[vm];
        let verdict = if state.failed {
            self.fail_stream(s, f)?;
            Verdict::Failed
        } else if state.stop_next {
            Verdict::Stopped
        } else {
            Verdict::Returned(value.unwrap_or(0))
        };
        self.after_call(vm)?;
        Ok(verdict)
    }

    /// A stream whose VM is dead is answered 503, once.
    fn fail_stream(&mut self, s: usize, f: usize) -> Step {
        let view = &mut self.world.streams[s].filters[f].view;
        if view.failed {
            return Ok(());
        }
        view.failed = true;
        let mut reply = super::local_reply::Reply::proxy(503, "", "wasm_fail_stream");
        reply.grpc_status = Some(14);
        self.send_local_reply(s, reply)
    }

    fn headers_status(&mut self, s: usize, f: usize, verdict: Verdict, phase: Phase) -> HeadersStatus {
        let plugin = self.world.streams[s].filters[f].plugin;
        match verdict {
            Verdict::Absent | Verdict::Returned(0 | 2) => HeadersStatus::Continue,
            Verdict::Returned(1) if self.world.plugins[plugin].allow_stop => HeadersStatus::StopIteration,
            Verdict::Returned(1) => {
                let half = &self.world.streams[s].filters[f];
                let body_follows = if phase == Phase::RequestHeaders { !half.decode.end } else { !half.encode.end };
                let awaited =
                    if phase == Phase::RequestHeaders { "proxy_on_request_body" } else { "proxy_on_response_body" };
                let vm = half.vm;
                if body_follows && self.has(vm, awaited) {
                    self.warn_plugin(
                        plugin,
                        phase,
                        "headers_stop_iteration",
                        "The headers callback returned Pause while a body follows: Envoy keeps the body from the plugin \
                         too until it resumes.",
                    );
                }
                HeadersStatus::StopAllWatermark
            }
            Verdict::Returned(3) => HeadersStatus::StopAllBuffer,
            _ => HeadersStatus::StopAllWatermark,
        }
    }
}
