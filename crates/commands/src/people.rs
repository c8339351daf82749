//! Reports as people read them in a terminal. Not specified: programs read the JSON.

use std::fmt::Write;

use marketplace_sandbox::report::{
    BodyBytes, CheckReport, Client, ErrorReport, Finding, HeaderLine, Load, Report, Severity, Text, TraceEntry,
    UpstreamRequest, Verdict,
};

/// More of a body is not shown.
const BODY_SHOWN: usize = 2000;

/// What is wrong with what was asked.
pub(crate) fn errors(report: &ErrorReport) -> String {
    let mut out = String::new();
    for error in &report.errors {
        let file = report.file.as_deref().unwrap_or("standard input");
        let place = match (error.line, error.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            _ => file.to_owned(),
        };
        let field = if error.field.is_empty() { String::new() } else { format!("{}: ", error.field) };
        line(&mut out, format_args!("{place}: {field}{} [{}]", error.message, error.code));
    }
    out
}

/// What came of a run.
pub(crate) fn report(report: &Report) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("{}: {}", word(&report.outcome), report.summary));
    report.load.iter().for_each(|one| load(&mut out, one));
    if let Some(request) = &report.upstream {
        upstream(&mut out, request);
    }
    if let Some(response) = &report.client {
        client(&mut out, response, report.code_details.as_deref());
    }
    section(&mut out, "callouts", &report.callouts, |call| {
        format!("{} {} {} -> {}", show(&call.cluster), show(&call.method), show(&call.path), word(&call.result))
    });
    section(&mut out, "log", &report.logs, |entry| {
        format!("{} {} {}: {}", name(report, Some(entry.plugin)), word(&entry.phase), entry.level.word(), entry.text)
    });
    section(&mut out, "traps", &report.traps, |trap| {
        let frames: Vec<&str> = trap.backtrace.iter().filter_map(|frame| frame.name.as_deref()).take(8).collect();
        format!("{} {}: {} ({})", name(report, Some(trap.plugin)), trap.function, trap.text, frames.join(" < "))
    });
    section(&mut out, "metrics", &report.metrics, |metric| {
        format!("{} {} = {}", word(&metric.kind), metric.name, metric.value)
    });
    section(&mut out, "warnings", &report.warnings, |warning| {
        format!("{} {}: {} {}", name(report, warning.plugin), warning.code, warning.text, warning.advice)
    });
    section(&mut out, "not simulated", &report.not_simulated, |one| format!("{}: {}", one.what, one.text));
    section(&mut out, "limits hit", &report.limits_hit, |hit| format!("{} = {}", hit.limit, hit.value));
    section(&mut out, "trace", report.trace.as_deref().unwrap_or_default(), traced);
    out
}

fn load(out: &mut String, load: &Load) {
    let verdict = match load.accepted {
        Some(true) => "accepted".to_owned(),
        Some(false) => format!(
            "refused at {}: {}",
            load.stage.map(|stage| word(&stage)).unwrap_or_default(),
            load.envoy_text.as_deref().unwrap_or("(Envoy writes nothing)")
        ),
        None => "not tried".to_owned(),
    };
    line(out, format_args!("  plugin {}: {verdict}", load.name));
}

fn upstream(out: &mut String, request: &UpstreamRequest) {
    let authority = request.authority.as_ref().map(show).unwrap_or_default();
    line(out, format_args!("to the upstream: {} {} ({authority})", show(&request.method), show(&request.path)));
    message(out, &request.headers, &request.body, &request.trailers, request.complete);
}

fn client(out: &mut String, response: &Client, details: Option<&str>) {
    line(out, format_args!("to the client: {} ({})", response.status, details.unwrap_or_default()));
    message(out, &response.headers, &response.body, &response.trailers, response.complete);
}

fn message(out: &mut String, headers: &[HeaderLine], body: &BodyBytes, trailers: &[HeaderLine], complete: bool) {
    for HeaderLine(name, value) in headers {
        line(out, format_args!("  {}: {}", show(name), show(value)));
    }
    match &body.text {
        _ if body.size == 0 => {}
        Some(text) if text.chars().count() <= BODY_SHOWN => line(out, format_args!("  {} bytes: {text}", body.size)),
        _ => line(out, format_args!("  {} bytes, sha256 {}", body.size, body.sha256)),
    }
    for HeaderLine(name, value) in trailers {
        line(out, format_args!("  trailer {}: {}", show(name), show(value)));
    }
    if !complete {
        line(out, format_args!("  (it did not end)"));
    }
}

fn traced(entry: &TraceEntry) -> String {
    let args: Vec<String> = entry.args.iter().map(ToString::to_string).collect();
    let ret = entry.ret.map_or(String::new(), |ret| format!(" = {ret}"));
    format!("{} {} {}({}){ret} {}", entry.n, word(&entry.phase), entry.name, args.join(", "), entry.decoded)
}

/// What the check found.
pub(crate) fn check(report: &CheckReport) -> String {
    let mut out = String::new();
    let verdict = match report.verdict {
        Verdict::Loads => "loads",
        Verdict::Refused => "refused",
        Verdict::NotWasm => "not a module",
    };
    line(&mut out, format_args!("{verdict}: {}", report.summary));
    line(&mut out, format_args!("  {} bytes, sha256 {}", report.size, report.sha256));
    let sdk = report.sdk.as_ref().map(|sdk| format!("{} {}", sdk.name, sdk.version.as_deref().unwrap_or_default()));
    let known = [
        ("ABI", report.abi.version.clone()),
        ("language", report.language.clone()),
        ("SDK", sdk),
        ("only for", report.vendor.clone()),
    ];
    for (what, value) in known.iter().filter_map(|(what, value)| Some((what, value.as_ref()?))) {
        line(&mut out, format_args!("  {what}: {}", value.trim_end()));
    }
    section(&mut out, "findings", &report.findings, found);
    out
}

fn found(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Refuse => "refused",
        Severity::Warn => "warning",
        Severity::Note => "note",
    };
    let envoy = finding.envoy_text.as_ref().map_or(String::new(), |text| format!("\n      Envoy: {text}"));
    format!("{severity} [{}]: {} {}{envoy}", finding.code, finding.text, finding.advice)
}

fn section<T>(out: &mut String, title: &str, items: &[T], shown: impl Fn(&T) -> String) {
    if !items.is_empty() {
        line(out, format_args!("{title}:"));
        items.iter().for_each(|item| line(out, format_args!("  {}", shown(item))));
    }
}

fn name(report: &Report, plugin: Option<usize>) -> &str {
    plugin.and_then(|plugin| report.load.get(plugin)).map_or("", |load| load.name.as_str())
}

/// The contract's word for it.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn show(text: &Text) -> String {
    match text {
        Text::Plain(text) => text.clone(),
        Text::Encoded { base64 } => format!("base64:{base64}"),
    }
}

/// Control characters of plugins must not reach a terminal.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let mut raw = String::new();
    // Writing to a string cannot fail.
    let _ = write!(raw, "{text}");
    out.extend(raw.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }));
    out.push('\n');
}
