//! What Envoy is told: the reference proxy of `exchange.md` §3.5.

use std::path::Path;

use marketplace_sandbox::exchange::{FailStrategy, Plugin};
use serde_json::{Value, json};

use crate::case::Case;

/// A cluster that callouts may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) port: u16,
    pub(crate) grpc: bool,
}

const TYPE: &str = "type.googleapis.com/envoy";

/// The upstream's name.
pub(crate) const UPSTREAM: &str = "inbound|8080||";

/// Everything that does not change from case to case.
pub(crate) fn bootstrap(upstream: u16, folder: &Path) -> Value {
    let source = |name: &str| json!({"path_config_source": {"path": folder.join(name)}});
    json!({
        "node": {
            "id": "sidecar~10.0.0.1~app.ns~ns.svc.cluster.local",
            "cluster": "app.ns",
            "metadata": {"NAME": "app", "NAMESPACE": "ns"},
        },
        "admin": {"address": address(0)},
        "dynamic_resources": {"lds_config": source("lds.json"), "cds_config": source("cds.json")},
        "static_resources": {"clusters": [cluster(&Cluster { name: UPSTREAM.to_owned(), port: upstream, grpc: false })]},
    })
}

fn address(port: u16) -> Value {
    json!({"socket_address": {"address": "127.0.0.1", "port_value": port}})
}

fn cluster(cluster: &Cluster) -> Value {
    let protocol = if cluster.grpc {
        json!({"http2_protocol_options": {}})
    } else {
        json!({"http_protocol_options": {"enable_trailers": true}})
    };
    json!({
        "name": cluster.name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": format!("{TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions"),
            "common_http_protocol_options": {"max_requests_per_connection": 1},
            "explicit_http_config": protocol,
        }},
        "load_assignment": {
            "cluster_name": cluster.name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(cluster.port)}}]}],
        },
    })
}

/// The clusters of callouts.
pub(crate) fn clusters(clusters: &[Cluster]) -> Value {
    let resource = |of: &Cluster| {
        let mut resource = cluster(of);
        resource["@type"] = json!(format!("{TYPE}.config.cluster.v3.Cluster"));
        resource
    };
    json!({"resources": clusters.iter().map(resource).collect::<Vec<_>>()})
}

/// One listener with the case's chain; VMs of its own by `vm_ids`, and for clients with certificates if there is a `tls`
/// socket.
pub(crate) fn listeners(name: &str, case: &Case, vm_ids: &[String], tls: Option<&Value>) -> Value {
    let plugins = case.exchange.plugins.iter().zip(&case.files).zip(vm_ids);
    let mut filters: Vec<Value> = plugins.map(|((plugin, file), vm_id)| filter(plugin, file, vm_id)).collect();
    filters.push(json!({
        "name": "router",
        "typed_config": {"@type": format!("{TYPE}.extensions.filters.http.router.v3.Router")},
    }));
    let manager = json!({
        "@type": format!("{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "http",
        "codec_type": "AUTO",
        "http_protocol_options": {"enable_trailers": true},
        // Only so that a reset is not taken for a hang.
        "delayed_close_timeout": "0.02s",
        "route_config": {
            "name": "default",
            "virtual_hosts": [{
                "name": "inbound|http|8080",
                "domains": ["*"],
                "routes": [{"name": "default", "match": {"prefix": "/"}, "route": {"cluster": UPSTREAM, "timeout": "0s"}}],
            }],
        },
        "http_filters": filters,
    });
    let mut listener = json!({
        "@type": format!("{TYPE}.config.listener.v3.Listener"),
        "name": name,
        "traffic_direction": "INBOUND",
        "address": address(0),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    });
    if let Some(socket) = tls {
        listener["filter_chains"][0]["transport_socket"] = socket.clone();
        // Who asks for which server is read by this.
        listener["listener_filters"] = json!([{
            "name": "inspector",
            "typed_config": {"@type": format!("{TYPE}.extensions.filters.listener.tls_inspector.v3.TlsInspector")},
        }]);
    }
    json!({"resources": [listener]})
}

fn filter(plugin: &Plugin, file: &Path, vm_id: &str) -> Value {
    let string = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        json!({"@type": "type.googleapis.com/google.protobuf.StringValue", "value": text})
    };
    let policy = match plugin.fail_strategy {
        FailStrategy::FailClose => "FAIL_CLOSED",
        FailStrategy::FailOpen => "FAIL_OPEN",
        FailStrategy::FailReload => "FAIL_RELOAD",
    };
    let mut vm = json!({
        "vm_id": vm_id,
        "runtime": "envoy.wasm.runtime.v8",
        "code": {"local": {"filename": file}},
    });
    if let Some(config) = &plugin.vm_config {
        vm["configuration"] = string(config);
    }
    if !plugin.env.is_empty() {
        let env: serde_json::Map<String, Value> =
            plugin.env.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        vm["environment_variables"] = json!({"key_values": env});
    }
    let mut config = json!({
        "name": plugin.name,
        "root_id": plugin.root_id,
        "failure_policy": policy,
        "vm_config": vm,
    });
    if !plugin.config.is_empty() {
        config["configuration"] = string(&plugin.config);
    }
    if plugin.allow_on_headers_stop_iteration {
        config["allow_on_headers_stop_iteration"] = json!(true);
    }
    json!({
        "name": plugin.name,
        "typed_config": {"@type": format!("{TYPE}.extensions.filters.http.wasm.v3.Wasm"), "config": config},
    })
}
