//! Whole pages that could not be shown, and changes that did not happen: what happened, what was not changed, what to try.

use marketplace_domain::Lang;

use super::pick;
use crate::error::AppError;

/// A heading of a few words.
pub fn title(lang: Lang, error: &AppError) -> &'static str {
    match error {
        AppError::NotFound => pick(lang, "There is no such thing here", "找不到该内容"),
        AppError::Invalid { .. } => pick(lang, "Something in the form is not right", "表单中有内容不正确"),
        AppError::Builtin => pick(lang, "Built-in plugins stay as they are", "内置插件不可更改"),
        AppError::InUse(_) => pick(lang, "The plugin is in use", "插件正在使用中"),
        AppError::Busy { .. } => pick(lang, "Too many runs at once", "运行过于频繁"),
        AppError::ChangedMeanwhile => pick(lang, "Somebody else was quicker", "内容已被他人修改"),
        AppError::Forbidden(_) => pick(lang, "The cluster does not allow this", "集群不允许此操作"),
        AppError::ClusterUnavailable(_) => pick(lang, "The cluster does not answer", "集群无响应"),
        AppError::DatabaseUnavailable => pick(lang, "The database does not answer", "数据库无响应"),
        AppError::Internal { .. } => pick(lang, "This is our fault", "系统内部错误"),
        AppError::Transport(_) => pick(lang, "The answer did not arrive", "未收到应答"),
    }
}

/// What is not changed and what to try.
pub fn advice(lang: Lang, error: &AppError) -> String {
    match error {
        AppError::NotFound => pick(
            lang,
            "It may have been deleted or renamed meanwhile. Look for it in the lists.",
            "它可能已被删除或改名，请在列表中查找。",
        )
        .to_owned(),
        AppError::Invalid { .. } => pick(
            lang,
            "Nothing was changed. Correct what is named below and send it again.",
            "没有做任何更改。请修正下列内容后重新提交。",
        )
        .to_owned(),
        AppError::Builtin => pick(
            lang,
            "Nothing was changed. Built-in plugins come with the marketplace; add a plugin of your own instead.",
            "没有做任何更改。内置插件随插件市场提供，请改为添加自己的插件。",
        )
        .to_owned(),
        AppError::InUse(_) => pick(
            lang,
            "Nothing was deleted. Uninstall it from the services below first.",
            "没有删除任何内容。请先从下列服务中卸载该插件。",
        )
        .to_owned(),
        AppError::ChangedMeanwhile => pick(
            lang,
            "Nothing was changed. Load the page again, look at what is there now, and decide anew.",
            "没有做任何更改。请重新加载页面，查看当前内容后再操作。",
        )
        .to_owned(),
        AppError::Busy { seconds } => pick(
            lang,
            format!("Nothing was run, and what you typed is kept. Wait {seconds} s and run it again."),
            format!("没有运行，已输入的内容仍在。请等待 {seconds} 秒后重试。"),
        ),
        AppError::Forbidden(_) => pick(
            lang,
            "Nothing was changed. Ask whoever runs the cluster for the right that is named below.",
            "没有做任何更改。请向集群管理员申请下面提到的权限。",
        )
        .to_owned(),
        AppError::ClusterUnavailable(_) => pick(
            lang,
            "Nothing was changed. Check the connection to the cluster and try again in a moment; go back to keep what you typed.",
            "没有做任何更改。请检查与集群的连接，稍后重试；返回上一页可保留已输入的内容。",
        )
        .to_owned(),
        AppError::DatabaseUnavailable => pick(
            lang,
            "Nothing was changed. The catalogue cannot be read until the database is back; try again in a moment, and go back to keep what you typed.",
            "没有做任何更改。数据库恢复之前无法读取插件目录；请稍后重试，返回上一页可保留已输入的内容。",
        )
        .to_owned(),
        AppError::Internal { id } => pick(
            lang,
            format!("Try again. If it happens again, tell whoever runs the marketplace this number: {id}"),
            format!("请重试。如果再次出现，请把此编号告诉插件市场的管理员：{id}"),
        ),
        AppError::Transport(_) => pick(
            lang,
            "The connection to the marketplace was interrupted. Check it and load the page again.",
            "与插件市场的连接中断。请检查网络后重新加载页面。",
        )
        .to_owned(),
    }
}

/// What others said, word for word.
pub fn words(error: &AppError) -> Option<&str> {
    match error {
        AppError::Forbidden(words) | AppError::ClusterUnavailable(words) | AppError::Transport(words) => {
            Some(words.as_str()).filter(|words| !words.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_own_words_in_both_languages() {
        let all = [
            AppError::NotFound,
            AppError::Invalid { draft: None, problems: vec![] },
            AppError::Builtin,
            AppError::InUse(vec![]),
            AppError::ChangedMeanwhile,
            AppError::Busy { seconds: 3 },
            AppError::Forbidden("no".into()),
            AppError::ClusterUnavailable("gone".into()),
            AppError::DatabaseUnavailable,
            AppError::Internal { id: "42".into() },
            AppError::Transport("cut".into()),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for error in &all {
            for lang in [Lang::En, Lang::Zh] {
                assert!(seen.insert(format!("{} {}", title(lang, error), advice(lang, error))), "{error:?}");
            }
        }
        assert!(seen.iter().any(|text| text.contains("42")));
    }
}
