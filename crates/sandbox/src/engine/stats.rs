//! Metrics: one set of values for the whole proxy, and ids that each VM gives out by itself.

use std::collections::BTreeMap;

use super::status::Status;

/// Metrics that one run may define; Envoy has no such limit.
const MAX_METRICS: usize = 1_000;

/// The kinds, by their number in `proxy_define_metric`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(crate) fn of(number: u32) -> Option<Self> {
        [Self::Counter, Self::Gauge, Self::Histogram].get(number as usize).copied()
    }
}

/// The values, by name and kind: a name means the same metric in every VM.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    values: BTreeMap<(String, Kind), u64>,
}

impl Stats {
    /// Name, kind and value, sorted. The value of a histogram is the number of its samples.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Kind, u64)> {
        self.values.iter().map(|((name, kind), value)| (name.as_str(), *kind, *value))
    }
}

/// The ids of one VM: kind in the low two bits, counting up by four.
#[derive(Debug, Default)]
pub(crate) struct MetricIds {
    ids: BTreeMap<u32, (String, Kind)>,
    last: [u32; 3],
}

impl MetricIds {
    pub(crate) fn define(&mut self, stats: &mut Stats, kind: u32, name: &[u8]) -> Result<u32, Status> {
        let known = Kind::of(kind).ok_or(Status::BadArgument)?;
        if self.ids.len() >= MAX_METRICS {
            return Err(Status::InternalFailure);
        }
        let last = &mut self.last[known as usize];
        *last += 4;
        let id = *last + kind;
        let name = String::from_utf8_lossy(name).into_owned();
        stats.values.entry((name.clone(), known)).or_insert(0);
        self.ids.insert(id, (name, known));
        Ok(id)
    }

    fn slot<'a>(&self, stats: &'a mut Stats, id: u32) -> Option<(Kind, &'a mut u64)> {
        let (name, kind) = self.ids.get(&id)?;
        Some((*kind, stats.values.get_mut(&(name.clone(), *kind))?))
    }

    pub(crate) fn increment(&self, stats: &mut Stats, id: u32, by: i64) -> Status {
        match id & 3 {
            0 | 1 => {}
            _ => return Status::BadArgument,
        }
        match self.slot(stats, id) {
            None => Status::NotFound,
            Some((Kind::Counter, _)) if by <= 0 => Status::BadArgument,
            Some((_, value)) => {
                *value = value.wrapping_add_signed(by);
                Status::Ok
            }
        }
    }

    pub(crate) fn record(&self, stats: &mut Stats, id: u32, number: u64) -> Status {
        match self.slot(stats, id) {
            None => Status::NotFound,
            Some((Kind::Counter, value)) => {
                *value = value.wrapping_add(number);
                Status::Ok
            }
            Some((Kind::Gauge, value)) => {
                *value = number;
                Status::Ok
            }
            Some((Kind::Histogram, value)) => {
                *value += 1;
                Status::Ok
            }
        }
    }

    pub(crate) fn get(&self, stats: &mut Stats, id: u32) -> Result<u64, Status> {
        match id & 3 {
            0 | 1 => self.slot(stats, id).map(|(_, value)| *value).ok_or(Status::NotFound),
            _ => Err(Status::BadArgument),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_kind() {
        let (mut stats, mut ids) = (Stats::default(), MetricIds::default());
        assert_eq!(ids.define(&mut stats, 0, b"c"), Ok(4));
        assert_eq!(ids.define(&mut stats, 1, b"g"), Ok(5));
        assert_eq!(ids.define(&mut stats, 2, b"h"), Ok(6));
        assert_eq!(ids.define(&mut stats, 0, b"c"), Ok(8));
        assert_eq!(ids.define(&mut stats, 3, b"x"), Err(Status::BadArgument));
    }

    #[test]
    fn kinds_take_what_envoy_lets_them_take() {
        let (mut stats, mut ids) = (Stats::default(), MetricIds::default());
        let c = ids.define(&mut stats, 0, b"c").unwrap();
        let g = ids.define(&mut stats, 1, b"g").unwrap();
        let h = ids.define(&mut stats, 2, b"h").unwrap();
        assert_eq!(ids.increment(&mut stats, c, 2), Status::Ok);
        assert_eq!(ids.increment(&mut stats, c, 0), Status::BadArgument);
        assert_eq!(ids.record(&mut stats, c, 3), Status::Ok);
        assert_eq!(ids.get(&mut stats, c), Ok(5));
        assert_eq!(ids.record(&mut stats, g, 7), Status::Ok);
        assert_eq!(ids.increment(&mut stats, g, -2), Status::Ok);
        assert_eq!(ids.get(&mut stats, g), Ok(5));
        assert_eq!(ids.record(&mut stats, h, 7), Status::Ok);
        assert_eq!(ids.increment(&mut stats, h, 1), Status::BadArgument);
        assert_eq!(ids.get(&mut stats, h), Err(Status::BadArgument));
        assert_eq!(ids.get(&mut stats, 400), Err(Status::NotFound));
        assert_eq!(ids.increment(&mut stats, 3, 1), Status::BadArgument);
        assert_eq!(ids.record(&mut stats, 3, 1), Status::NotFound);
    }
}
