//! Every property by name, in every phase, with a client's certificate and without.

use serde_json::{Value, json};

use super::{ProbeCase, calls, case, merge};

/// Paths with dots between their parts; those of other values in each run have a `~` in front.
const GROUPS: [(&str, &[&str]); 6] = [
    (
        "request",
        &[
            "request",
            "request.path",
            "request.url_path",
            "request.query",
            "request.host",
            "request.scheme",
            "request.method",
            "~request.headers",
            "request.headers.x-a",
            "request.headers.none",
            "request.headers.x-forwarded-proto",
            "request.headers.x-forwarded-client-cert",
            "request.headers_bytes",
            "request.referer",
            "request.useragent",
            "~request.time",
            "~request.id",
            "request.protocol",
            "request.size",
            "request.total_size",
            "~request.duration",
            "request.nonesuch",
            "request.path.x",
        ],
    ),
    (
        "response",
        &[
            "response",
            "response.code",
            "response.code_details",
            "response.flags",
            "~response.headers",
            "response.headers.x-r",
            "~response.headers_bytes",
            "~response.trailers",
            "response.trailers.u-a",
            "response.size",
            "~response.total_size",
            "response.grpc_status",
            "~response.backend_latency",
            "response.nonesuch",
        ],
    ),
    (
        "connection",
        &[
            "connection",
            "~connection.id",
            "~connection_id",
            "connection.mtls",
            "connection.requested_server_name",
            "connection.tls_version",
            "connection.subject_local_certificate",
            "connection.subject_peer_certificate",
            "connection.uri_san_local_certificate",
            "connection.uri_san_peer_certificate",
            "connection.dns_san_local_certificate",
            "connection.dns_san_peer_certificate",
            "~connection.sha256_peer_certificate_digest",
            "connection.termination_details",
            "connection.transport_failure_reason",
            "connection.nonesuch",
            "source",
            "~source.address",
            "~source.port",
            "source.nonesuch",
            "destination",
            "~destination.address",
            "~destination.port",
            "destination.nonesuch",
        ],
    ),
    (
        "upstream",
        &[
            "upstream",
            "~upstream.address",
            "~upstream.port",
            "~upstream.local_address",
            "upstream.locality",
            "upstream.locality.region",
            "upstream.transport_failure_reason",
            "~upstream.cx_pool_ready_duration",
            "upstream.request_attempt_count",
            "upstream.num_endpoints",
            "upstream.tls_version",
            "upstream.subject_local_certificate",
            "upstream.uri_san_peer_certificate",
            "upstream.sha256_peer_certificate_digest",
            "upstream.nonesuch",
            "upstream_filter_state",
            "upstream_filter_state.none",
            "upstream_host_metadata",
        ],
    ),
    (
        "xds",
        &[
            "xds",
            "xds.node.id",
            "xds.node.cluster",
            "~xds.node.metadata",
            "xds.node.metadata.NAME",
            "xds.node.metadata.none",
            "xds.node.metadata.fields",
            "xds.node.locality",
            "xds.node.locality.zone",
            "xds.node.user_agent_name",
            "xds.node.user_agent_version",
            "xds.node.user_agent_build_version.version.nonesuch",
            "xds.node.client_features",
            "xds.node.dynamic_parameters",
            "xds.node.listening_addresses",
            "xds.node.nonesuch",
            "xds.cluster_name",
            "xds.cluster_metadata",
            "xds.cluster_metadata.filter_metadata",
            "xds.cluster_metadata.filter_metadata.istio",
            "xds.route_name",
            "xds.route_metadata",
            "xds.route_metadata.filter_metadata",
            "xds.virtual_host_name",
            "xds.virtual_host_metadata",
            "xds.virtual_host_metadata.filter_metadata",
            "xds.upstream_host_metadata",
            "xds.upstream_host_metadata.filter_metadata",
            "xds.upstream_host_locality_metadata",
            "xds.filter_chain_name",
            "xds.listener_metadata",
            "xds.listener_metadata.filter_metadata",
            "xds.listener_metadata.typed_filter_metadata",
            "xds.listener_direction",
            "xds.nonesuch",
        ],
    ),
    (
        "others",
        &[
            "plugin_name",
            "plugin_root_id",
            "~plugin_vm_id",
            "plugin_name.x",
            "metadata",
            "metadata.filter_metadata",
            "metadata.filter_metadata.istio",
            "metadata.typed_filter_metadata",
            "metadata.nonesuch",
            "filter_state",
            "filter_state.none",
            "node",
            "node.id",
            "cluster_name",
            "cluster_metadata",
            "route_name",
            "route_metadata",
            "listener_direction",
            "listener_metadata",
            "nonesuch",
            "nonesuch.x",
        ],
    ),
];

