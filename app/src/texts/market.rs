//! The marketplace.

use marketplace_domain::Lang;

use super::{grouped, pick, plural};

texts! {
    title: "Marketplace", "插件市场";
    lead: "Wasm plugins for the proxies of your mesh. Pick one and apply it to a service.", "为网格代理准备的 Wasm 插件：选一个，应用到服务。";
    add: "Add plugin", "添加插件";
    search_label: "Search plugins", "搜索插件";
    filters: "Filters", "筛选";
    category: "Category", "类别";
    phase: "Phase", "阶段";
    source: "Source", "来源";
    state: "State", "状态";
    in_use_only: "In use", "使用中";
    sort: "Sort", "排序";
    by_use: "Most used", "使用最多";
    by_match: "Best match", "最匹配";
    by_date: "Newest", "最新";
    by_name: "Name", "名称";
    results: "Plugins", "插件";
    not_in_use: "not in use", "未使用";
    updated: "updated", "更新于";
    none_found: "No plugin matches", "没有匹配的插件";
    none_found_hint: "Check the spelling, use fewer words, or take away a filter. Both names, the descriptions and the README are searched.", "请检查拼写、减少关键词或取消部分筛选。搜索范围包括中英文名称、描述和说明文档。";
    none_at_all: "The marketplace is empty", "插件市场还是空的";
    none_at_all_hint: "Add the first plugin: all it takes is a name and the address of its module.", "添加第一个插件：只需要名称和模块地址。";
}

/// Inside the search field.
pub fn search_placeholder(lang: Lang, all: u64) -> String {
    pick(
        lang,
        format!("Search {} by name, 名称, description or header…", plural(all, "plugin", "plugins")),
        format!("在 {} 个插件中搜索名称、描述或请求头…", grouped(all)),
    )
}

/// How many services use a plugin.
pub fn in_use(lang: Lang, services: u32) -> String {
    match services {
        0 => not_in_use(lang).to_owned(),
        _ => pick(
            lang,
            format!("in use on {}", plural(services.into(), "service", "services")),
            format!("{services} 个服务使用中"),
        ),
    }
}

/// How many were found.
pub fn found(lang: Lang, total: u64) -> String {
    pick(lang, plural(total, "plugin", "plugins"), format!("{} 个插件", grouped(total)))
}
