//! Lets requests through from allowed addresses only.

mod set;

use std::net::IpAddr;

use plugin_kit::access;
use plugin_kit::address::{self, Network, Source};
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::plugin::{Cx, Decision, Plugin, Reply};

use set::Addresses;

plugin_kit::start!(IpRestriction);

const MAX_NETWORKS: usize = 10_000;

/// The plugin.
#[derive(Debug)]
pub struct IpRestriction {
    source: Source,
    /// None: all that are not denied.
    allow: Option<Addresses>,
    deny: Addresses,
    refusal: Reply,
}

impl Plugin for IpRestriction {
    const NAME: &'static str = "ip-restriction";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(configuration)?;
        let fields =
            Fields::root(&map, &[&["allow", "deny", "status", "message"][..], &address::SOURCE_FIELDS].concat())?;
        let status = fields.integer("status", 400, 599)?.unwrap_or(403) as u16;
        let refusal = match fields.string("message", 1000)? {
            None => access::refusal(status, "forbidden", "this address is not allowed"),
            Some(text) => Reply::text(status, text),
        };
        let allow = networks(&fields, "allow")?.filter(|list| !list.is_empty());
        Ok(Self {
            source: Source::read(&fields)?,
            allow: allow.map(Addresses::new),
            deny: Addresses::new(networks(&fields, "deny")?.unwrap_or_default()),
            refusal,
        })
    }

    fn warnings(&self) -> Vec<String> {
        if self.allow.is_none() && self.deny.is_empty() {
            return vec!["neither allow nor deny is set: every address is allowed".to_owned()];
        }
        Vec::new()
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let client = self.source.client(cx.headers, cx.proxy);
        // Who cannot be told apart from somebody denied is denied.
        if client.is_some_and(|client| self.allows(client)) {
            Decision::Pass
        } else {
            Decision::Refuse(self.refusal.clone())
        }
    }
}

impl IpRestriction {
    fn allows(&self, client: IpAddr) -> bool {
        !self.deny.contain(client) && self.allow.as_ref().is_none_or(|allow| allow.contain(client))
    }
}

fn networks(fields: &Fields, name: &str) -> Result<Option<Vec<Network>>, Refusal> {
    fields.list(name, MAX_NETWORKS, |value, path| {
        let text = config::string(value, &path, 64)?;
        let why = "must be an address or a network such as 10.0.0.0/8 or 2001:db8::/32, without bits behind its length";
        Network::parse(text.trim()).ok_or_else(|| Refusal::new(path, why))
    })
}

#[cfg(test)]
mod tests;
