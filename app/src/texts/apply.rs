//! Applying a plugin and editing one that is installed, and the form made from its schema.

use marketplace_domain::{Direction, FailStrategy, Lang, Phase};

use super::{pick, plural};

texts! {
    choose_title: "Apply a plugin", "应用插件";
    choose_search: "Search plugins", "搜索插件";
    choose_placeholder: "Part of a name or description, in either language", "名称或描述的一部分，中英文均可";
    choose_none: "No plugin matches", "没有匹配的插件";
    choose_none_hint: "Try another word, or add the plugin to the marketplace first.", "请换一个词，或先把插件添加到插件市场。";
    choose_all: "Show all plugins", "显示全部插件";
    steps: "Steps", "步骤";
    configure: "Configure", "配置";
    place: "Place", "位置";
    review: "Review", "确认";
    next_place: "Next: place", "下一步：位置";
    next_review: "Next: review", "下一步：确认";
    apply: "Apply", "应用";
    save: "Apply changes", "应用更改";
    close: "Close", "关闭";
    update: "Take over what was typed", "采用已输入的内容";
    nothing_changed_yet: "Nothing has been changed yet.", "尚未做任何更改。";
    ready: "Nothing is in the way. Apply writes to the cluster.", "没有问题。点击应用将写入集群。";
    version: "Version", "版本";
    version_choose: "Version of the catalogue", "插件市场中的版本";
    version_take: "Use this version", "使用该版本";
    version_moved_hint: "What was typed as its configuration was taken along. The step Review shows what changes in the resource.", "已输入的配置会一并带过来。“确认”步骤会显示资源的变化。";
    version_stays: "The resource keeps its version.", "资源的版本不变。";
    configuration: "Plugin configuration", "插件配置";
    view_of: "Edit as", "编辑方式";
    form: "Form", "表单";
    yaml: "YAML", "YAML";
    same_as_yaml: "Same, as YAML", "等价的 YAML";
    same_explained: "Form and YAML are two views of the same value; what you type in one is kept in the other.", "表单和 YAML 是同一份配置的两种视图，在一处输入的内容会保留到另一处。";
    yaml_label: "Configuration as YAML", "YAML 配置";
    yaml_hint: "Comments are kept as long as the form says the same.", "只要表单内容一致，注释就会保留。";
    yaml_only: "This plugin describes no settings of its own, so the configuration is YAML only.", "该插件没有提供配置说明，只能用 YAML 编写。";
    form_cannot: "The form cannot say all of this YAML, or it does not parse. It stays YAML, so that nothing is lost.", "表单无法完整表达这段 YAML，或它有语法错误。为避免丢失内容，将保留 YAML 方式。";
    no_settings: "This plugin has no settings.", "该插件没有可配置项。";
    environment: "VM environment", "VM 环境变量";
    environment_hint: "Names and values the plugin reads as environment variables.", "插件可以读取的环境变量。";
    env_name: "Name", "名称";
    env_from: "Value from", "值来源";
    env_value: "Value", "值";
    env_inline: "the value given here", "此处填写的值";
    env_host: "the proxy container (HOST)", "代理容器（HOST）";
    env_host_explained: "HOST is a permission: the plugin may read the variable of this name from the proxy container's environment. Leave the value empty.", "HOST 是一项授权：允许插件读取代理容器环境中同名变量的值。此时值应留空。";
    env_add: "+ add a variable", "+ 添加变量";
    add: "+ add", "+ 添加";
    map_key: "Key", "键";
    map_value: "Value", "值";
    change_variant: "Change", "切换";
    required: "(needed)", "（必填）";
    raw_hint: "YAML", "YAML";
    phase: "Phase", "阶段";
    phase_hint: "Phases run in this order on a request: Authentication, Authorization, Statistics, Default.", "请求依次经过以下阶段：认证、授权、统计、默认。";
    priority: "Priority in the phase", "阶段内优先级";
    priority_hint: "A whole number from 1 to 1000. Higher runs first.", "1 到 1000 的整数，数值越大越先执行。";
    direction: "Direction", "方向";
    direction_hint: "Which side of the proxy the plugin sees.", "插件处理代理哪一侧的流量。";
    ports: "Ports", "端口";
    ports_hint: "Numbers with commas; leave empty for all ports.", "用逗号分隔的端口号；留空表示全部端口。";
    fail_strategy: "If it fails", "失败时";
    proposed: "proposed by the plugin", "插件建议";
    image: "Image", "镜像";
    pull_policy: "When to pull it", "拉取时机";
    pull_secret: "Pull secret", "拉取凭证";
    pull_secret_hint: "Name of a Secret in the same namespace, for registries that ask who you are.", "同一命名空间中 Secret 的名称，用于需要认证的镜像仓库。";
    resource_name: "Name of the resource", "资源名称";
    resource_name_hint: "The WasmPlugin gets this name in the cluster.", "集群中 WasmPlugin 资源的名称。";
    module: "Module", "模块";
    url: "Module address", "模块地址";
    url_hint: "This plugin is not in the marketplace; its address is edited here.", "该插件不在插件市场中，可在此修改地址。";
    sha256: "sha256 of the module", "模块的 sha256";
    where_it_runs: "Where it will run", "执行位置";
    request_in: "request ↓", "请求 ↓";
    this_plugin: "this plugin", "本插件";
    who_gets_it: "Who will get it", "作用范围";
    nobody: "No proxy will get it", "没有代理会获得它";
    not_ready: "not ready", "未就绪";
    warnings: "Worth knowing", "注意事项";
    resource_yaml: "The resource", "资源";
    resource_explained: "Exactly this is sent to the cluster.", "将原样发送到集群。";
    difference: "Difference from what is in the cluster", "与集群现状的差异";
    difference_new: "New: the cluster has no such resource.", "新增：集群中还没有该资源。";
    foreign: "Somebody else made this resource. Fields that the marketplace does not know are left as they are.", "该资源由他人创建。插件市场不认识的字段会原样保留。";
    conflict_title: "Somebody else owns these fields", "以下字段由他人管理";
    conflict_explained: "Nothing was written. Leave these fields as they are, or change them where they are managed.", "没有写入任何内容。请保持这些字段不变，或到管理它们的地方修改。";
    conflict_field: "Field", "字段";
    conflict_owner: "Owned by", "管理者";
    changed_title: "The resource changed while you were editing", "编辑期间资源发生了变化";
    changed_explained: "Nothing was written. Load the newest state: what you typed is kept, and the difference is shown anew.", "没有写入任何内容。可以加载最新状态：已输入的内容会保留，并重新显示差异。";
    reload: "Load the newest state, keep what I typed", "加载最新状态并保留我的输入";
    preview_failed: "The preview could not be refreshed; what you typed is still here.", "预览未能更新；已输入的内容仍在。";
    problems_here: "Problems", "问题";
}

