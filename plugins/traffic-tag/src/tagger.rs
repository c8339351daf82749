//! The phase: the first group that is meant tags the request.

use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Cx, Decision, Plugin};

use crate::settings::{Settings, Tag};
use plugin_kit::share::{self, Chance};

/// The plugin.
#[derive(Debug)]
pub struct Tagger {
    settings: Settings,
    chance: Chance,
}

impl Plugin for Tagger {
    const NAME: &'static str = "traffic-tag";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, chance: Chance::default() })
    }

    fn warnings(&self) -> Vec<String> {
        let idle = self.settings.tag_names.is_empty();
        idle.then(|| "neither groups nor a default: nothing is tagged".to_owned()).into_iter().collect()
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let settings = &self.settings;
        let mut brought = false;
        for name in &settings.tag_names {
            if cx.headers.get(name).is_none() {
                continue;
            }
            if settings.keep_client_tags {
                // Somebody in front of us has decided.
                return Decision::Skip;
            }
            cx.headers.remove(name);
            brought = true;
        }
        let tag = self.choose(cx);
        if let Some(tag) = tag {
            cx.headers.set(&tag.name, tag.value.as_bytes());
        }
        if tag.is_none() && !brought {
            return Decision::Pass;
        }
        if settings.reroute {
            cx.proxy.clear_route_cache();
        }
        Decision::Change
    }
}

impl Tagger {
    fn choose(&self, cx: &Cx) -> Option<&Tag> {
        let settings = &self.settings;
        let seed = settings.seed.as_bytes();
        let by_condition = settings.conditions.iter().find(|group| group.holds(cx, seed)).map(|group| &group.tag);
        by_condition.or_else(|| self.by_weight(cx, seed)).or(settings.default.as_ref())
    }

    fn by_weight(&self, cx: &Cx, seed: &[u8]) -> Option<&Tag> {
        let settings = &self.settings;
        if settings.weights.is_empty() {
            return None;
        }
        let value = settings.weight_key.as_ref().and_then(|key| key.first(cx));
        let place = value.map_or_else(|| self.chance.next(cx.proxy.now()), |value| share::place(seed, &value));
        settings.weights.iter().find(|(until, _)| place < *until).map(|(_, tag)| tag)
    }
}

#[cfg(test)]
mod tests;
