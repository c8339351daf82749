//! "Will it load?": what is known of a module.

use marketplace_domain::{Lang, Loads, Verdict, verdict::Refusal};

use super::{pick, plural};

texts! {
    will_it_load: "Will it load?", "能加载吗？";
    yes: "yes", "能";
    no: "no", "不能";
    unknown: "not known", "未知";
    reachable: "Reachable", "可获取";
    layout: "Layout", "格式";
    abi: "ABI", "ABI";
    imports: "Imports", "导入";
    language: "Language", "语言";
    size: "Size", "大小";
    vendor: "Vendor", "厂商";
    vendor_only: "runs in Higress only", "只能在 Higress 中运行";
    pin: "Digest there", "当前摘要";
    looked: "Looked at", "检查时间";
    findings: "Findings", "检查结果";
    nothing_found: "Nothing was found that Envoy would refuse or that would surprise you.", "没有发现会被 Envoy 拒绝或造成意外的问题。";
    not_yet: "The marketplace has not looked at it yet; it does so in a moment.", "插件市场尚未检查，稍后会自动检查。";
    not_started: "Whether it accepts its configuration shows when it is tried.", "它是否接受配置，需要试用后才知道。";
    envoy_says: "Envoy writes", "Envoy 的输出";
    refuse: "refused", "拒绝";
    warn: "warning", "警告";
    note: "note", "提示";
    all_imports: "What it needs of the proxy", "它需要代理提供的函数";
    function: "Function", "函数";
    kind: "Type", "类型";
    there: "In Envoy", "Envoy 是否提供";
    look_again: "Look again", "重新检查";
    check: "Check the address", "检查地址";
    checking: "Looking…", "正在检查…";
    take_digest: "Pin this content", "固定为此内容";
    file: "Or a file", "或上传文件";
    file_label: "Wasm file", "Wasm 文件";
    file_hint: "At most 16 MiB. The marketplace keeps it and serves it to the proxies itself.", "最大 16 MiB。插件市场会保存它，并直接提供给代理。";
    drop_here: "Drop the .wasm file here, or choose it", "将 .wasm 文件拖到此处，或点击选择";
    upload: "Upload", "上传";
    uploading: "Uploading…", "正在上传…";
    uploaded: "Uploaded file", "已上传的文件";
    served_here: "The marketplace serves it to the proxies.", "由插件市场提供给代理。";
    no_file: "Use an address instead", "改用地址";
    refused_title: "Envoy would not load this module", "Envoy 不会加载该模块";
    refused_explained: "With the fail strategy “close”, new proxies would answer every request with an error. Nothing is sent before you confirm.", "若失败策略为“关闭”，新的代理会对所有请求返回错误。确认之前不会提交任何内容。";
    confirm_refused: "Apply it all the same", "仍然应用";
    is_refused: "refused", "会被拒绝";
}

/// The chip of a card.
pub fn chip(lang: Lang, verdict: Verdict) -> &'static str {
    match (verdict.loads, verdict.refusal) {
        (Loads::Yes, _) => pick(lang, "✓ loads", "✓ 可加载"),
        (Loads::Unknown, _) => pick(lang, "not checked", "未检查"),
        (Loads::No, refusal) => match refusal {
            Some(Refusal::Fetch) => pick(lang, "✗ cannot be fetched", "✗ 无法获取"),
            Some(Refusal::Header) => pick(lang, "✗ not WebAssembly", "✗ 不是 WebAssembly"),
            Some(Refusal::Abi) => pick(lang, "✗ unknown ABI", "✗ ABI 未知"),
            Some(Refusal::Compile) => pick(lang, "✗ does not compile", "✗ 无法编译"),
            Some(Refusal::Imports) => pick(lang, "✗ missing import", "✗ 缺少导入"),
            Some(Refusal::Instantiate) => pick(lang, "✗ cannot start", "✗ 无法启动"),
            Some(Refusal::Allocator) => pick(lang, "✗ no allocator", "✗ 缺少分配器"),
            Some(Refusal::Exports) => pick(lang, "✗ wrong export", "✗ 导出类型错误"),
            None => pick(lang, "✗ does not load", "✗ 无法加载"),
        },
    }
}

/// The choice of the facet.
pub fn loads(lang: Lang, loads: Loads) -> &'static str {
    match loads {
        Loads::Yes => pick(lang, "Loads", "可加载"),
        Loads::No => pick(lang, "Does not load", "无法加载"),
        Loads::Unknown => pick(lang, "Not checked", "未检查"),
    }
}

/// How long fetching took.
pub fn fetched_in(lang: Lang, ms: u32) -> String {
    pick(lang, format!("yes, in {ms} ms"), format!("可以，用时 {ms} 毫秒"))
}

/// How many imports Envoy has.
pub fn imports_served(lang: Lang, served: usize, all: usize) -> String {
    pick(lang, format!("{served} of {all} in Envoy"), format!("Envoy 提供 {served} / {all}"))
}

/// How many findings there are beside what is shown.
pub fn more_findings(lang: Lang, count: usize) -> String {
    pick(lang, plural(count as u64, "more finding", "more findings"), format!("另有 {count} 条"))
}

/// What a module was written in.
pub fn language_name(word: &str) -> &str {
    match word {
        "rust" => "Rust",
        "go" => "Go",
        "tinygo" => "TinyGo",
        "assemblyscript" => "AssemblyScript",
        "c" => "C",
        "c++" => "C++",
        "zig" => "Zig",
        other => other,
    }
}
