//! What came of a run.

use marketplace_domain::{
    Lang,
    views::run::{MessageChange, Outcome, RunView, SideRow},
};

use super::{bytes, grouped, pick, plural};

texts! {
    title: "A run in the sandbox", "沙箱运行结果";
    lead: "What the plugins did to one exchange. Everything below was observed in this run.", "插件对一次请求与响应所做的处理。以下内容均来自这次运行的实际观察。";
    edit_again: "Edit and run again", "编辑后再次运行";
    permalink: "Address of this run, with its trace", "该次运行的地址（含调用轨迹）";
    result: "Result", "结果";
    request: "Request", "请求";
    response: "Response", "响应";
    request_way: "client → upstream", "客户端 → 上游";
    response_way: "upstream → client", "上游 → 客户端";
    without: "Without the plugins", "不经过插件";
    with: "With the plugins", "经过插件";
    as_received: "As the client got it", "客户端收到的内容";
    as_sent: "As the upstream got it", "上游收到的内容";
    nothing_upstream: "Nothing reached the upstream.", "没有内容到达上游。";
    nothing_client: "The client got nothing.", "客户端没有收到任何内容。";
    unchanged: "The plugins changed nothing here.", "插件没有做任何改动。";
    incomplete: "It began but did not come to its end.", "已开始但没有结束。";
    start: "Start", "起始行";
    headers: "Headers", "标头";
    body: "Body", "正文";
    trailers: "Trailers", "尾部标头";
    no_body: "No body.", "没有正文。";
    laid_out: "JSON, laid out for reading.", "JSON，为便于阅读已重新排版。";
    as_bytes: "Not text; shown in hexadecimal.", "不是文本，以十六进制显示。";
    same_to_the_eye: "The bytes differ only in blanks or line ends.", "仅空白或换行的字节不同。";
    added: "added", "新增";
    removed: "removed", "删除";
    changed: "changed", "更改";
    side: "Sides", "左右对照";
    plugins: "Plugins that ran", "参与运行的插件";
    accepted: "accepted the configuration", "接受了配置";
    refused: "refused by Envoy", "被 Envoy 拒绝";
    not_tried: "not tried: an earlier one was refused", "未尝试：前面的插件被拒绝";
    this_plugin: "this plugin", "本插件";
    envoy_says: "Envoy writes:", "Envoy 输出：";
    reply: "Local reply", "本地响应";
    details: "Response code details", "响应码详情";
    log: "Log", "日志";
    no_log: "The plugins wrote nothing.", "插件没有输出日志。";
    traps: "Crashes of a plugin", "插件崩溃";
    metrics: "Metrics", "指标";
    no_metrics: "The plugins count nothing.", "插件没有指标。";
    metric: "Name", "名称";
    kind: "Kind", "类型";
    value: "Value", "值";
    counter: "counter", "计数器";
    gauge: "gauge", "仪表";
    histogram: "histogram (samples)", "直方图（样本数）";
    callouts: "Outbound calls", "外部调用";
    no_callouts: "No outbound calls.", "没有外部调用。";
    shared: "Shared data", "共享数据";
    key: "Key", "键";
    before: "Exchanges before", "之前的请求";
    warnings: "Worth knowing: Envoy says nothing of this", "注意：Envoy 不会提示以下问题";
    limits: "Limits of the sandbox that were hit", "触及的沙箱限制";
    not_simulated: "Not as in Envoy", "与 Envoy 不一致之处";
    not_simulated_hint: "The run touched these; where they matter, it proves nothing.", "本次运行涉及以下内容；与之相关的结果不能作为依据。";
    cost: "Time and memory", "耗时与内存";
    plugin: "Plugin", "插件";
    phase: "Phase", "阶段";
    calls: "Calls", "次数";
    time: "Time", "耗时";
    fuel: "Fuel", "燃料";
    fuel_hint: "Fuel counts WebAssembly instructions. Times are of this run and this machine; they differ from run to run.", "燃料是执行的 WebAssembly 指令数。耗时仅代表本机的这一次运行，每次都会不同。";
    memory: "Memory", "内存";
    memory_initial: "at the start", "初始";
    memory_peak: "at most", "峰值";
    memory_limit: "limit", "上限";
    trace: "Trace of calls", "调用轨迹";
    trace_explained: "Calls between proxy and module in the order in which they began.", "代理与模块之间的调用，按开始的先后排列。";
    no_trace: "No calls.", "没有调用。";
    arguments: "Arguments", "参数";
    returned: "Returned", "返回值";
    call: "Call", "调用";
    by_proxy: "proxy → module", "代理 → 模块";
    by_module: "module → proxy", "模块 → 代理";
    by_host: "allocator", "分配器";
    engine: "Engine", "引擎";
    seed: "Seed", "随机种子";
    clock: "Clock at the start", "起始时钟";
    reference: "Answers as", "对照";
    about: "The run", "本次运行";
    exchange: "Exchange", "请求与响应";
    ran: "Ran", "运行时间";
    by: "By", "运行人";
    files: "As files for the command line", "命令行文件";
    exchange_file: "exchange", "请求文件";
    report_file: "report", "报告";
    left_out: "Left out", "未参与";
    unknown_env: "Unset here, taken from the proxy's container:", "此处未设置、取自代理容器的变量：";
    in_plugin: "in the plugin", "插件内耗时";
    peak_memory: "memory", "内存";
    outbound: "outbound calls", "外部调用";
    sent: "Sent", "发送的内容";
    level: "Level", "级别";
    text: "Text", "内容";
}