/// `Apply data-masking to reviews`.
pub fn apply_title(lang: Lang, plugin: &str, service: &str) -> String {
    pick(lang, format!("Apply {plugin} to {service}"), format!("将 {plugin} 应用到 {service}"))
}

/// `Edit data-masking-reviews`.
pub fn edit_title(lang: Lang, resource: &str) -> String {
    pick(lang, format!("Edit {resource}"), format!("编辑 {resource}"))
}

/// What choosing is about.
pub fn choose_lead(lang: Lang, service: &str) -> String {
    pick(
        lang,
        format!("Choose a plugin for {service}. Nothing changes before you have reviewed it."),
        format!("为 {service} 选择插件。确认之前不会做任何更改。"),
    )
}

/// The number at the foot.
pub fn problem_count(lang: Lang, n: usize) -> String {
    pick(lang, format!("{}:", plural(n as u64, "problem", "problems")), format!("{n} 个问题："))
}

/// One problem at the foot.
pub fn problem_at(lang: Lang, field: &str, sentence: &str) -> String {
    pick(lang, format!("{field}: {sentence}"), format!("{field}：{sentence}"))
}

/// Those that are not listed.
pub fn more_problems(lang: Lang, n: usize) -> String {
    pick(lang, format!("and {n} more"), format!("另有 {n} 个"))
}

/// What a number may be.
pub fn limits(lang: Lang, least: Option<&str>, most: Option<&str>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => pick(lang, format!("{least} to {most}"), format!("{least} 到 {most}")),
        (Some(least), None) => pick(lang, format!("at least {least}"), format!("至少 {least}")),
        (None, Some(most)) => pick(lang, format!("at most {most}"), format!("至多 {most}")),
        (None, None) => String::new(),
    }
}

/// The entry that chooses nothing.
pub fn nothing_chosen(lang: Lang, default: Option<&str>) -> String {
    match default {
        Some(default) => pick(lang, format!("default: {default}"), format!("默认：{default}")),
        None => pick(lang, "not set", "未设置").to_owned(),
    }
}

/// What an item of a list is called.
pub fn item_of(lang: Lang, number: usize, list: &str) -> String {
    pick(lang, format!("{list}, item {number}"), format!("{list}，第 {number} 项"))
}

