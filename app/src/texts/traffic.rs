//! Traffic, a service, and the plugins that are installed.

use marketplace_domain::{Lang, problem::NoProxy, views::traffic::Scope};

use super::{grouped, pick, plural};

texts! {
    title: "Traffic", "流量";
    lead: "The services of the cluster. Open one to see and change its plugins.", "集群中的服务。打开一个服务即可查看和修改它的插件。";
    find_service: "Find a service", "查找服务";
    search_placeholder: "Part of a service's name", "服务名称的一部分";
    all_plugins: "All plugins", "全部插件";
    all_states: "All states", "全部状态";
    all_namespaces: "All namespaces", "全部命名空间";
    show: "Show", "显示";
    workloads: "Workloads", "工作负载";
    proxies: "Proxies", "代理";
    plugins: "Plugins", "插件";
    no_plugins: "no plugins", "没有插件";
    none_found: "No service matches", "没有匹配的服务";
    none_found_hint: "Try a shorter part of the name, or all namespaces.", "请尝试更短的名称片段，或选择全部命名空间。";
    none_at_all: "The cluster has no services", "集群中没有服务";
    none_at_all_hint: "As soon as a Service is created it appears here by itself.", "创建 Service 后会自动显示在这里。";
    clear: "Show all services", "显示全部服务";
    in_order: "Plugins, in the order they run", "插件（按执行顺序）";
    no_plugins_yet: "No plugin runs here yet", "这里还没有运行插件";
    no_plugins_yet_hint: "Apply one from the marketplace: you see its effect on each proxy before and after.", "从插件市场应用一个插件，应用前后都能看到它对每个代理的影响。";
    apply_plugin: "Apply a plugin", "应用插件";
    ports: "Ports", "端口";
    no_ports: "The service declares no ports.", "该服务没有声明端口。";
    port_http: "HTTP", "HTTP";
    port_not_http: "not HTTP: plugins do not see it", "非 HTTP：插件看不到其流量";
    port_detected: "protocol detected by Istio", "由 Istio 检测协议";
    no_workloads: "No pods stand behind this service right now.", "该服务后面目前没有 Pod。";
    ready: "ready", "就绪";
    not_ready: "not ready", "未就绪";
    waypoint: "Waypoint", "路点代理";
    cannot: "No plugin can reach this service", "插件无法作用于该服务";
    not_in_market: "not in the marketplace", "不在插件市场中";
    outdated: "newer version available", "有新版本";
    uninstall: "Uninstall", "卸载";
    installed_title: "Traffic plugins", "流量插件";
    installed_lead: "Every plugin installed in the cluster, whoever installed it, and whether each proxy has really loaded it.", "集群中安装的所有插件（无论由谁安装），以及每个代理是否真正加载了它。";
    filter_text: "Filter by service or resource", "按服务或资源筛选";
    plugin: "Plugin", "插件";
    scope_column: "Service", "服务";
    phase_column: "Phase · priority", "阶段 · 优先级";
    state_column: "Proxies", "代理";
    installed_column: "Installed", "安装";
    actions_column: "Actions", "操作";
    no_installed: "No plugin is installed", "还没有安装插件";
    no_installed_hint: "Choose one in the marketplace and apply it to a service.", "在插件市场中选择一个插件并应用到服务。";
    to_market: "Open the marketplace", "打开插件市场";
    no_installed_found: "No installed plugin matches", "没有匹配的插件";
    no_installed_found_hint: "Change the filters, or show all.", "请更改筛选条件，或显示全部。";
    show_all: "Show all", "显示全部";
    live: "live", "实时";
    by_unknown: "unknown", "未知";
    priority_unset: "no priority: runs last", "未设优先级：最后执行";
    state_waiting: "waiting", "等待中";
    state_none: "reaches no proxy", "未作用于任何代理";
    uninstall_lead: "The resource is deleted from the cluster. The proxies drop the plugin within seconds; requests in flight are not interrupted.", "该资源将从集群中删除。代理会在数秒内停用该插件，进行中的请求不受影响。";
    uninstall_confirm: "Uninstall it", "确认卸载";
    affected: "Proxies that lose it", "受影响的代理";
    nobody_affected: "No proxy has it: nothing changes for traffic.", "没有代理使用它：流量不受影响。";
    resource: "Resource", "资源";
    module: "Module", "模块";
    made_by_others: "Somebody else made this resource. If a tool such as Argo CD or Helm manages it, the tool may install it again.", "该资源由他人创建。如果由 Argo CD、Helm 等工具管理，它可能会被重新安装。";
    already_gone: "It is not installed any more. Nothing is left to do.", "它已不存在，无需操作。";
    to_installed: "Back to traffic plugins", "返回流量插件";
    activity_title: "Activity", "操作记录";
    activity_lead: "Who did what, when, to which service, and what it changed.", "谁在什么时候对哪个服务做了什么，以及改动的内容。";
    no_activity: "Nothing has been done here yet", "还没有操作记录";
    no_activity_hint: "Every plugin that is added, applied, edited or uninstalled appears here.", "添加、应用、编辑、卸载插件的操作都会显示在这里。";
    older: "Older entries", "更早的记录";
    newest: "Newest entries", "最新的记录";
    failed_outcome: "did not happen", "未生效";
    show_difference: "Show the difference", "查看差异";
}

/// Of a long difference in the list of what was done.
pub fn lines_left_out(lang: Lang, lines: u32) -> String {
    pick(lang, plural(lines.into(), "more line", "more lines"), format!("还有 {} 行", grouped(lines.into())))
}

/// How many there are on all pages.
pub fn services_found(lang: Lang, total: u32) -> String {
    pick(lang, plural(total.into(), "service", "services"), format!("{} 个服务", grouped(total.into())))
}