/// How long runs are kept.
pub fn kept(lang: Lang, days: i64, runs: i64, megabytes: i64) -> String {
    let runs = grouped(runs.unsigned_abs());
    pick(
        lang,
        format!(
            "Kept for {days} days, with everything that was typed, configuration included; sooner gone when {runs} newer runs or {megabytes} MiB of them have come. Whoever has the address can read it."
        ),
        format!(
            "连同所有输入（包括配置）保留 {days} 天；如果之后又有 {runs} 次运行或累计达到 {megabytes} MiB，会提前清除。知道地址的人都可以查看。"
        ),
    )
}

/// What happened, in one sentence.
pub fn outcome(lang: Lang, run: &RunView) -> String {
    let name = |at: usize| run.plugins.get(at).map_or_else(|| "?".to_owned(), |plugin| plugin.name.clone());
    let status = run.response.as_ref().and_then(|message| match message.start.first() {
        Some(SideRow::Same(text) | SideRow::Added(text)) => Some(text.clone()),
        Some(SideRow::Changed(_, text)) => Some(text.clone()),
        _ => None,
    });
    let status = status.unwrap_or_default();
    match run.outcome {
        Outcome::Responded if let Some(trap) = run.traps.first() => {
            let name = name(trap.plugin);
            pick(
                lang,
                format!("{name} crashed, and the client got {status}."),
                format!("{name} 崩溃，客户端收到 {status}。"),
            )
        }
        Outcome::Responded => match &run.reply {
            Some(reply) if reply.reached_client => {
                let reached = run.request.is_some();
                match reply.plugin.map(name) {
                    Some(name) if reached => pick(
                        lang,
                        format!("{name} answered {status} itself, after the request had reached the upstream."),
                        format!("请求已到达上游，但由 {name} 直接返回 {status}。"),
                    ),
                    Some(name) => pick(
                        lang,
                        format!("{name} answered {status} itself; nothing reached the upstream."),
                        format!("{name} 直接返回 {status}，没有内容到达上游。"),
                    ),
                    None => {
                        pick(lang, format!("The proxy answered {status} itself."), format!("代理直接返回 {status}。"))
                    }
                }
            }
            _ => {
                let changed =
                    |message: &Option<MessageChange>| message.as_ref().is_some_and(|message| message.changed());
                match (changed(&run.request), changed(&run.response)) {
                    (false, false) => pick(
                        lang,
                        format!("The client got {status} from the upstream; nothing was changed."),
                        format!("客户端收到上游的 {status}，没有任何改动。"),
                    ),
                    (true, false) => pick(
                        lang,
                        format!("The client got {status} from the upstream; the request was changed."),
                        format!("客户端收到上游的 {status}，请求有改动。"),
                    ),
                    (false, true) => pick(
                        lang,
                        format!("The client got {status} from the upstream; the response was changed."),
                        format!("客户端收到上游的 {status}，响应有改动。"),
                    ),
                    (true, true) => pick(
                        lang,
                        format!("The client got {status} from the upstream; request and response were changed."),
                        format!("客户端收到上游的 {status}，请求和响应都有改动。"),
                    ),
                }
            }
        },
        Outcome::Refused => {
            let refused = run.plugins.iter().find(|plugin| plugin.accepted == Some(false));
            let name = refused.map_or("?", |plugin| plugin.name.as_str());
            let at =
                refused.and_then(|plugin| plugin.stage.as_deref()).map(|word| stage(lang, word)).unwrap_or_default();
            match run.logs.is_empty() {
                true => pick(
                    lang,
                    format!("Envoy refuses {name} ({at}). No request passes."),
                    format!("Envoy 拒绝加载 {name}（{at}）。没有处理任何请求。"),
                ),
                false => pick(
                    lang,
                    format!("Envoy refuses {name} ({at}). No request passes; look at its log lines below."),
                    format!("Envoy 拒绝加载 {name}（{at}）。没有处理任何请求，请查看下面的日志。"),
                ),
            }
        }
        Outcome::Hung => pick(
            lang,
            "It hangs: nothing can happen any more, and the client waits for its own time-out.".to_owned(),
            "请求挂起：不会再有任何进展，客户端只能等待自身超时。".to_owned(),
        ),
        Outcome::Reset => pick(
            lang,
            "The connection was closed before the response was complete.".to_owned(),
            "响应尚未完成，连接就被关闭。".to_owned(),
        ),
        Outcome::CrashedEnvoy => pick(
            lang,
            "Envoy itself would crash here, and with it everything that it serves.".to_owned(),
            "Envoy 自身会在此处崩溃，其上的所有流量都会中断。".to_owned(),
        ),
        Outcome::Limit => pick(
            lang,
            "A limit of the sandbox stopped the run. This is no verdict on the plugin.".to_owned(),
            "运行因触及沙箱限制而停止，这不代表插件有问题。".to_owned(),
        ),
    }
}