fn read(paths: &[&str]) -> String {
    let one = |path: &&str| {
        let (path, out) = path.strip_prefix('~').map_or((*path, ">>"), |path| (path, ">>!"));
        format!("get_property \"{}\" {out}", path.replace('.', "\\0"))
    };
    paths.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn clients() -> Vec<(&'static str, Value)> {
    let mtls = json!({
        "peer": "spiffe://cluster.local/ns/one/sa/client",
        "local": "spiffe://cluster.local/ns/two/sa/server",
        "sni": "outbound_.80_._.svc.ns.svc.cluster.local",
    });
    let mut nameless = mtls.clone();
    nameless["sni"] = json!("");
    let anonymous = json!({"peer": "", "local": "spiffe://two", "sni": "example.com"});
    vec![
        ("plain", json!({})),
        ("plain http 2", json!({"request": {"http": 2}})),
        ("mtls", json!({"mtls": mtls})),
        ("mtls without a name", json!({"mtls": anonymous})),
        ("mtls without a server name, http 2", json!({"mtls": nameless, "request": {"http": 2}})),
    ]
}

/// What can become of a request.
fn ends() -> Vec<(&'static str, Value)> {
    vec![
        ("refused upstream", json!({"upstream": {"fail": "connect"}})),
        ("reset", json!({"upstream": {"fail": "reset"}})),
        ("reset after headers", json!({"upstream": {"fail": "reset_after_headers", "body": {"chunks": ["a"]}}})),
        ("no content", json!({"upstream": {"status": 204}})),
        ("grpc", json!({"upstream": {"headers": [["grpc-status", "5"]], "body": {"chunks": ["a"]}}})),
        ("grpc trailers", json!({"upstream": {"body": {"chunks": ["a"]}, "trailers": [["grpc-status", "7"]]}})),
        (
            "two queries",
            json!({"request": {"path": "/a?b?c", "headers": [["referer", "r"], ["user-agent", "u"], ["x-a", "1"], ["x-a", "2"]]}}),
        ),
        ("odd length", json!({"request": {"method": "POST", "headers": [["content-length", "3"]], "body": "abc"}})),
    ]
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (client, more) in clients() {
        for (phase, script, mut exchange) in calls::phases() {
            merge(&mut exchange, more.clone());
            for (group, paths) in GROUPS {
                let script = script.replace("OPS", &read(paths));
                cases.push(case(format!("{client}: {group} in {phase}"), &script, exchange.clone()));
            }
        }
    }
    for (end, exchange) in ends() {
        for phase in ["request_headers", "response_headers", "response_body", "response_trailers", "log", "done"] {
            for (group, paths) in GROUPS.into_iter().filter(|(group, _)| !["others", "connection"].contains(group)) {
                let script = format!("{phase}: {}", read(paths));
                cases.push(case(format!("{end}: {group} in {phase}"), &script, exchange.clone()));
            }
        }
    }
    let capitals = json!({"mtls": {"peer": "spiffe://A/%20b", "local": "spiffe://C", "sni": "Some.Example.COM"}});
    let script = format!("request_headers: {}", read(GROUPS[2].1));
    cases.push(case("mtls with capitals: connection in request_headers", &script, capitals));
    for phase in ["request_headers", "response_headers", "log"] {
        let reply = format!("request_headers: send_local_response 403 \"why not\" \"no\" \"\" -1\n{phase}: OPS");
        for (group, paths) in GROUPS {
            let script = if phase == "request_headers" {
                format!("{phase}: send_local_response 403 \"why not\" \"no\" \"\" -1; {}", read(paths))
            } else {
                reply.replace("OPS", &read(paths))
            };
            cases.push(case(format!("local reply: {group} in {phase}"), &script, json!({})));
        }
    }
    cases
}
