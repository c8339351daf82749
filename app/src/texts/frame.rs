//! The frame around every page.

use marketplace_domain::Lang;

use super::pick;

texts! {
    product: "Plugin Marketplace", "插件市场";
    skip: "Skip to the content", "跳到正文";
    navigation: "Main navigation", "主导航";
    menu: "Menu", "菜单";
    market: "Marketplace", "插件市场";
    traffic: "Traffic", "流量";
    installed: "Traffic plugins", "流量插件";
    activity: "Activity", "操作记录";
    demo: "demo mesh", "演示网格";
    demo_explained: "An invented mesh inside this program. Nothing here reaches a real cluster.", "程序内部模拟的网格，这里的操作不会影响任何真实集群。";
    healthy: "The cluster answers", "集群连接正常";
    unhealthy: "The cluster does not answer", "集群无响应";
    settings: "Language and theme", "语言与主题";
    switch_language: "切换到中文", "Switch to English";
    to_light: "Light", "浅色";
    to_dark: "Dark", "深色";
    to_auto: "Auto", "自动";
    user: "Signed in as", "当前用户";
    crd_missing: "This cluster has no WasmPlugin resource, so no plugin can be installed. Install Istio 1.12 or newer first, then come back: this page notices by itself.", "该集群没有 WasmPlugin 资源，无法安装插件。请先安装 Istio 1.12 或更高版本；安装完成后本页会自动更新。";
    not_found: "Page not found", "页面不存在";
    not_found_explained: "There is nothing at this address. It may have been deleted, or the address has a typing error.", "此地址没有内容，可能已被删除，也可能是地址有误。";
    to_market: "Go to the marketplace", "前往插件市场";
    loading: "Loading", "加载中";
}

/// The document's title: the page's own in front.
pub fn document_title(lang: Lang, page: &str) -> String {
    if page.is_empty() { product(lang).to_owned() } else { format!("{page} · {}", product(lang)) }
}

/// What the switch of the theme does, for its name.
pub fn switch_theme(lang: Lang, next: &str) -> String {
    pick(lang, format!("Switch the theme to: {next}"), format!("切换主题为：{next}"))
}

/// Around the time since when the database has been away.
pub fn database_away(lang: Lang) -> (&'static str, &'static str) {
    pick(
        lang,
        (
            "The database has not answered since ",
            ". Of the marketplace you see what was last seen; it cannot be changed until the database answers again.",
        ),
        ("数据库自 ", " 起无响应。插件市场显示的是最后一次看到的内容；恢复前无法更改。"),
    )
}

/// What is shown is old; `since` is a time already in words.
pub fn stale(lang: Lang) -> (&'static str, &'static str) {
    pick(
        lang,
        (
            "The cluster has not been reachable since ",
            ". You see what was last seen; changes are not possible until it answers again.",
        ),
        ("集群自 ", " 起无法连接。页面显示的是最后一次看到的内容；恢复连接前无法进行更改。"),
    )
}

/// Kinds that we may not read.
pub fn forbidden(lang: Lang, kinds: &str) -> String {
    pick(
        lang,
        format!(
            "The marketplace has no right to read {kinds} in this cluster, so pages are incomplete. Ask for the rights get, list and watch on them."
        ),
        format!("插件市场无权读取该集群中的 {kinds}，页面内容不完整。请申请对它们的 get、list、watch 权限。"),
    )
}

/// Objects that could not be read.
pub fn malformed(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!(
            "{} of the cluster could not be read and {} left out",
            super::plural(count as u64, "object", "objects"),
            if count == 1 { "is" } else { "are" }
        ),
        format!("集群中有 {count} 个对象无法读取，未显示"),
    )
}
