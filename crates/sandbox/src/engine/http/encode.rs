//! The response on its way back: the filters in reverse order, then the client. Places are counted in that direction.

use super::buffering::Way;
use super::filter::{DataStatus, HeadersStatus};
use super::local_reply::Reply;
use super::stream::{Data, Iteration};
use crate::engine::events::Event;
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;

impl Proxy {
    /// The filter that is at this place on the way back.
    fn back(&self, s: usize, at: usize) -> usize {
        self.world.streams[s].filters.len() - 1 - at
    }

    /// Headers, to every filter behind `from` (a place on the way back).
    pub(crate) fn encode_headers(&mut self, s: usize, from: Option<usize>, end: bool) -> Step {
        if from.is_none() {
            self.world.streams[s].encode.observed_end = end;
        }
        let mut at = from.map_or(0, |place| place + 1);
        while at < self.world.streams[s].filters.len() {
            let f = self.back(s, at);
            let stream = &mut self.world.streams[s];
            stream.filters[f].encode.end = end;
            stream.encode.calls += 1;
            let status = self.on_response_headers(s, f, end);
            let stream = &mut self.world.streams[s];
            stream.encode.calls -= 1;
            let status = status?;
            let status = if stream.encode.aborted { HeadersStatus::StopIteration } else { status };
            if stream.ended && !stream.reset && status == HeadersStatus::Continue {
                return self.encode_after_the_end(s);
            }
            if stream.ended || stream.reset {
                return Ok(());
            }
            let half = &mut stream.filters[f].encode;
            match status {
                HeadersStatus::Continue => half.headers_continued = true,
                HeadersStatus::StopIteration => half.iteration = Iteration::StopSingle,
                HeadersStatus::StopAllBuffer => half.iteration = Iteration::StopAllBuffer,
                HeadersStatus::StopAllWatermark => half.iteration = Iteration::StopAllWatermark,
            }
            if status != HeadersStatus::Continue {
                return Ok(());
            }
            at += 1;
        }
        let stream = &mut self.world.streams[s];
        if super::client::status_of(stream.response_headers.as_ref()).is_none() {
            let text = "missing required header: :status";
            let details = "filter_removed_required_response_headers{missing_required_header:_:status}";
            self.warn_stream(s, "required_header_removed", "A plugin left no number in :status: Envoy answers 502.");
            return self.send_local_reply(s, Reply::proxy(502, text, details));
        }
        stream.response_started = true;
        self.client_headers(s, end)
    }

    /// A piece of the body, to every filter behind `from`, or to that one too when it held everything back.
    pub(crate) fn encode_data(
        &mut self,
        s: usize,
        from: Option<usize>,
        data: Data,
        end: bool,
        from_current: bool,
    ) -> Step {
        if from.is_none() {
            self.world.streams[s].encode.observed_end = end;
        }
        let had_trailers = self.world.streams[s].response_trailers.is_some();
        let mut added_by = None;
        let mut at = self.place_from(s, from, from_current);
        while at < self.world.streams[s].filters.len() {
            let f = self.back(s, at);
            let stream = &mut self.world.streams[s];
            let half = stream.filters[f].encode;
            if half.stopped_all() {
                stream.encode.streaming = half.iteration == Iteration::StopAllWatermark;
                return self.keep(s, Way::Response, data);
            }
            if half.end {
                return Ok(());
            }
            let end_here = end && stream.response_trailers.is_none();
            stream.filters[f].encode.end = end_here;
            stream.encode.calls += 1;
            let status = self.on_response_body(s, f, data, end_here);
            let stream = &mut self.world.streams[s];
            stream.encode.calls -= 1;
            let status = status?;
            let status = if stream.encode.aborted { DataStatus::NoBuffer } else { status };
            if stream.ended || stream.reset {
                return Ok(());
            }
            if !had_trailers && stream.response_trailers.is_some() && added_by.is_none() {
                added_by = Some(at);
            }
            if !self.after_data(s, Way::Response, f, status, data)? {
                return Ok(());
            }
            at += 1;
        }
        let bytes = self.world.streams[s].response_data(data).map(std::mem::take).unwrap_or_default();
        self.client_data(s, &bytes, end && added_by.is_none())?;
        match added_by {
            Some(place) if !self.world.streams[s].reset => self.encode_trailers(s, Some(place)),
            _ => Ok(()),
        }
    }

