//! What happened in a run, in words: its outcome, its phases and calls, limits, warnings.

use marketplace_domain::{
    Lang,
    views::run::{MessageChange, Outcome, RunView, SideRow},
};

use crate::texts::{bytes, grouped, pick};

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
        "plugin_left_out" => (
            "该插件无法在与其他插件共用的 VM 中启动：无论失败策略如何，Envoy 都会跳过它，且不作任何提示。",
            "请为各插件设置不同的 env，使它们各有自己的 VM；或让模块可以在同一 VM 中多次启动。",
        ),
        "undefined_in_envoy" => ("此处 Envoy 的行为取决于内存或时序，没有确定的结果。", "请避免依赖这种行为。"),
        _ => return None,
    })
}
