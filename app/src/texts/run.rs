//! What came of a run.

mod outcome;

use marketplace_domain::Lang;

pub use self::outcome::{call_result, limit, limit_value, outcome, outcome_word, phase_word, stage, warning_zh};
use super::{grouped, pick, plural};

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
