//! The step Try: the exchange that is edited and run.

use marketplace_domain::{
    Lang,
    views::trial::{LeftOut, SampleTitle},
};

use super::pick;

texts! {
    step: "Try", "试运行";
    next_try: "Next: try", "下一步：试运行";
    title: "Try it on a sample exchange", "用示例请求试运行";
    explained: "The real module runs in a sandbox, with your configuration. Nothing reaches the cluster.", "真实的模块会按你的配置在沙箱中运行，不会影响集群。";
    run: "Run", "运行";
    run_again: "Run again", "再次运行";
    edit_sample: "Edit the exchange", "编辑请求与响应";
    sample: "Sample", "示例";
    take_sample: "Use this sample", "使用该示例";
    sample_hint_alone: "Takes the place of the exchange below and of the configuration.", "将替换下面的请求与响应，以及插件配置。";
    sample_hint: "Takes the place of the exchange below. The configuration stays that of the step Configure.", "将替换下面的请求与响应。插件配置仍以“配置”步骤为准。";
    sample_hint_general: "Takes the place of the exchange below.", "将替换下面的请求与响应。";
    sample_plain: "A request without a body", "不带正文的请求";
    sample_json: "JSON sent and answered", "JSON 请求与响应";
    sample_page: "A browser asks for a page", "浏览器访问网页";
    view_of: "Edit the exchange as", "请求与响应的编辑方式";
    form_cannot: "The form cannot say all of this exchange, or the YAML does not parse. It stays YAML, so that nothing is lost.", "表单无法完整表达该内容，或 YAML 有语法错误。为避免丢失内容，将保留 YAML 方式。";
    yaml_label: "The exchange as YAML", "YAML 格式的请求与响应";
    yaml_hint: "The exchange file of the command line, without its plugins: they come from the steps Configure and Place.", "与命令行使用的文件格式相同，但不含 plugins：插件来自“配置”和“位置”两步。";
    name: "Name of the exchange", "名称";
    request: "Request of the client", "客户端请求";
    method: "Method", "方法";
    path: "Path", "路径";
    authority: "Authority (host)", "主机（authority）";
    http: "Protocol", "协议";
    http1: "HTTP/1.1", "HTTP/1.1";
    http2: "HTTP/2", "HTTP/2";
    headers: "Headers", "标头";
    header_name: "Name", "名称";
    header_value: "Value", "值";
    header_add: "+ add a header", "+ 添加标头";
    body: "Body", "正文";
    body_hint: "Empty is no body at all. Bytes and bodies in pieces are written as YAML.", "留空表示没有正文。二进制或分块的正文请用 YAML 编写。";
    upstream: "Answer of the upstream", "上游响应";
    status: "Status", "状态码";
    delay: "Delay (ms)", "延迟（毫秒）";
    fail: "It fails", "失败方式";
    fail_none: "no: it answers", "不失败：正常响应";
    fail_connect: "connection refused", "拒绝连接";
    fail_reset: "closed before any answer", "响应前断开";
    fail_reset_after_headers: "closed behind the headers", "发送标头后断开";
    fail_no_answer: "never answers", "始终不响应";
    more: "Callouts and everything else, as YAML", "外部调用及其他内容（YAML）";
    more_hint: "Top-level fields of an exchange: callouts, properties, mtls, before, log_level, seed, clock, after_ms, limits.", "顶层字段：callouts、properties、mtls、before、log_level、seed、clock、after_ms、limits。";
    chain: "What will run", "参与运行的插件";
    chain_explained: "In the order of a request; a response passes the other way round.", "按请求方向排列，响应方向相反。";
    this_plugin: "this plugin", "本插件";
    left_out: "left out", "未参与";
    unknown_env: "Taken from the proxy's container, and unset here:", "取自代理容器、此处未设置的变量：";
    other_problems: "What stops the run", "无法运行的原因";
}

/// The title of the drawer when a plugin is tried by itself.
pub fn alone_title(lang: Lang, plugin: &str) -> String {
    pick(lang, format!("Try {plugin}"), format!("试用 {plugin}"))
}

/// A row of headers, for who cannot see it.
pub fn header_row(lang: Lang, request: bool, number: usize) -> String {
    match request {
        true => pick(lang, format!("Request header {number}"), format!("请求标头 {number}")),
        false => pick(lang, format!("Response header {number}"), format!("响应标头 {number}")),
    }
}

/// What an exchange to begin with is called.
pub fn sample_title(lang: Lang, title: &SampleTitle) -> String {
    match title {
        SampleTitle::Own(title) => title.get(lang).to_owned(),
        SampleTitle::Plain => sample_plain(lang).to_owned(),
        SampleTitle::Json => sample_json(lang).to_owned(),
        SampleTitle::Page => sample_page(lang).to_owned(),
    }
}

/// Why a plugin of the proxy does not run here.
pub fn left_out_why(lang: Lang, why: LeftOut) -> &'static str {
    match why {
        LeftOut::ModuleUnknown => {
            pick(lang, "left out: the marketplace does not know its module", "未参与：插件市场不了解它的模块")
        }
        LeftOut::NotFetched => pick(lang, "left out: its module could not be fetched", "未参与：无法获取它的模块"),
        LeftOut::OtherTraffic => {
            pick(lang, "left out: it sees other ports or the other direction", "未参与：它处理其他端口或方向的流量")
        }
        LeftOut::TooMany => pick(lang, "left out: a run has at most eight plugins", "未参与：一次最多运行八个插件"),
        LeftOut::Network => pick(
            lang,
            "left out: it is a network plugin and sees no requests",
            "未参与：它是网络插件，不处理 HTTP 请求",
        ),
    }
}