    pub(crate) fn encode_trailers(&mut self, s: usize, from: Option<usize>) -> Step {
        if from.is_none() {
            self.world.streams[s].encode.observed_end = true;
        }
        let mut at = self.place_from(s, from, true);
        while at < self.world.streams[s].filters.len() {
            let f = self.back(s, at);
            let stream = &mut self.world.streams[s];
            if stream.filters[f].encode.stopped_all() {
                return Ok(());
            }
            stream.encode.calls += 1;
            let on = self.on_response_trailers(s, f);
            let stream = &mut self.world.streams[s];
            stream.encode.calls -= 1;
            let on = on? && !stream.encode.aborted;
            stream.filters[f].encode.end = true;
            if stream.ended || stream.reset {
                let closed_http2 = stream.reset && !stream.http1();
                return if on && !closed_http2 { self.encode_after_the_end(s) } else { Ok(()) };
            }
            let half = &mut stream.filters[f].encode;
            if !on {
                if half.iteration == Iteration::Continue {
                    half.iteration = Iteration::StopSingle;
                }
                return Ok(());
            }
            if half.iteration != Iteration::Continue {
                return self.continue_encoding(s, f);
            }
            at += 1;
        }
        self.client_trailers(s)
    }

    fn place_from(&self, s: usize, from: Option<usize>, from_current: bool) -> usize {
        match from {
            None => 0,
            Some(place) if from_current && self.world.streams[s].filters[self.back(s, place)].encode.from_current => {
                place
            }
            Some(place) => place + 1,
        }
    }

    /// What a filter held back goes on. `f` is its place in the chain, not on the way back.
    pub(crate) fn continue_encoding(&mut self, s: usize, f: usize) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.reset {
            let nothing = stream.filters[f].encode.headers_continued && stream.encode.buffered.is_none();
            let nothing = nothing || !stream.http1();
            return if nothing { Ok(()) } else { self.encode_after_the_end(s) };
        }
        if stream.encoding_over() {
            return Ok(());
        }
        if stream.response_headers.is_none() {
            // Envoy goes on with headers that are not there, and dies.
            self.warn_stream(
                s,
                "continue_response_in_request",
                "A plugin resumed the response before there was one: Envoy crashes (SIGSEGV).",
            );
            return Err(crate::engine::world::Halt::Crashed);
        }
        let place = stream.filters.len() - 1 - f;
        let has_body = stream.encode.buffered.is_some();
        let has_trailers = stream.response_trailers.is_some();
        let filter = &mut stream.filters[f];
        filter.response_paused = false;
        let half = &mut filter.encode;
        // Stays set where a trailers callback lets go on what its body callback held: Envoy then starts with this filter again.
        half.from_current |= half.stopped_all();
        half.iteration = Iteration::Continue;
        let end = stream.encode.observed_end;
        if !half.headers_continued {
            half.headers_continued = true;
            self.encode_headers(s, Some(place), end && !has_body && !has_trailers)?;
        }
        let stream = &self.world.streams[s];
        if stream.ended || stream.reset {
            return Ok(());
        }
        let has_trailers = stream.response_trailers.is_some();
        if stream.encode.buffered.is_some() {
            self.encode_data(s, Some(place), Data::Buffered, end && !has_trailers, true)?;
        }
        if has_trailers && !self.world.streams[s].ended && !self.world.streams[s].reset {
            self.encode_trailers(s, Some(place))?;
        }
        self.world.streams[s].filters[f].encode.from_current = false;
        self.unblock_response(s);
        Ok(())
    }

    /// What is left of the response goes to an encoder that is gone.
    fn encode_after_the_end(&mut self, s: usize) -> Step {
        let text = "The response went on after its stream had ended: Envoy crashes (SIGSEGV).";
        self.crash(s, "reply_or_close_too_late", text)
    }

    fn unblock_response(&mut self, s: usize) {
        let stream = &mut self.world.streams[s];
        if stream.encode.blocked && stream.encode.buffered.as_ref().is_none_or(Vec::is_empty) {
            stream.encode.blocked = false;
            let attempt = stream.router.chosen.unwrap_or(0);
            let now = self.world.clock.now();
            for piece in std::mem::take(&mut self.world.streams[s].encode.waiting) {
                self.world.events.at(now, Event::Upstream { stream: s, attempt, piece });
            }
        }
    }
}
