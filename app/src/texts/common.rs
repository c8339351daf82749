//! Words that several pages use.

use marketplace_domain::Lang;

use super::{grouped, pick};

texts! {
    search: "Search", "搜索";
    apply_filters: "Apply filters", "应用筛选";
    clear_filters: "Clear search and filters", "清除搜索与筛选";
    all: "All", "全部";
    edit: "Edit", "编辑";
    delete: "Delete", "删除";
    cancel: "Cancel", "取消";
    save: "Save", "保存";
    back: "Back", "返回";
    optional: "optional", "选填";
    previous: "Previous", "上一页";
    next: "Next", "下一页";
    pages: "Pages", "分页";
    none: "none", "无";
    yes: "yes", "是";
    no: "no", "否";
    retry: "Try again", "重试";
    details: "Details", "详细信息";
    nothing_changed: "Nothing was changed.", "没有做任何更改。";
    unchanged_lines: "No difference.", "没有差异。";
    added_line: "added", "新增";
    removed_line: "removed", "删除";
    namespace: "Namespace", "命名空间";
    service: "Service", "服务";
    version: "Version", "版本";
    state: "State", "状态";
    not_loaded: "Problems on proxies", "代理上的问题";
    changes: "Changes", "差异";
    reasons: "Reasons", "原因";
}

/// Where one is in a list of pages.
pub fn page_of(lang: Lang, page: u32, pages: u32) -> String {
    pick(
        lang,
        format!("Page {} of {}", grouped(page.into()), grouped(pages.into())),
        format!("第 {} 页，共 {} 页", grouped(page.into()), grouped(pages.into())),
    )
}

/// The heading of a form's summary of problems.
pub fn problems(lang: Lang, count: usize) -> String {
    pick(
        lang,
        if count == 1 {
            "1 problem to solve before this can be saved".into()
        } else {
            format!("{count} problems to solve before this can be saved")
        },
        format!("保存前需要解决 {count} 个问题"),
    )
}

/// How long ago, roughly, from seconds.
pub fn ago(lang: Lang, seconds: i64) -> String {
    let (number, en, zh) = match seconds {
        i64::MIN..45 => return pick(lang, "just now", "刚刚").to_owned(),
        45..3600 => ((seconds + 30) / 60, "min ago", "分钟前"),
        3600..86_400 => ((seconds + 1800) / 3600, "h ago", "小时前"),
        _ => ((seconds + 43_200) / 86_400, "d ago", "天前"),
    };
    pick(lang, format!("{number} {en}"), format!("{number} {zh}"))
}
