//! What can be chosen on the command line and by environment variables.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use marketplace_registry::Networks;
use url::Url;

use crate::watch::Watch;

/// The options of `marketplace`.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "marketplace",
    version,
    about = "Find WebAssembly plugins for Istio and apply them to services",
    after_help = "Commands, each with --help: `marketplace check` says whether Envoy would load a module, \
                  `marketplace try` runs plugins on a sample exchange."
)]
pub struct Options {
    /// Where the pages are served.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:7420")]
    pub listen: SocketAddr,

    /// A second address that serves modules to proxies and nothing else. The first one serves them too.
    #[arg(long, env = "MODULES_LISTEN")]
    pub modules_listen: Option<SocketAddr>,

    /// The address under which proxies reach our modules, like `http://marketplace.tools:7421`. By default, the address
    /// we listen on.
    #[arg(long, env = "MODULE_BASE_URL")]
    pub module_base_url: Option<Url>,

    /// The address people use, where it is not the one we listen on (behind a proxy that ends TLS).
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<Url>,

    /// `demo`, `kubeconfig`, `kubeconfig:<context>` or `in-cluster`. By default `kubeconfig` where there is one, else
    /// `demo`.
    #[arg(long, env = "CLUSTER")]
    pub cluster: Option<ClusterOption>,

    /// Where our own database lies. By default `plugin-marketplace` under `$XDG_DATA_HOME`.
    #[arg(long, env = "DATA_DIR")]
    pub data_dir: Option<PathBuf>,

    /// A PostgreSQL database to use. By default we start a private one under the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// The folder `site` of the release. By default beside the binary, then in the current folder.
    #[arg(long, env = "SITE_DIR")]
    pub site_dir: Option<PathBuf>,

    /// The built-in plugins. By default `plugins` in the `site` folder.
    #[arg(long, env = "PLUGINS_DIR")]
    pub plugins_dir: Option<PathBuf>,

    /// Addresses and ranges, with commas between them, that we may call to look at a module, beside the public internet:
    /// `10.0.0.0/8,192.168.7.3`. By default none, so that nobody reaches by us what only this machine reaches.
    #[arg(long, env = "ALLOW_FETCH_FROM", default_value = "", hide_default_value = true)]
    pub allow_fetch_from: Networks,

    /// Serve on an address that others reach, although there is no sign-in: whoever reaches it may change the cluster.
    #[arg(long, env = "INSECURE_NO_AUTH")]
    pub insecure_no_auth: bool,

    /// How log lines look.
    #[arg(long, env = "LOG", value_enum, default_value_t = LogFormat::Text)]
    pub log: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterOption {
    /// The simulated mesh inside this process.
    Demo,
    /// As kubectl would find it; in this context, or the current one.
    Kubeconfig(Option<String>),
    /// By the service account of the pod we run in.
    InCluster,
}

impl FromStr for ClusterOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "demo" => Ok(Self::Demo),
            None if text == "kubeconfig" => Ok(Self::Kubeconfig(None)),
            None if text == "in-cluster" => Ok(Self::InCluster),
            Some(("kubeconfig", context)) if !context.is_empty() => Ok(Self::Kubeconfig(Some(context.to_owned()))),
            _ => Err("expected demo, kubeconfig, kubeconfig:<context> or in-cluster".to_owned()),
        }
    }
}

impl Options {
    /// Refuses what would put a marketplace without sign-in on a network.
    pub fn check(&self) -> anyhow::Result<()> {
        if !self.listen.ip().is_loopback() && !self.insecure_no_auth {
            anyhow::bail!(
                "{} can be reached from other machines, and there is no sign-in yet: whoever opens it could change the \
                 cluster. Listen on 127.0.0.1 (the default) and reach it through `ssh -L` or `kubectl port-forward`, \
                 or add --insecure-no-auth if something in front of it decides who gets in.",
                self.listen
            );
        }
        Ok(())
    }

    /// The cluster to use: as told, else what this machine has.
    pub fn cluster(&self) -> ClusterOption {
        self.cluster
            .clone()
            .unwrap_or_else(|| if kubeconfig_exists() { ClusterOption::Kubeconfig(None) } else { ClusterOption::Demo })
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        let home = || std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let shared = || std::env::var_os("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from);
        self.data_dir.clone().unwrap_or_else(|| shared().join("plugin-marketplace"))
    }

    /// The `site` folder: as told, else that of who watches, beside the binary, in the current folder.
    pub fn site_dir(&self) -> PathBuf {
        let watched = || Some(Watch::of_this_process()?.site.clone());
        let beside = || Some(std::env::current_exe().ok()?.parent()?.join("site")).filter(|dir| dir.is_dir());
        self.site_dir.clone().or_else(watched).or_else(beside).unwrap_or_else(|| PathBuf::from("site"))
    }

    /// The folder of the built-in plugins; none where a release lacks them.
    pub fn plugins_dir(&self) -> Option<PathBuf> {
        self.plugins_dir.clone().or_else(|| Some(self.site_dir().join("plugins")).filter(|dir| dir.is_dir()))
    }
}

fn kubeconfig_exists() -> bool {
    match std::env::var("KUBECONFIG") {
        Ok(paths) if !paths.is_empty() => paths.split(':').any(|path| Path::new(path).is_file()),
        _ => std::env::var_os("HOME").is_some_and(|home| Path::new(&home).join(".kube/config").is_file()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["marketplace"], args].concat())
    }

    #[test]
    fn a_network_address_needs_the_insecure_flag_and_says_so() {
        assert!(parse(&[]).unwrap().check().is_ok());
        assert!(parse(&["--listen", "[::1]:80"]).unwrap().check().is_ok());
        let refused = parse(&["--listen", "0.0.0.0:80"]).unwrap().check().unwrap_err().to_string();
        assert!(refused.contains("--insecure-no-auth") && refused.contains("0.0.0.0:80"), "{refused}");
        assert!(parse(&["--listen", "0.0.0.0:80", "--insecure-no-auth"]).unwrap().check().is_ok());
    }

    #[test]
    fn modules_may_be_on_a_network_address() {
        assert!(parse(&["--modules-listen", "0.0.0.0:7421"]).unwrap().check().is_ok());
    }

    #[test]
    fn reads_clusters() {
        let cluster = |text: &str| text.parse::<ClusterOption>();
        assert_eq!(cluster("demo"), Ok(ClusterOption::Demo));
        assert_eq!(cluster("kubeconfig"), Ok(ClusterOption::Kubeconfig(None)));
        assert_eq!(cluster("kubeconfig:a:b"), Ok(ClusterOption::Kubeconfig(Some("a:b".to_owned()))));
        assert_eq!(cluster("in-cluster"), Ok(ClusterOption::InCluster));
        assert!(cluster("kubeconfig:").is_err());
        assert!(cluster("kind").is_err());
    }
}
