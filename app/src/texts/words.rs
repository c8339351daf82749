//! The words of the domain: categories, phases, strategies, states.

use marketplace_domain::{
    Category, Direction, FailStrategy, Lang, Origin, Phase, ProxyState, PullPolicy, mesh::ProxyKind, state::Severity,
};

use super::pick;

/// A category.
pub fn category(lang: Lang, category: Category) -> &'static str {
    match category {
        Category::Security => pick(lang, "Security", "安全"),
        Category::Authentication => pick(lang, "Authentication", "认证"),
        Category::Traffic => pick(lang, "Traffic", "流量控制"),
        Category::Transformation => pick(lang, "Transformation", "转换"),
        Category::Observability => pick(lang, "Observability", "可观测性"),
    }
}

/// A phase in words.
pub fn phase(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Authn => pick(lang, "Authentication", "认证"),
        Phase::Authz => pick(lang, "Authorization", "授权"),
        Phase::Stats => pick(lang, "Statistics", "统计"),
        Phase::Default => pick(lang, "Default", "默认"),
    }
}

/// A phase for a chip: Istio's word, so that people find it in resources.
pub fn phase_short(lang: Lang, phase: Phase) -> &'static str {
    match phase {
        Phase::Default => pick(lang, "Default", "默认"),
        other => other.as_str(),
    }
}

/// Where a plugin came from.
pub fn origin(lang: Lang, origin: Origin) -> &'static str {
    match origin {
        Origin::Builtin => pick(lang, "Built-in", "内置"),
        Origin::Added => pick(lang, "Added here", "自行添加"),
    }
}

/// What happens when a plugin fails, in short.
pub fn fail_strategy(lang: Lang, strategy: FailStrategy) -> &'static str {
    match strategy {
        FailStrategy::Close => pick(lang, "refuse traffic", "拒绝流量"),
        FailStrategy::Open => pick(lang, "let traffic pass without it", "跳过插件放行流量"),
        FailStrategy::Reload => pick(lang, "start it anew", "重新启动插件"),
    }
}

/// Which side of a proxy.
pub fn direction(lang: Lang, direction: Direction) -> &'static str {
    match direction {
        Direction::Server => pick(lang, "requests that arrive", "收到的请求"),
        Direction::Client => pick(lang, "requests that leave", "发出的请求"),
        Direction::Both => pick(lang, "both directions", "双向"),
    }
}

/// When an image is pulled.
pub fn pull_policy(lang: Lang, policy: PullPolicy) -> &'static str {
    match policy {
        PullPolicy::Unspecified => pick(lang, "as Istio decides", "由 Istio 决定"),
        PullPolicy::IfNotPresent => pick(lang, "once for each address", "每个地址只拉取一次"),
        PullPolicy::Always => pick(lang, "whenever the resource changes", "资源每次变化时"),
    }
}

/// What runs in a pod.
pub fn proxy_kind(lang: Lang, kind: ProxyKind) -> &'static str {
    match kind {
        ProxyKind::Sidecar => pick(lang, "sidecar", "边车"),
        ProxyKind::Gateway => pick(lang, "gateway", "网关"),
        ProxyKind::ApiGateway => pick(lang, "gateway (Gateway API)", "网关（Gateway API）"),
        ProxyKind::Waypoint => pick(lang, "waypoint", "路点代理"),
        ProxyKind::Ambient => pick(lang, "ambient, no proxy of its own", "环境模式，无独立代理"),
        ProxyKind::Proxyless => pick(lang, "proxyless gRPC", "无代理 gRPC"),
        ProxyKind::None => pick(lang, "not in the mesh", "不在网格中"),
    }
}

/// The state of a plugin on a proxy.
pub fn proxy_state(lang: Lang, state: &ProxyState) -> &'static str {
    match state {
        ProxyState::Loaded => pick(lang, "loaded", "已加载"),
        ProxyState::LoadedOldVersion => pick(lang, "runs an earlier version still", "仍在运行旧版本"),
        ProxyState::SubstitutedDeny(_) => pick(lang, "not loaded, traffic is refused", "未加载，流量被拒绝"),
        ProxyState::SubstitutedAllow(_) => pick(lang, "not loaded, traffic passes without it", "未加载，流量绕过插件"),
        ProxyState::Pending => pick(lang, "waiting", "等待中"),
        ProxyState::Rejected(_) => pick(lang, "refused by the proxy", "被代理拒绝"),
        ProxyState::Crashed(_) => pick(lang, "crashed", "已崩溃"),
        ProxyState::Blocked(_) => pick(lang, "another plugin answers first", "被其他插件抢先应答"),
        ProxyState::NotDelivered(_) => pick(lang, "not sent to the proxy", "未下发到代理"),
        ProxyState::Unknown => pick(lang, "not known", "未知"),
    }
}

/// The worst of several states, in one or two words.
pub fn severity(lang: Lang, severity: Severity) -> &'static str {
    match severity {
        Severity::Good => pick(lang, "loaded", "已加载"),
        Severity::Unknown => pick(lang, "not known", "未知"),
        Severity::Waiting => pick(lang, "waiting", "等待中"),
        Severity::Warning => pick(lang, "bypassed", "被绕过"),
        Severity::Bad => pick(lang, "failing", "失败"),
    }
}

/// `4 / 6 loaded · 2 waiting`.
pub fn states(lang: Lang, loaded: u32, all: usize, worst: Option<Severity>) -> String {
    match worst {
        None => pick(lang, "no proxy", "没有代理").to_owned(),
        Some(Severity::Good) => pick(lang, format!("{loaded} / {all} loaded"), format!("已加载 {loaded} / {all}")),
        Some(Severity::Unknown) if loaded == 0 => {
            pick(lang, format!("{all} proxies, state not known"), format!("{all} 个代理，状态未知"))
        }
        Some(worst) => {
            let word = severity(lang, worst);
            pick(lang, format!("{loaded} / {all} loaded · {word}"), format!("已加载 {loaded} / {all} · {word}"))
        }
    }
}