/// How many there are on all pages.
pub fn installed_found(lang: Lang, total: u32) -> String {
    pick(lang, plural(total.into(), "plugin", "plugins"), format!("{} 个插件", grouped(total.into())))
}

/// `3 workloads`.
pub fn workload_count(lang: Lang, n: usize) -> String {
    pick(lang, plural(n as u64, "workload", "workloads"), format!("{n} 个工作负载"))
}

/// `6 proxies`.
pub fn proxy_count(lang: Lang, n: usize) -> String {
    pick(lang, plural(n as u64, "proxy", "proxies"), format!("{n} 个代理"))
}

/// `6 pods`, where pods have no proxy.
pub fn pod_count(lang: Lang, n: usize) -> String {
    pick(lang, plural(n as u64, "pod", "pods"), format!("{n} 个 Pod"))
}

/// A namespace in the filter, with the number of its services.
pub fn namespace_option(namespace: &str, services: u32) -> String {
    format!("{namespace} ({services})")
}

/// Why no plugin can reach a service, in short.
pub fn no_proxy_short(lang: Lang, why: NoProxy) -> &'static str {
    match why {
        NoProxy::NoPods => pick(lang, "no pods", "没有 Pod"),
        NoProxy::NoSidecar => pick(lang, "no sidecar", "没有边车"),
        NoProxy::AmbientWithoutWaypoint => pick(lang, "ambient without a waypoint", "环境模式但没有路点代理"),
        NoProxy::Proxyless => pick(lang, "proxyless gRPC", "无代理 gRPC"),
        NoProxy::NoSelector => pick(lang, "no selector", "没有选择器"),
    }
}

/// Whom a plugin reaches, in words.
pub fn scope(lang: Lang, scope: &Scope) -> String {
    match scope {
        Scope::Services(services) if services.is_empty() => pick(lang, "no service", "没有服务").into(),
        Scope::Services(services) => {
            let names: Vec<_> = services.iter().map(|service| service.name.as_str()).collect();
            names.join(pick(lang, ", ", "、"))
        }
        Scope::Gateway(name) => pick(lang, format!("gateway {name}"), format!("网关 {name}")),
        Scope::Namespace => pick(lang, "whole namespace", "整个命名空间").into(),
        Scope::Mesh => pick(lang, "whole mesh", "整个网格").into(),
        Scope::Selector(selector) => pick(lang, format!("pods with {selector}"), format!("带有 {selector} 的 Pod")),
    }
}

/// What is below the scope.
pub fn scope_hint(lang: Lang, scope: &Scope) -> Option<&'static str> {
    match scope {
        Scope::Mesh => Some(pick(lang, "root namespace", "根命名空间")),
        Scope::Selector(_) => Some(pick(lang, "no service selects them", "没有服务选择它们")),
        Scope::Services(_) | Scope::Gateway(_) | Scope::Namespace => None,
    }
}

/// `by ops`.
pub fn by(lang: Lang, who: &str) -> String {
    pick(lang, format!("by {who}"), format!("由 {who}"))
}

/// The filter's words for states, by the word in the address.
pub fn state_filter(lang: Lang, word: &str) -> &'static str {
    match word {
        "loaded" => pick(lang, "loaded", "已加载"),
        "waiting" => state_waiting(lang),
        "bypassed" => pick(lang, "bypassed", "被绕过"),
        "failing" => pick(lang, "failing", "失败"),
        "unknown" => pick(lang, "not known", "未知"),
        _ => state_none(lang),
    }
}

/// The name of the edit link.
pub fn edit_this(lang: Lang, resource: &str) -> String {
    pick(lang, format!("Edit {resource}"), format!("编辑 {resource}"))
}

/// The name of the uninstall link.
pub fn uninstall_this(lang: Lang, resource: &str) -> String {
    pick(lang, format!("Uninstall {resource}"), format!("卸载 {resource}"))
}

/// The title of the confirmation.
pub fn uninstall_title(lang: Lang, resource: &str) -> String {
    pick(lang, format!("Uninstall {resource}?"), format!("卸载 {resource}？"))
}

/// After applying.
pub fn applied(lang: Lang, resource: &str) -> String {
    pick(
        lang,
        format!("{resource} is in the cluster. Below you see each proxy loading it, or why it does not."),
        format!("{resource} 已写入集群。下方可以看到每个代理是否加载成功及原因。"),
    )
}

/// After applying what was there already.
pub fn applied_unchanged(lang: Lang, resource: &str) -> String {
    pick(
        lang,
        format!("{resource} was exactly like this already, so nothing was written."),
        format!("{resource} 已经是这个样子，没有写入任何内容。"),
    )
}

/// After uninstalling.
pub fn removed(lang: Lang, resource: &str) -> String {
    pick(lang, format!("{resource} was uninstalled."), format!("{resource} 已卸载。"))
}

/// What was done, for the activity page: the words in the database are ours.
pub fn action(lang: Lang, action: &str) -> String {
    let words = match action {
        "plugin_added" => pick(lang, "added the plugin", "添加了插件"),
        "plugin_edited" => pick(lang, "edited the plugin", "编辑了插件"),
        "plugin_deleted" => pick(lang, "deleted the plugin", "删除了插件"),
        "plugin_seeded" => pick(lang, "brought along the built-in plugin", "随产品带来了内置插件"),
        "applied" => pick(lang, "applied", "应用了"),
        "edited" => pick(lang, "changed the settings of", "修改了设置："),
        "uninstalled" => pick(lang, "uninstalled", "卸载了"),
        other => other,
    };
    words.to_owned()
}
