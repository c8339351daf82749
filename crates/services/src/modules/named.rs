//! Modules as programs name them: `sha256:<digest>`, or a plugin of the marketplace, `name` or `name@version`.

use marketplace_domain::{PluginName, catalogue::Address, fetch::FetchProblem};
use marketplace_sandbox::{Module, exchange::ModuleRef};

use super::{Missing, Place};
use crate::{Services, error::Result};

/// Why there is no such module: a code of the exchange's format, and words.
pub(crate) type Unnamed = (&'static str, String);

impl Services {
    /// The module of a name. That of a plugin is fetched where it lies elsewhere; no other address is called, and no path
    /// is read.
    pub(crate) async fn module_named(&self, name: &ModuleRef) -> Result<std::result::Result<Module, Unnamed>> {
        let place = match name {
            ModuleRef::Store(digits) => digits.parse().ok().map(Place::Ours),
            ModuleRef::Path(name) => self.place_of_plugin(name).await?,
            ModuleRef::Url(_) => {
                let message =
                    "addresses are not taken here; give `sha256:…` or the name of a plugin of the marketplace";
                return Ok(Err(("module_fetch", message.to_owned())));
            }
            ModuleRef::Own => None,
        };
        let found = match &place {
            Some(place) => self.module_at(place, None).await?,
            None => Err(Missing::Gone),
        };
        Ok(found.map_err(|missing| match missing {
            Missing::NotFetched(FetchProblem::TooLarge { .. }) => {
                ("module_too_large", "the plugin's module is larger than the sandbox takes".to_owned())
            }
            Missing::NotFetched(problem) => ("module_fetch", problem.to_string()),
            Missing::Gone => {
                let message = "the marketplace has no such module; give `sha256:…` or the name of one of its plugins";
                ("module_not_found", message.to_owned())
            }
        }))
    }

    /// Where the module of `name` or `name@version` is.
    async fn place_of_plugin(&self, text: &str) -> Result<Option<Place>> {
        let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        let Ok(name) = name.parse::<PluginName>() else { return Ok(None) };
        let release = self.catalogue().release(&name, version).await?;
        Ok(release.map(|release| match release.address {
            Address::Hosted(digest) => Place::Ours(digest),
            Address::Url(url) => Place::elsewhere(url, release.sha256),
        }))
    }
}