/// The button that adds an item.
pub fn add_to(lang: Lang, list: &str) -> String {
    pick(lang, format!("+ add to {list}"), format!("+ 添加：{list}"))
}

/// The button that removes an item.
pub fn remove_item(lang: Lang, item: &str) -> String {
    pick(lang, format!("Remove {item}"), format!("删除 {item}"))
}

/// The select of a `oneOf`.
pub fn variant_of(lang: Lang, title: &str) -> String {
    if title.is_empty() {
        return pick(lang, "Kind", "类型").to_owned();
    }
    pick(lang, format!("Kind of {title}"), format!("{title} 的类型"))
}

/// A row of the environment.
pub fn env_row(lang: Lang, number: usize) -> String {
    pick(lang, format!("Variable {number}"), format!("变量 {number}"))
}

/// What a phase is for.
pub fn phase_means(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Authn => pick(lang, "before Istio checks who is calling", "在 Istio 认证调用方之前"),
        Phase::Authz => {
            pick(lang, "after authentication, before Istio checks what is allowed", "认证之后、Istio 授权检查之前")
        }
        Phase::Stats => pick(lang, "after authorization, beside Istio's telemetry", "授权之后，与 Istio 遥测相邻"),
        Phase::Default => pick(lang, "last, right in front of the service", "最后，紧接服务之前"),
    }
}

/// What a fail strategy means.
pub fn fail_means(lang: Lang, strategy: FailStrategy) -> &'static str {
    match strategy {
        FailStrategy::Close => pick(
            lang,
            "Requests get 403 while the module cannot be fetched, and 503 after a crash. Nothing passes unchecked.",
            "无法获取模块时请求返回 403，崩溃后返回 503。不会有未经处理的流量通过。",
        ),
        FailStrategy::Open => pick(
            lang,
            "Requests pass without the plugin while it cannot run. The service stays reachable.",
            "插件无法运行时请求直接通过，服务保持可用。",
        ),
        FailStrategy::Reload => pick(
            lang,
            "After a crash the plugin is started anew; otherwise like refusing. Needs Istio 1.27.",
            "崩溃后重新启动插件，其余情况同拒绝流量。需要 Istio 1.27。",
        ),
    }
}

/// What a direction means.
pub fn direction_means(lang: Lang, direction: Direction) -> &'static str {
    match direction {
        Direction::Server => pick(lang, "requests that others send to this service", "其他服务发来的请求"),
        Direction::Client => pick(
            lang,
            "requests that its pods send, and all traffic of gateways",
            "其 Pod 发出的请求，以及网关的全部流量",
        ),
        Direction::Both => pick(lang, "each request on both sides", "两侧的所有请求"),
    }
}

/// One of Istio's own filters in the chain.
pub fn istio_filter(lang: Lang, word: &str) -> String {
    let words = match word {
        "PeerMetadata" => pick(lang, "Istio peer metadata", "Istio 对端元数据"),
        "CustomAuthz" => pick(lang, "external authorization", "外部授权"),
        "Jwt" => pick(lang, "Istio authentication (JWT)", "Istio 认证（JWT）"),
        "Rbac" => pick(lang, "Istio authorization", "Istio 授权"),
        "GrpcStats" => pick(lang, "gRPC statistics", "gRPC 统计"),
        "Alpn" => pick(lang, "choice of protocol (ALPN)", "协议选择（ALPN）"),
        "Fault" => pick(lang, "fault injection", "故障注入"),
        "Cors" => pick(lang, "CORS", "CORS"),
        "Telemetry" => pick(lang, "Istio telemetry", "Istio 遥测"),
        "Router" => pick(lang, "router → service", "路由 → 服务"),
        other => other,
    };
    words.to_owned()
}

/// The catalogue has a newer version than the resource.
pub fn version_newer(lang: Lang, from: &str, to: &str) -> String {
    pick(
        lang,
        format!("A newer version is in the catalogue: {from} → {to}."),
        format!("插件市场有新版本：{from} → {to}。"),
    )
}

/// The resource gets another version.
pub fn version_moves(lang: Lang, from: &str, to: &str) -> String {
    pick(
        lang,
        format!("This edit moves the plugin from {from} to {to}."),
        format!("本次编辑会把插件从 {from} 换为 {to}。"),
    )
}

/// A version in the list: which it is, and whether it loads.
pub fn version_option(lang: Lang, version: &str, installed: bool, latest: bool, verdict: &str) -> String {
    let installed = installed.then(|| pick(lang, "installed", "当前"));
    let latest = latest.then(|| pick(lang, "newest", "最新"));
    [Some(version), latest, installed, Some(verdict)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
