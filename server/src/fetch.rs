//! Who gets modules from addresses: for the pages, and for the commands `check` and `try`.

use std::path::PathBuf;
use std::time::Duration;

use app::texts;
use marketplace_commands::{Fetch, NotFetched};
use marketplace_domain::fetch::FetchProblem;
use marketplace_domain::{Lang, ModuleUrl};
use marketplace_registry::{Fetcher, Networks, Options, Order};

/// For people who wait for a page: fewer attempts than a proxy makes, less patience, and only addresses that the options
/// allow.
pub fn patient(options: &crate::options::Options) -> anyhow::Result<Fetcher> {
    let options = Options {
        networks: options.allow_fetch_from.clone(),
        attempts: 2,
        pause: Duration::from_millis(250),
        request: Duration::from_secs(10),
        total: Duration::from_secs(20),
        ..Options::default()
    };
    Fetcher::new(options).map_err(|error| anyhow::anyhow!("modules cannot be fetched: {error}"))
}

/// For the commands: whoever types one chooses the address and is on their own machine, so private addresses are called as
/// well, with the logins that Docker's tools have stored.
#[derive(Debug, Clone, Copy)]
pub struct FromNetwork;

impl Fetch for FromNetwork {
    fn fetch(&self, address: &str) -> Result<Vec<u8>, NotFetched> {
        let failed = NotFetched::Failed;
        let url: ModuleUrl = address.parse().map_err(|bad| failed(texts::problems::bad_url(Lang::En, &bad)))?;
        let options = Options { networks: Networks::all(), ..Options::default() };
        let fetcher = Fetcher::new(options).map_err(failed)?;
        let secret = logins();
        let order = Order { url: &url, sha256: None, secret: secret.as_deref() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let fetched = runtime.map_err(|error| failed(error.to_string()))?.block_on(fetcher.fetch(order));
        fetched.map(|fetched| fetched.bytes).map_err(|problem| {
            let words = texts::fetch::sentence(Lang::En, &problem);
            match problem {
                FetchProblem::TooLarge { .. } => NotFetched::TooLarge(words),
                _ => failed(words),
            }
        })
    }
}

/// Docker's own file of logins, which has the form of a pull secret.
fn logins() -> Option<String> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker"));
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from).or_else(home)?;
    std::fs::read_to_string(folder.join("config.json")).ok()
}
