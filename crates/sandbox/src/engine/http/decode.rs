//! The request on its way from the client through the filters to the router, as Envoy's filter manager moves it.

use super::buffering::Way;
use super::filter::HeadersStatus;
use super::stream::{Data, Iteration};
use crate::engine::events::Event;
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;

impl Proxy {
    /// Headers, to every filter behind `from`.
    pub(crate) fn decode_headers(&mut self, s: usize, from: Option<usize>, end: bool) -> Step {
        let mut at = from.map_or(0, |f| f + 1);
        loop {
            let stream = &mut self.world.streams[s];
            if at >= stream.filters.len() {
                return self.router_headers(s, end);
            }
            stream.filters[at].decode.end = end;
            stream.decode.calls += 1;
            let status = self.on_request_headers(s, at, end);
            let stream = &mut self.world.streams[s];
            stream.decode.calls -= 1;
            let status = status?;
            if stream.decode.aborted {
                return self.send_prepared_reply(s);
            }
            if stream.ended || stream.reset {
                return Ok(());
            }
            let half = &mut stream.filters[at].decode;
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
    }

    /// A piece of the body, to every filter behind `from`, or to that one too when it held everything back.
    pub(crate) fn decode_data(
        &mut self,
        s: usize,
        from: Option<usize>,
        data: Data,
        mut end: bool,
        from_current: bool,
    ) -> Step {
        if self.world.streams[s].decoding_over() {
            return Ok(());
        }
        let had_trailers = self.world.streams[s].request_trailers.is_some();
        let mut added_by = None;
        let mut at = match from {
            None => 0,
            Some(f) if from_current && self.world.streams[s].filters[f].decode.from_current => f,
            Some(f) => f + 1,
        };
        loop {
            let stream = &mut self.world.streams[s];
            if at >= stream.filters.len() {
                let end = end && stream.request_trailers.is_none();
                self.router_data(s, data, end)?;
                break;
            }
            let half = stream.filters[at].decode;
            if half.stopped_all() {
                stream.decode.streaming = half.iteration == Iteration::StopAllWatermark;
                return self.keep(s, Way::Request, data);
            }
            if half.end {
                return Ok(());
            }
            let end_here = end && stream.request_trailers.is_none();
            stream.filters[at].decode.end = end_here;
            stream.decode.calls += 1;
            let status = self.on_request_body(s, at, data, end_here);
            let stream = &mut self.world.streams[s];
            stream.decode.calls -= 1;
            let status = status?;
            if stream.decode.aborted {
                return self.send_prepared_reply(s);
            }
            if stream.ended || stream.reset {
                return Ok(());
            }
            if !had_trailers && stream.request_trailers.is_some() && added_by.is_none() {
                end = false;
                added_by = Some(at);
            }
            if !self.after_data(s, Way::Request, at, status, data)? {
                break;
            }
            at += 1;
        }
        match added_by {
            Some(f) => self.decode_trailers(s, Some(f)),
            None => Ok(()),
        }
    }

    pub(crate) fn decode_trailers(&mut self, s: usize, from: Option<usize>) -> Step {
        if self.world.streams[s].decoding_over() {
            return Ok(());
        }
        let mut at = match from {
            None => 0,
            Some(f) if self.world.streams[s].filters[f].decode.from_current => f,
            Some(f) => f + 1,
        };
        loop {
            let stream = &mut self.world.streams[s];
            if at >= stream.filters.len() {
                return self.router_trailers(s);
            }
            if stream.filters[at].decode.stopped_all() {
                return Ok(());
            }
            stream.decode.calls += 1;
            let on = self.on_request_trailers(s, at);
            let stream = &mut self.world.streams[s];
            stream.decode.calls -= 1;
            let on = on?;
            stream.filters[at].decode.end = true;
            if stream.decode.aborted {
                return self.send_prepared_reply(s);
            }
            if stream.ended || stream.reset {
                return Ok(());
            }
            let half = &mut stream.filters[at].decode;
            if !on {
                if half.iteration == Iteration::Continue {
                    half.iteration = Iteration::StopSingle;
                }
                return Ok(());
            }
            if half.iteration != Iteration::Continue {
                return self.continue_decoding(s, at);
            }
            at += 1;
        }
    }

    /// What a filter held back goes on, and it with it.
    pub(crate) fn continue_decoding(&mut self, s: usize, f: usize) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.decoding_over() {
            return Ok(());
        }
        let has_body = stream.decode.buffered.is_some();
        let has_trailers = stream.request_trailers.is_some();
        let filter = &mut stream.filters[f];
        filter.request_paused = false;
        let half = &mut filter.decode;
        // Stays set where a trailers callback lets go on what its body callback held: Envoy then starts with this filter again.
        half.from_current |= half.stopped_all();
        half.iteration = Iteration::Continue;
        let end = stream.decode.observed_end;
        if !half.headers_continued {
            half.headers_continued = true;
            self.decode_headers(s, Some(f), end && !has_body && !has_trailers)?;
        }
        let has_trailers = self.world.streams[s].request_trailers.is_some();
        if self.world.streams[s].decode.buffered.is_some() {
            self.decode_data(s, Some(f), Data::Buffered, end && !has_trailers, true)?;
        }
        if has_trailers {
            self.decode_trailers(s, Some(f))?;
        }
        self.world.streams[s].filters[f].decode.from_current = false;
        self.unblock_request(s);
        Ok(())
    }

    /// The client may send again once the buffer has been passed on.
    fn unblock_request(&mut self, s: usize) {
        let stream = &mut self.world.streams[s];
        if stream.decode.blocked && stream.decode.buffered.as_ref().is_none_or(Vec::is_empty) {
            stream.decode.blocked = false;
            let now = self.world.clock.now();
            for piece in std::mem::take(&mut self.world.streams[s].decode.waiting) {
                self.world.events.at(now, Event::Client { stream: s, piece, alone: false });
            }
        }
    }
}
