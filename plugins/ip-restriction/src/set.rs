//! Many networks, searched in the time of a few comparisons.

use std::net::IpAddr;

use plugin_kit::address::{self, Network};

/// Addresses as ranges that do not touch, in order.
#[derive(Debug, Default)]
pub struct Addresses {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
}

impl Addresses {
    /// The addresses of all these networks.
    pub fn new(networks: Vec<Network>) -> Self {
        let ranges = |wanted: bool| {
            let all = networks.iter().map(Network::range);
            merge(all.filter(|(v4, ..)| *v4 == wanted).map(|(_, first, last)| (first, last)).collect())
        };
        Self { v4: ranges(true), v6: ranges(false) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether an address is among them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let (bits, v4) = address::bits(address);
        let ranges = if v4 { &self.v4 } else { &self.v6 };
        let behind = ranges.partition_point(|(first, _)| *first <= bits);
        behind > 0 && bits <= ranges[behind - 1].1
    }
}

fn merge(mut ranges: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match merged.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}