/// An outcome in a word or two.
pub fn outcome_word(lang: Lang, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Responded => pick(lang, "responded", "已响应"),
        Outcome::Refused => pick(lang, "refused", "被拒绝"),
        Outcome::Hung => pick(lang, "hangs", "挂起"),
        Outcome::Reset => pick(lang, "connection closed", "连接断开"),
        Outcome::CrashedEnvoy => pick(lang, "crashes Envoy", "导致 Envoy 崩溃"),
        Outcome::Limit => pick(lang, "stopped by a limit", "触及限制"),
    }
}

/// Where Envoy refused a plugin.
pub fn stage(lang: Lang, word: &str) -> String {
    let words = match word {
        "header" => pick(lang, "the file is no Wasm module", "文件不是 Wasm 模块"),
        "abi" => pick(lang, "no ABI version that it knows", "没有可识别的 ABI 版本"),
        "compile" => pick(lang, "it does not compile", "无法编译"),
        "imports" => pick(lang, "it needs host functions that Envoy lacks", "需要 Envoy 没有的主机函数"),
        "instantiate" => pick(lang, "it cannot be instantiated", "无法实例化"),
        "allocator" => pick(lang, "it has no allocator", "没有内存分配函数"),
        "exports" => pick(lang, "a callback has another type", "回调函数的类型不符"),
        "start" => pick(lang, "its start function fails", "启动函数失败"),
        "vm_start" => pick(lang, "it refuses to start", "拒绝启动"),
        "configure" => pick(lang, "it refuses its configuration", "拒绝该配置"),
        other => other,
    };
    words.to_owned()
}

/// A phase in the life of a plugin.
pub fn phase_word(lang: Lang, word: &str) -> String {
    let words = match word {
        "compile" => pick(lang, "compiling", "编译"),
        "instantiate" => pick(lang, "instantiating", "实例化"),
        "start" => pick(lang, "start function", "启动函数"),
        "vm_start" => pick(lang, "start of the VM", "VM 启动"),
        "configure" => pick(lang, "configuration", "读取配置"),
        "context_create" => pick(lang, "new context", "创建上下文"),
        "request_headers" => pick(lang, "request headers", "请求标头"),
        "request_body" => pick(lang, "request body", "请求正文"),
        "request_trailers" => pick(lang, "request trailers", "请求尾部"),
        "response_headers" => pick(lang, "response headers", "响应标头"),
        "response_body" => pick(lang, "response body", "响应正文"),
        "response_trailers" => pick(lang, "response trailers", "响应尾部"),
        "http_call" => pick(lang, "answer to an HTTP call", "HTTP 调用应答"),
        "grpc_call" => pick(lang, "answer to a gRPC call", "gRPC 调用应答"),
        "tick" => pick(lang, "tick", "定时器"),
        "queue_ready" => pick(lang, "queue", "队列"),
        "foreign_function" => pick(lang, "foreign function", "外部函数"),
        "log" => pick(lang, "access log", "访问日志"),
        "done" => pick(lang, "end of the stream", "流结束"),
        "delete" => pick(lang, "context deleted", "删除上下文"),
        other => other,
    };
    words.to_owned()
}

