//! What to do about each warning: the codes of the contract.

/// Every code that the engine raises, with its advice. Those seen in the input are raised where it is read.
const ADVICE: &[(&str, &str)] = &[
    (
        "continue_response_in_request",
        "Do not deploy this plugin: resume the request, not the response, while the request is being handled.",
    ),
    (
        "reply_or_close_too_late",
        "Do not deploy this plugin: answer or close in a request or response callback, never in log, done or delete.",
    ),
    ("resume_without_pause", "Resume only what an earlier callback paused, and return Continue otherwise."),
    (
        "pause_without_event",
        "Resume from a callout's answer or a tick, or return Continue: nothing else wakes this stream.",
    ),
    (
        "headers_stop_iteration",
        "Return Continue from the headers callback and Pause from the body callback: Istio never sets \
         allow_on_headers_stop_iteration, so a pause in the headers keeps the body away too.",
    ),
    ("stale_content_length", "Remove content-length in the headers callback when the body may change its size."),
    (
        "local_reply_after_headers",
        "Answer before the response headers have left: in request callbacks or in response headers.",
    ),
    ("local_reply_twice", "Send one local response per stream; Envoy ignores the second."),
    ("header_write_too_late", "Write headers in the callback that is given them, and look at the returned status."),
    ("route_recomputed", "Keep :path and x-forwarded-proto when headers are replaced as a whole."),
    ("required_header_removed", "Keep the pseudo headers that HTTP needs."),
    ("invalid_header_value", "Take CR, LF, NUL and other control characters out of values before setting them."),
    (
        "header_injection",
        "Take CR, LF, NUL and blanks out of names and values: Envoy sends response headers unchecked, so whoever controls \
         the value can add headers or a whole response.",
    ),
    ("malformed_map", "Encode headers as the SDK does: Envoy took this buffer for an empty map and said nothing."),
    ("body_over_buffer", "Handle the body piece by piece, or raise the listener's buffer limit."),
    (
        "cluster_unknown",
        "Call a cluster that the proxy has; in Istio it is named like outbound|80||name.namespace.svc.cluster.local.",
    ),
    ("callout_no_answer", "Add an entry with this cluster to callouts of the exchange."),
    ("metric_unknown", "Use the id that proxy_define_metric gave, and only as its kind allows."),
    ("restricted_callback", "Do this in on_vm_start or on_configure: start functions and allocators may only log."),
    ("no_memory", "Export the memory, as every SDK does: Envoy looks for it in the first host call that needs it."),
    (
        "start_section",
        "Do it in _initialize or on_vm_start: the start section runs before Envoy is ready for host calls.",
    ),
    ("property_moved", "Read it below xds, as Envoy has it since 1.40."),
    ("proc_exit", "Do not rely on exit: Envoy logs it and goes on."),
    ("shared_vm", "Keep nothing global that belongs to one plugin, or give the plugins different env."),
    (
        "plugin_left_out",
        "Give the plugins different env, so that each has a VM of its own, or let the module start more than once in one.",
    ),
    ("undefined_in_envoy", "Do not rely on this: Envoy's answer depends on memory or timing."),
];

/// The advice for a code; empty for one that has none.
pub(crate) fn advice(code: &str) -> &'static str {
    ADVICE.iter().find(|(known, _)| *known == code).map_or("", |(_, advice)| advice)
}
