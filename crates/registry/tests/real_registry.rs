//! A registry of others: `MESH` names the program that serves one and pushes to it. Without it, nothing is tried.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use marketplace_domain::fetch::{FetchProblem, Layout};
use marketplace_registry::{Fetched, Fetcher, Options, Order};

const MODULE: &[u8] = b"\0asm\x01\0\0\0";

struct Registry {
    program: PathBuf,
    process: Child,
    at: String,
    login: Vec<String>,
    folder: PathBuf,
}

impl Registry {
    /// A registry on a free port; `None` without the program.
    fn start(login: &[&str], realm: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var_os("MESH").filter(|path| !path.is_empty()).map(PathBuf::from) else {
            println!("skipped: MESH is not set");
            return None;
        };
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(&program);
        command.args(["registry", "--port", &free.to_string()]).args(login).args(realm);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let folder = std::env::temp_dir().join(format!("marketplace-registry-{free}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("x.wasm"), MODULE).unwrap();
        let output = process.stdout.take().unwrap();
        std::thread::spawn(move || BufReader::new(output).lines().for_each(drop));
        let begin = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", free)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(30), "the registry does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let login = login.iter().map(|word| (*word).to_owned()).collect();
        Some(Self { program, process, at: format!("127.0.0.1:{free}"), login, folder })
    }

    /// Pushes the module in a layout; what the program prints.
    fn push(&self, layout: &str) -> String {
        let image = format!("{}/team/p:{layout}", self.at);
        let mut command = Command::new(&self.program);
        command.args(["push", "--layout", layout]).args(&self.login).arg(self.folder.join("x.wasm")).arg(image);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    async fn fetch(&self, layout: &str, secret: Option<&str>) -> Result<Fetched, FetchProblem> {
        let options = Options { networks: "127.0.0.1".parse().unwrap(), attempts: 1, ..Options::default() };
        let url = format!("oci://{}/team/p:{layout}", self.at).parse().unwrap();
        Fetcher::new(options).unwrap().fetch(Order { url: &url, sha256: None, secret }).await
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn the_layouts_of_a_registry_of_others() {
    let Some(registry) = Registry::start(&[], &[]) else { return };
    for (name, layout) in
        [("docker", Layout::DockerImage), ("compat", Layout::OciImage), ("artifact", Layout::OciArtifact)]
    {
        let digest = registry.push(name);
        let found = registry.fetch(name, None).await.unwrap();
        assert_eq!((found.bytes.as_slice(), found.layout), (MODULE, layout), "{name}");
        assert!(digest.contains(found.digest.as_str()), "{name}: {digest} and {}", found.digest);
    }
    for name in ["artifact1", "cncf", "plaintar", "noplugin"] {
        registry.push(name);
        let problem = registry.fetch(name, None).await.unwrap_err();
        let fits = match name {
            "artifact1" => problem == FetchProblem::ArtifactLayers { layers: 1 },
            "noplugin" => problem == FetchProblem::NoPluginFile,
            _ => matches!(problem, FetchProblem::LayerKind { .. }),
        };
        assert!(fits, "{name}: {problem:?}");
    }
}

#[tokio::test]
async fn a_login_of_a_registry_of_others() {
    let login = ["--user", "user", "--password", "pass"];
    let secret = |at: &str| format!(r#"{{"auths": {{"{at}": {{"username": "user", "password": "pass"}}}}}}"#);
    let Some(registry) = Registry::start(&login, &["--realm", "Registry Realm"]) else { return };
    registry.push("compat");
    // As docker's registry asks; Istio's agent refuses that whoever one is.
    let problem = registry.fetch("compat", Some(&secret(&registry.at))).await.unwrap_err();
    assert!(matches!(problem, FetchProblem::Realm { .. }), "{problem:?}");

    let Some(registry) = Registry::start(&login, &["--realm", "https://auth.example.com/"]) else { return };
    registry.push("compat");
    assert_eq!(registry.fetch("compat", Some(&secret(&registry.at))).await.unwrap().bytes, MODULE);
    let problem = registry.fetch("compat", None).await.unwrap_err();
    assert!(matches!(problem, FetchProblem::LoginNeeded { .. }), "{problem:?}");
}