/// What became of a call.
pub fn call_result(lang: Lang, word: &str, status: Option<u32>) -> String {
    let words = match word {
        "answered" => pick(lang, "answered", "已应答"),
        "timeout" => pick(lang, "timed out", "超时"),
        "reset" => pick(lang, "broke off", "中断"),
        "refused" => pick(lang, "never sent", "未发出"),
        "pending" => pick(lang, "still out at the end", "结束时仍未返回"),
        other => other,
    };
    status.map_or_else(|| words.to_owned(), |status| format!("{words} ({status})"))
}

/// A limit of the sandbox.
pub fn limit(lang: Lang, name: &str) -> String {
    let words = match name {
        "wall_ms" => pick(lang, "time of the whole run", "总运行时间"),
        "start_ms" => pick(lang, "time of a start", "启动时间"),
        "callback_ms" => pick(lang, "time of a call", "单次调用时间"),
        "fuel_start" => pick(lang, "instructions of a start", "启动指令数"),
        "fuel_callback" => pick(lang, "instructions of a call", "单次调用指令数"),
        "memory_bytes" => pick(lang, "memory", "内存"),
        "hostcalls" => pick(lang, "calls to the proxy", "主机调用次数"),
        "log_lines" => pick(lang, "log lines", "日志行数"),
        "log_bytes" => pick(lang, "bytes of log lines", "日志字节数"),
        "callouts" => pick(lang, "outbound calls", "外部调用次数"),
        "ticks" => pick(lang, "ticks", "定时器次数"),
        other => other,
    };
    words.to_owned()
}

/// A limit's value with its unit.
pub fn limit_value(lang: Lang, name: &str, value: &str) -> String {
    match (name.rsplit_once('_'), value.parse::<u64>()) {
        (Some((_, "ms")), _) => pick(lang, format!("{value} ms"), format!("{value} 毫秒")),
        (Some((_, "bytes")), Ok(size)) => bytes(size),
        (_, Ok(number)) => grouped(number),
        _ => value.to_owned(),
    }
}

/// What a warning's code means, in Chinese; English pages show the sandbox's own words, which name what happened.
pub fn warning_zh(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "continue_response_in_request" => ("在请求阶段恢复了响应。", "只在对应的方向上恢复。"),
        "reply_or_close_too_late" => {
            ("在日志、done 或 delete 阶段发送响应或关闭流，Envoy 会崩溃。", "请在更早的阶段响应。")
        }
        "resume_without_pause" => ("没有暂停就调用了恢复。", "只恢复曾经暂停的流。"),
        "pause_without_event" => ("已暂停，但没有任何事件会恢复它。", "暂停之前先发起调用或设置定时器。"),
        "headers_stop_iteration" => {
            ("标头阶段的 StopIteration 依赖 Istio 从不设置的选项。", "请在正文阶段等待，或返回 Continue。")
        }
        "stale_content_length" => ("正文已更改，但 content-length 没有随之更新。", "更改正文时请删除 content-length。"),
        "local_reply_after_headers" => ("响应标头已发出后才发送本地响应。", "请在响应标头发出之前响应。"),
        "local_reply_twice" => ("发送了两次本地响应。", "发送一次后返回 Pause，不要再发送。"),
        "header_write_too_late" => ("标头已经发出，此时修改无效。", "请在对应的标头阶段修改。"),
        "route_recomputed" => {
            ("重新计算路由时丢失了 :path 或 x-forwarded-proto。", "更改路径后调用 clear_route_cache 时请保留这些标头。")
        }
        "required_header_removed" => ("删除了必需的标头。", "请保留该标头。"),
        "invalid_header_value" => ("标头的值不合法。", "请先去除控制字符。"),
        "header_injection" => ("响应标头中包含 CR、LF、NUL 或空白，Envoy 会原样发出。", "写入标头前请校验其内容。"),
        "malformed_map" => ("传给代理的键值对编码有误。", "请检查 SDK 或编码方式。"),
        "body_over_buffer" => ("正文超过缓冲区上限。", "请逐段处理，或限制大小。"),
        "cluster_unknown" => ("调用了不存在的集群。", "请在 callouts 中定义该集群，或修正名称。"),
        "callout_no_answer" => ("没有为该调用准备应答。", "请在 callouts 中增加一项。"),
        "metric_unknown" => ("使用了未定义的指标。", "请先定义指标。"),
        "restricted_callback" => ("该回调中不允许此调用。", "请在其他回调中调用。"),
        "property_moved" => ("该属性现在位于 xds 之下。", "请改用新的路径。"),
        "proc_exit" => ("插件调用了 proc_exit。", "请不要在插件中退出进程。"),
        "config_number_changed" => ("数字经 Istio 传递后会改变（按 float64 保存）。", "请把大数字写成字符串。"),
        "config_empty" => ("空配置等同于没有配置，插件得到的大小为 0。", "省略 config，或至少给出一个字段。"),
        "env_reserved" => ("以 ISTIO_META_ 开头的环境变量会被 Istio 移除。", "请换一个名称。"),
        "shared_vm" => ("多个插件共用同一个 VM。", "请注意它们共享内存与状态。"),
        "undefined_in_envoy" => ("此处 Envoy 的行为取决于内存或时序，没有确定的结果。", "请避免依赖这种行为。"),
        _ => return None,
    })
}

