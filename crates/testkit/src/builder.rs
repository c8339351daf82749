//! Plugins with good defaults.

use marketplace_domain::{
    Category, Digest, Direction, FailStrategy, Localised, Origin, Phase, PluginMeta, Proposal, Release,
    catalogue::Address,
};

/// A plugin in the making; all of it is valid from the start.
#[derive(Debug, Clone)]
pub struct PluginBuilder {
    meta: PluginMeta,
    release: Release,
}

/// A plugin of this name: an image of the same name at version 1.0.0, for security, in phase AUTHN with priority 100.
pub fn plugin(name: &str) -> PluginBuilder {
    PluginBuilder {
        meta: PluginMeta {
            name: name.parse().expect("the name of a plugin"),
            title: Localised::new(name, "插件"),
            description: Localised::new("Does something to requests.", "对请求做一些处理。"),
            category: Category::Security,
            origin: Origin::Added,
        },
        release: Release {
            version: "1.0.0".to_owned(),
            address: Address::Url(format!("oci://registry:5000/{name}:1.0.0").parse().expect("an address")),
            sha256: None,
            schema: None,
            example: None,
            readme: Localised::new("# How to use it", "# 使用方法"),
            proposal: Proposal {
                phase: Phase::Authn,
                priority: 100.try_into().expect("a priority"),
                fail_strategy: FailStrategy::Close,
                direction: Direction::Server,
            },
            samples: Vec::new(),
        },
    }
}

impl PluginBuilder {
    /// The names to show.
    pub fn title(mut self, en: &str, zh: &str) -> Self {
        self.meta.title = Localised::new(en, zh);
        self
    }

    /// What it does.
    pub fn description(mut self, en: &str, zh: &str) -> Self {
        self.meta.description = Localised::new(en, zh);
        self
    }

    /// What it is for.
    pub fn category(mut self, category: Category) -> Self {
        self.meta.category = category;
        self
    }

    /// Who it came from; `create` and `seed` decide this themselves.
    pub fn origin(mut self, origin: Origin) -> Self {
        self.meta.origin = origin;
        self
    }

    /// The version's name.
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.release.version);
        self
    }

    /// Where its module is, elsewhere.
    pub fn url(mut self, url: &str) -> Self {
        self.release.address = Address::Url(url.parse().expect("an address"));
        self
    }

    /// Where its module is: with us.
    pub fn hosted(mut self, digest: &Digest) -> Self {
        self.release.address = Address::Hosted(digest.clone());
        self.release.sha256 = Some(digest.clone());
        self
    }

    /// The digest of what is at the address.
    pub fn sha256(mut self, digest: Digest) -> Self {
        self.release.sha256 = Some(digest);
        self
    }

    /// The schema of its configuration.
    pub fn schema(mut self, schema: serde_json::Value) -> Self {
        self.release.schema = Some(schema);
        self
    }

    /// An example of its configuration, YAML.
    pub fn example(mut self, yaml: &str) -> Self {
        self.release.example = Some(yaml.to_owned());
        self
    }

    /// Its READMEs, Markdown.
    pub fn readme(mut self, en: &str, zh: &str) -> Self {
        self.release.readme = Localised::new(en, zh);
        self
    }

    /// Where it stands.
    pub fn phase(mut self, phase: Phase) -> Self {
        self.release.proposal.phase = phase;
        self
    }

    /// Its order in the phase.
    pub fn priority(mut self, priority: i64) -> Self {
        self.release.proposal.priority = priority.try_into().expect("a priority from 1 to 1000");
        self
    }

    /// What happens when it fails.
    pub fn fail_strategy(mut self, strategy: FailStrategy) -> Self {
        self.release.proposal.fail_strategy = strategy;
        self
    }

    /// Which side of the proxy.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.release.proposal.direction = direction;
        self
    }

    /// The plugin and its release.
    pub fn build(self) -> (PluginMeta, Release) {
        (self.meta, self.release)
    }
}
