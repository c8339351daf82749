//! Workloads: a Deployment, its ReplicaSet and its pods, as a cluster with Istio would hold them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::ISTIO;

/// How the mesh reaches a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dataplane {
    /// Not at all, or it is a proxy itself.
    None,
    /// A sidecar among the containers.
    Sidecar,
    /// A sidecar among the init containers, as current releases make it.
    NativeSidecar,
    /// Redirected to ztunnel.
    Ambient,
}

/// A workload to be.
pub(super) struct Workload {
    namespace: String,
    app: String,
    name: String,
    replicas: usize,
    labels: Map<String, Value>,
    annotations: Map<String, Value>,
    container: Value,
    dataplane: Dataplane,
}

impl Workload {
    /// An app, of a version if that is not empty.
    pub fn new(namespace: &str, app: &str, version: &str) -> Self {
        let mut labels = Map::new();
        labels.insert("app".into(), app.into());
        if !version.is_empty() {
            labels.insert("version".into(), version.into());
        }
        let name = if version.is_empty() { app.to_owned() } else { format!("{app}-{version}") };
        Self {
            namespace: namespace.into(),
            app: app.into(),
            name,
            replicas: 1,
            labels,
            annotations: Map::new(),
            container: Value::Null,
            dataplane: Dataplane::None,
        }
    }

    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.insert(key.into(), value.into());
        self
    }

    pub fn annotation(mut self, key: &str, value: &str) -> Self {
        self.annotations.insert(key.into(), value.into());
        self
    }

    pub fn container(mut self, name: &str, image: &str, port: u16) -> Self {
        self.container = json!({
            "name": name, "image": image, "imagePullPolicy": "IfNotPresent",
            "ports": [{ "containerPort": port, "protocol": "TCP" }],
        });
        self
    }

    pub fn dataplane(mut self, dataplane: Dataplane) -> Self {
        self.dataplane = dataplane;
        self
    }

    /// Its objects.
    pub fn objects(self) -> Vec<Value> {
        let deployment_uid = uid(&format!("deployment/{}/{}", self.namespace, self.name));
        let template_hash = letters(&format!("{}/{}", self.namespace, self.name), 9);
        let set = format!("{}-{template_hash}", self.name);
        let set_uid = uid(&format!("replicaset/{}/{set}", self.namespace));
        let selector = match self.labels.get("gateway.networking.k8s.io/gateway-name") {
            Some(gateway) => json!({ "gateway.networking.k8s.io/gateway-name": gateway }),
            None => {
                let picked = ["app", "version"].iter().filter_map(|key| Some((*key, self.labels.get(*key)?)));
                Value::Object(picked.map(|(key, value)| (key.to_owned(), value.clone())).collect())
            }
        };
        let template = json!({
            "metadata": { "labels": self.labels, "annotations": self.annotations },
            "spec": { "serviceAccountName": self.app, "containers": [self.container] },
        });
        let mut all = vec![
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {
                    "namespace": self.namespace, "name": self.name, "uid": deployment_uid, "labels": self.labels,
                    "generation": 1, "annotations": { "deployment.kubernetes.io/revision": "1" },
                },
                "spec": { "replicas": self.replicas, "selector": { "matchLabels": selector }, "template": template },
                "status": {
                    "observedGeneration": 1, "replicas": self.replicas, "readyReplicas": self.replicas,
                    "availableReplicas": self.replicas, "updatedReplicas": self.replicas,
                },
            }),
            json!({
                "apiVersion": "apps/v1", "kind": "ReplicaSet",
                "metadata": {
                    "namespace": self.namespace, "name": set, "uid": set_uid,
                    "labels": with(&self.labels, "pod-template-hash", &template_hash),
                    "ownerReferences": [owner("apps/v1", "Deployment", &self.name, &deployment_uid)],
                },
                "spec": {
                    "replicas": self.replicas,
                    "selector": { "matchLabels": with(selector.as_object().unwrap_or(&Map::new()), "pod-template-hash", &template_hash) },
                    "template": template,
                },
                "status": { "replicas": self.replicas, "readyReplicas": self.replicas },
            }),
        ];
        all.extend((0..self.replicas).map(|index| self.pod(&set, &set_uid, &template_hash, index)));
        all
    }

    fn pod(&self, set: &str, set_uid: &str, template_hash: &str, index: usize) -> Value {
        let name = format!("{set}-{}", letters(&format!("{}/{set}/{index}", self.namespace), 5));
        let mut labels = with(&self.labels, "pod-template-hash", template_hash);
        let mut annotations = self.annotations.clone();
        let mut containers = vec![self.container.clone()];
        let mut init = Vec::new();
        match self.dataplane {
            Dataplane::None => {}
            Dataplane::Ambient => {
                annotations.insert("ambient.istio.io/redirection".into(), "enabled".into());
            }
            Dataplane::Sidecar | Dataplane::NativeSidecar => {
                let native = self.dataplane == Dataplane::NativeSidecar;
                labels.insert("security.istio.io/tlsMode".into(), "istio".into());
                labels.insert("service.istio.io/canonical-name".into(), self.app.as_str().into());
                let version = self.labels.get("version").cloned().unwrap_or_else(|| "latest".into());
                labels.insert("service.istio.io/canonical-revision".into(), version);
                let status = json!({
                    "initContainers": if native { json!(["istio-init", "istio-proxy"]) } else { json!(["istio-init"]) },
                    "containers": if native { Value::Null } else { json!(["istio-proxy"]) },
                    "volumes": ["workload-socket", "credential-socket", "workload-certs", "istio-envoy", "istio-data",
                        "istio-podinfo", "istio-token", "istiod-ca-cert"],
                    "imagePullSecrets": Value::Null, "revision": "default",
                });
                annotations.insert("sidecar.istio.io/status".into(), status.to_string().into());
                annotations.insert("istio.io/rev".into(), "default".into());
                annotations.insert("prometheus.io/port".into(), "15020".into());
                annotations.insert("prometheus.io/scrape".into(), "true".into());
                annotations.insert("prometheus.io/path".into(), "/stats/prometheus".into());
                let image = format!("docker.io/istio/proxyv2:{ISTIO}");
                init.push(json!({ "name": "istio-init", "image": image }));
                let mut proxy = json!({
                    "name": "istio-proxy", "image": image,
                    "ports": [{ "name": "http-envoy-prom", "containerPort": 15090, "protocol": "TCP" }],
                });
                if native {
                    proxy["restartPolicy"] = "Always".into();
                    init.push(proxy);
                } else {
                    containers.push(proxy);
                }
            }
        }
        let ip = address("10.244", &format!("{}/{name}", self.namespace));
        let ready = |kind: &str| json!({ "type": kind, "status": "True" });
        let statuses: Vec<_> = containers
            .iter()
            .map(|container| {
                json!({
                    "name": container["name"], "image": container["image"], "imageID": "", "ready": true,
                    "started": true, "restartCount": 0,
                })
            })
            .collect();
        let mut spec = json!({
            "nodeName": "demo-node", "serviceAccountName": self.app, "restartPolicy": "Always", "containers": containers,
        });
        if !init.is_empty() {
            spec["initContainers"] = init.into();
        }
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "namespace": self.namespace, "name": name, "generateName": format!("{set}-"), "labels": labels,
                "annotations": annotations,
                "ownerReferences": [owner("apps/v1", "ReplicaSet", set, set_uid)],
            },
            "spec": spec,
            "status": {
                "phase": "Running", "podIP": ip, "podIPs": [{ "ip": ip }], "hostIP": "10.0.0.4",
                "conditions": [ready("PodScheduled"), ready("Initialized"), ready("ContainersReady"), ready("Ready")],
                "containerStatuses": statuses,
            },
        })
    }
}

fn owner(version: &str, kind: &str, name: &str, uid: &str) -> Value {
    json!({
        "apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true,
    })
}

fn with(labels: &Map<String, Value>, key: &str, value: &str) -> Map<String, Value> {
    let mut labels = labels.clone();
    labels.insert(key.into(), value.into());
    labels
}

/// The same letters for the same seed, so that pods keep their names over restarts of the demo.
fn letters(seed: &str, count: usize) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let hash = Sha256::digest(seed);
    hash.iter().take(count).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

fn uid(seed: &str) -> String {
    let hash = Sha256::digest(seed);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// An address of a network, from a seed.
pub(super) fn address(network: &str, seed: &str) -> String {
    let hash = Sha256::digest(seed);
    format!("{network}.{}.{}", hash[0], u16::from(hash[1]).clamp(2, 250))
}