/// Where a row of a list comes from: the plugin's name and the phase.
pub fn at(lang: Lang, plugin: Option<&str>, phase: Option<&str>) -> String {
    let phase = phase.map(|word| phase_word(lang, word));
    plugin.map(str::to_owned).into_iter().chain(phase).collect::<Vec<_>>().join(" · ")
}

/// Equal lines that are not shown.
pub fn gap(lang: Lang, lines: usize) -> String {
    pick(lang, format!("… {} the same", plural(lines as u64, "line", "lines")), format!("…… {lines} 行相同"))
}

/// Lines that are cut off.
pub fn cut(lang: Lang, lines: usize) -> String {
    pick(
        lang,
        format!("{} more; all of it is in the report.", plural(lines as u64, "line", "lines")),
        format!("另有 {lines} 行，完整内容见报告。"),
    )
}

/// The sizes of a body.
pub fn sizes(lang: Lang, before: Option<usize>, after: usize) -> String {
    match before.filter(|before| *before != after) {
        Some(before) => pick(
            lang,
            format!("{} → {} bytes", grouped(before as u64), grouped(after as u64)),
            format!("{} → {} 字节", grouped(before as u64), grouped(after as u64)),
        ),
        None => pick(lang, plural(after as u64, "byte", "bytes"), format!("{} 字节", grouped(after as u64))),
    }
}

/// Nanoseconds with a unit that reads well.
pub fn nanoseconds(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{}.{} µs", ns / 1_000, ns % 1_000 / 100),
        1_000_000..1_000_000_000 => format!("{}.{:02} ms", ns / 1_000_000, ns % 1_000_000 / 10_000),
        _ => format!("{}.{:02} s", ns / 1_000_000_000, ns % 1_000_000_000 / 10_000_000),
    }
}

/// Which page of the trace.
pub fn trace_place(lang: Lang, first: u64, last: u64, kept: usize, total: usize) -> String {
    let mut text = pick(
        lang,
        format!("Calls {first} to {last} of {}", grouped(kept as u64)),
        format!("第 {first} 到 {last} 次调用，共 {} 次", grouped(kept as u64)),
    );
    if total > kept {
        text.push_str(&pick(
            lang,
            format!("; {} later ones were not kept", grouped((total - kept) as u64)),
            format!("；之后的 {} 次未保留", grouped((total - kept) as u64)),
        ));
    }
    text
}

/// Who made a local reply, when, and what it says.
pub fn reply_line(lang: Lang, by: Option<&str>, phase: Option<&str>, status: u32, reached: bool) -> String {
    let by = by.map_or_else(|| pick(lang, "the proxy", "代理").to_owned(), str::to_owned);
    let phase = phase.map(|word| phase_word(lang, word)).unwrap_or_default();
    let lost = if reached { "" } else { pick(lang, "; the client did not get it", "；客户端没有收到") };
    let when =
        if phase.is_empty() { String::new() } else { pick(lang, format!(" ({phase})"), format!("（{phase}）")) };
    format!("{status} · {by}{when}{lost}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        let shown = [
            nanoseconds(12),
            nanoseconds(1_234),
            nanoseconds(210_000),
            nanoseconds(3_140_000),
            nanoseconds(2_050_000_000),
        ];
        assert_eq!(shown, ["12 ns", "1.2 µs", "210.0 µs", "3.14 ms", "2.05 s"]);
    }

    #[test]
    fn sizes_say_what_changed() {
        assert_eq!(sizes(Lang::En, Some(1_000), 1), "1,000 → 1 bytes");
        assert_eq!(sizes(Lang::En, Some(1), 1), "1 byte");
        assert_eq!(sizes(Lang::Zh, None, 7), "7 字节");
    }
}
