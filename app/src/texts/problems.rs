//! What is wrong with what was typed, and what to do about it, at the field.

use marketplace_domain::{Lang, Reason, module_url::BadUrl, problem::NoProxy};

use super::{bytes, fetch, pick};

/// One sentence for each reason.
pub fn sentence(lang: Lang, reason: &Reason) -> String {
    let (en, zh): (String, String) = match reason {
        Reason::Required => ("Fill this in.".into(), "请填写此项。".into()),
        Reason::TooLong(most) => {
            (format!("Shorten this to at most {most} characters."), format!("请缩短到不超过 {most} 个字符。"))
        }
        Reason::NameMalformed => (
            "Use lower-case letters, digits and hyphens only, with a letter or digit at both ends.".into(),
            "只能使用小写字母、数字和连字符，且首尾必须是字母或数字。".into(),
        ),
        Reason::NameTaken => {
            ("A plugin of this name exists already. Choose another name.".into(), "已有同名插件，请换一个名称。".into())
        }
        Reason::VersionTaken => (
            "This version exists already with another module. Give the new one another version.".into(),
            "该版本已存在且模块不同，请使用新的版本号。".into(),
        ),
        Reason::VersionMalformed => (
            "Use at most 64 letters, digits and . + - _, beginning with a letter or digit, such as 1.0.0.".into(),
            "最多 64 个字符，只能使用字母、数字和 . + - _，并以字母或数字开头，例如 1.0.0。".into(),
        ),
        Reason::NotAChoice => ("Choose one of the values offered.".into(), "请选择列出的值之一。".into()),
        Reason::DigestMalformed => (
            "A SHA-256 digest has 64 hexadecimal digits. Copy it again, or leave this empty.".into(),
            "SHA-256 摘要是 64 位十六进制数字。请重新复制，或留空。".into(),
        ),
        Reason::AddressBad(why) => return bad_url(lang, why),
        Reason::PriorityOutOfRange => {
            ("Give a whole number from 1 to 1000.".into(), "请输入 1 到 1000 之间的整数。".into())
        }
        Reason::YamlSyntax { line, column, message } => (
            format!("This YAML cannot be read at line {line}, column {column}: {message}"),
            format!("YAML 第 {line} 行第 {column} 列有语法错误：{message}"),
        ),
        Reason::ConfigNotAnObject => (
            "The configuration must be a mapping: lines of the form “name: value”.".into(),
            "配置必须是映射，即由“名称: 值”组成的行。".into(),
        ),
        Reason::ConfigTooLarge(most) => (
            format!("The configuration is larger than {}. Shorten it.", bytes((*most).into())),
            format!("配置超过了 {}，请缩减。", bytes((*most).into())),
        ),
        Reason::NumberChanges(becomes) => (
            format!("On its way to the plugin this number becomes {becomes}. Write it in quotes, as text."),
            format!("该数字传给插件时会变成 {becomes}，请加引号写成文本。"),
        ),
        Reason::SchemaType(kind) => (format!("This must be of the type {kind}."), format!("类型必须是 {kind}。")),
        Reason::SchemaMinimum(least) => (format!("Must be at least {least}."), format!("不能小于 {least}。")),
        Reason::SchemaMaximum(most) => (format!("Must be at most {most}."), format!("不能大于 {most}。")),
        Reason::SchemaMinLength(least) => {
            (format!("Must have at least {least} characters."), format!("至少需要 {least} 个字符。"))
        }
        Reason::SchemaMaxLength(most) => {
            (format!("Must have at most {most} characters."), format!("最多 {most} 个字符。"))
        }
        Reason::SchemaMinItems(least) => (format!("Needs at least {least} items."), format!("至少需要 {least} 项。")),
        Reason::SchemaMaxItems(most) => (format!("May have at most {most} items."), format!("最多 {most} 项。")),
        Reason::SchemaPattern(pattern) => {
            (format!("Must match the regular expression {pattern}"), format!("必须匹配正则表达式 {pattern}"))
        }
        Reason::SchemaEnum(values) => {
            (format!("Must be one of: {}.", values.join(", ")), format!("必须是以下值之一：{}。", values.join("、")))
        }
        Reason::SchemaUnique => {
            ("This item stands in the list twice. Remove one.".into(), "列表中有重复项，请删除一个。".into())
        }
        Reason::SchemaRequired(name) => (format!("The field “{name}” is needed."), format!("缺少必填字段“{name}”。")),
        Reason::SchemaUnknown(name) => (
            format!("The plugin knows no field “{name}”. Check its spelling or remove it."),
            format!("插件没有字段“{name}”，请检查拼写或将其删除。"),
        ),
        Reason::SchemaOther(words) => {
            (format!("The configuration does not fit the plugin's schema: {words}"), format!("配置不符合插件的模式：{words}"))
        }
        Reason::EnvNameMalformed => (
            "Use letters, digits and underscores, and no digit at the front.".into(),
            "只能使用字母、数字和下划线，且不能以数字开头。".into(),
        ),
        Reason::EnvDuplicate => (
            "This variable stands above already. Remove one of the two.".into(),
            "该变量重复，请删除其中一个。".into(),
        ),
        Reason::EnvReserved => (
            "Names that begin with ISTIO_META_ are Istio's own. Choose another name.".into(),
            "以 ISTIO_META_ 开头的名称由 Istio 保留，请换一个名称。".into(),
        ),
        Reason::EnvHostWithValue => (
            "A value taken from the proxy (HOST) cannot be given here as well. Empty the value, or choose INLINE.".into(),
            "取自代理（HOST）的变量不能再填写值。请清空该值，或改选 INLINE。".into(),
        ),
        Reason::TooMany(most) => {
            (format!("At most {most} are possible. Remove some."), format!("最多 {most} 个，请删除一些。"))
        }
        Reason::PortMalformed => (
            "Give port numbers from 1 to 65535, with commas between them.".into(),
            "请输入 1 到 65535 的端口号，用逗号分隔。".into(),
        ),
        Reason::PortDuplicate => ("This port stands here twice. Remove one.".into(), "端口重复，请删除一个。".into()),
        Reason::PortsOnWaypoint => (
            "On a waypoint, plugins with ports never run. Leave the ports empty.".into(),
            "在路点代理上，限定端口的插件不会运行，请将端口留空。".into(),
        ),
        Reason::DirectionOnWaypoint => (
            "On a waypoint, plugins for requests that leave never run. Choose requests that arrive.".into(),
            "在路点代理上，仅针对发出请求的插件不会运行，请选择“收到的请求”。".into(),
        ),
        Reason::DirectionOnGateway => (
            "On a gateway, plugins for requests that arrive never run. Choose requests that leave.".into(),
            "在网关上，仅针对收到请求的插件不会运行，请选择“发出的请求”。".into(),
        ),
        Reason::AlsoReaches(services) => (
            format!("Pods of these services get the plugin too, because they are the same pods: {}.", services.join(", ")),
            format!("以下服务的 Pod 相同，也会得到该插件：{}。", services.join("、")),
        ),
        Reason::NoHttpPort => (
            "None of the service's ports is HTTP, and the plugin sees HTTP only. Name a port http-… or set its appProtocol.".into(),
            "该服务没有 HTTP 端口，而插件只能看到 HTTP 流量。请将端口命名为 http-… 或设置 appProtocol。".into(),
        ),
        Reason::EnvFromHost(name) => (
            format!("The plugin reads {name} from the proxy container's own environment. Make sure that nothing secret is in it."),
            format!("插件会读取代理容器自身的环境变量 {name}，请确认其中没有机密。"),
        ),
        Reason::NotPinned => (
            "Nothing fixes what is behind this address, so proxies may run different versions of it. Give its digest (SHA-256).".into(),
            "该地址背后的内容没有固定，各代理可能运行不同的版本。建议填写其摘要（SHA-256）。".into(),
        ),
        Reason::SecretMalformed => (
            "This cannot be the name of a Secret: lower-case letters, digits, hyphens and dots.".into(),
            "这不是有效的 Secret 名称，只能使用小写字母、数字、连字符和点。".into(),
        ),
        Reason::SecretNotImage => (
            "Pull secrets are for images (oci://) only. Leave this empty.".into(),
            "拉取凭据仅用于镜像（oci://），请留空。".into(),
        ),
        Reason::ResourceTaken => (
            "The namespace has another resource of this name. Choose another name.".into(),
            "该命名空间中已有同名资源，请换一个名称。".into(),
        ),
        Reason::ServiceGone => (
            "The service does not exist any more. Choose another one.".into(),
            "该服务已不存在，请选择其他服务。".into(),
        ),
        Reason::NoProxy(why) => return no_proxy(lang, *why).to_owned(),
        Reason::WholeMeshUnconfirmed => (
            "This would run in every proxy of the mesh. Confirm that you want it.".into(),
            "这会在网格的所有代理中运行，请确认。".into(),
        ),
        Reason::WouldNotLoad => (
            "Envoy would not load this module, so requests would fail. Choose another version, or confirm that you want it.".into(),
            "Envoy 不会加载该模块，请求将会失败。请选择其他版本，或确认仍要应用。".into(),
        ),
        Reason::FileMissing => ("Choose a .wasm file with something in it.".into(), "请选择一个非空的 .wasm 文件。".into()),
        Reason::FileTooLarge(most) => (
            format!("The file is larger than {}. Strip it, or push it to a registry and give its address. The file was not kept.", bytes(*most)),
            format!("文件超过 {}。请精简文件，或推送到镜像仓库并填写地址。文件未保存。", bytes(*most)),
        ),
        Reason::FileNotWasm => (
            "The file is not a whole WebAssembly module, so it was not kept. Choose the .wasm file that your build made.".into(),
            "该文件不是完整的 WebAssembly 模块，未保存。请选择构建生成的 .wasm 文件。".into(),
        ),
        Reason::FileGone => (
            "The uploaded file is not here any more. Upload it again.".into(),
            "上传的文件已不存在，请重新上传。".into(),
        ),
        Reason::FileUnchecked => (
            "The file could not be looked at, and was not kept. Try again in a moment.".into(),
            "文件暂时无法检查，未保存。请稍后重试。".into(),
        ),
        Reason::ClusterRefused(words) => {
            (format!("The cluster refused it: {words}"), format!("集群拒绝了该资源：{words}"))
        }
        Reason::Conflict(owners) => {
            let list = |between: &str| {
                owners.iter().map(|(field, owner)| format!("{field} ({owner})")).collect::<Vec<_>>().join(between)
            };
            (
                format!("Somebody else manages these fields: {}. Change them there, or leave them as they are.", list(", ")),
                format!("以下字段由其他工具管理：{}。请在那里修改，或保持原样。", list("、")),
            )
        }
        Reason::ChangedMeanwhile => (
            "The resource changed after you opened this page. Look at the difference again, then send it once more.".into(),
            "打开本页后资源已发生变化。请重新查看差异，再次提交。".into(),
        ),
        Reason::ClusterAway(words) => (
            format!("The cluster does not answer: {words}. What you typed is kept; look whether anything was written, then send it again."),
            format!("集群无响应：{words}。已输入的内容已保留；请先确认是否已写入，再重新提交。"),
        ),
        Reason::DatabaseAway => (
            "The database does not answer, so nothing was changed. What you typed is kept; send it again in a moment.".into(),
            "数据库无响应，未做任何更改。已输入的内容已保留，请稍后重新提交。".into(),
        ),
        Reason::CrdMissing => (
            "The cluster does not know WasmPlugin. Install Istio 1.12 or newer there first.".into(),
            "集群中没有 WasmPlugin 资源，请先安装 Istio 1.12 或更高版本。".into(),
        ),
        Reason::Exchange { code, path, message, at } => return exchange(lang, code, path, message, *at),
        Reason::ModuleElsewhere(address) => (
            format!("Only a proxy can get at the module {address}, so it cannot be tried here."),
            format!("只有代理能获取模块 {address}，因此无法在这里试运行。"),
        ),
        Reason::ModuleNotFetched(problem) => return fetch::nothing_ran(lang, problem),
        Reason::PullSecret { name, why } => return fetch::no_login(lang, name, *why),
        Reason::RunTooLarge(most) => (
            format!("What came of the run is larger than {}, the most that is kept. Make the bodies smaller.", bytes((*most).into())),
            format!("运行结果超过了可保留的上限 {}，请缩小正文。", bytes((*most).into())),
        ),
        Reason::Forbidden(words) => (
            format!("The cluster does not allow it: {words}. Ask for the right, then send it again."),
            format!("集群不允许：{words}。请申请权限后重新提交。"),
        ),
    };
    pick(lang, en, zh)
}

/// Why an address cannot be used.
pub fn bad_url(lang: Lang, why: &BadUrl) -> String {
    let (en, zh): (String, String) = match why {
        BadUrl::Empty => ("Give the module's address.".into(), "请填写模块地址。".into()),
        BadUrl::TooLong => {
            ("An address has at most 2048 characters. Shorten it.".into(), "地址最多 2048 个字符，请缩短。".into())
        }
        BadUrl::NoScheme(better) => (
            format!("The scheme is missing; Istio would drop this address silently. Did you mean {better} ?"),
            format!("缺少协议，Istio 会静默忽略该地址。是否应为 {better} ？"),
        ),
        BadUrl::Scheme(scheme) => (
            format!("Proxies cannot fetch from {scheme}://. Use oci:// for an image, https:// for a file."),
            format!("代理无法从 {scheme}:// 获取模块。镜像请用 oci://，文件请用 https://。"),
        ),
        BadUrl::Host => (
            "The host is missing or has characters that hosts do not have.".into(),
            "缺少主机名，或主机名含有不允许的字符。".into(),
        ),
        BadUrl::Port => ("The port must be a number from 1 to 65535.".into(), "端口必须是 1 到 65535 的数字。".into()),
        BadUrl::Credentials => (
            "Take user and password out of the address: everybody can read it. For images there are pull secrets."
                .into(),
            "请从地址中去掉用户名和密码，它们对所有人可见。镜像请使用拉取凭据。".into(),
        ),
        BadUrl::Repository => (
            "An image needs a repository after the host, in lower-case letters, digits and . _ - / .".into(),
            "镜像地址的主机名之后需要仓库名，只能使用小写字母、数字和 . _ - /。".into(),
        ),
        BadUrl::Tag => (
            "The tag after the colon has at most 128 letters, digits and . _ - .".into(),
            "冒号后的标签最多 128 个字符，只能使用字母、数字和 . _ -。".into(),
        ),
        BadUrl::ImageDigest => (
            "The digest after @ must be sha256: and 64 lower-case hexadecimal digits.".into(),
            "@ 之后的摘要必须是 sha256: 加 64 位小写十六进制数字。".into(),
        ),
        BadUrl::Path => (
            "Name the file after the host, such as /filters/openid.wasm.".into(),
            "请在主机名之后写明文件路径，例如 /filters/openid.wasm。".into(),
        ),
        BadUrl::Blank => (
            "There are blanks or invisible characters in the address. Remove them.".into(),
            "地址中有空格或不可见字符，请删除。".into(),
        ),
    };
    pick(lang, en, zh)
}

/// Why no proxy would get a plugin.
pub fn no_proxy(lang: Lang, why: NoProxy) -> &'static str {
    match why {
        NoProxy::NoPods => pick(
            lang,
            "The service has no pods now, so nobody would get the plugin. Start its workload first.",
            "该服务目前没有 Pod，插件不会到达任何代理。请先启动工作负载。",
        ),
        NoProxy::NoSidecar => pick(
            lang,
            "Its pods have no sidecar. Turn on injection for the namespace and restart them.",
            "其 Pod 没有边车。请为命名空间开启注入并重启 Pod。",
        ),
        NoProxy::AmbientWithoutWaypoint => pick(
            lang,
            "Its pods are in the ambient mesh without a waypoint. Make a waypoint for the service or its namespace.",
            "其 Pod 处于环境模式且没有路点代理。请为服务或命名空间创建路点代理。",
        ),
        NoProxy::Proxyless => pick(
            lang,
            "Its pods use proxyless gRPC: there is no Envoy that could run a plugin.",
            "其 Pod 使用无代理 gRPC，没有可以运行插件的 Envoy。",
        ),
        NoProxy::NoSelector => pick(
            lang,
            "The service has no selector of its own, so its pods are not known. Choose the service that stands before them.",
            "该服务没有自己的选择器，无法确定其 Pod。请选择真正对应这些 Pod 的服务。",
        ),
    }
}

/// A problem of an exchange: where, what, and the reader's own words, which say it most exactly.
fn exchange(lang: Lang, code: &str, path: &str, message: &str, at: Option<(u32, u32)>) -> String {
    let what = match code {
        "syntax" => pick(lang, "this cannot be read", "语法错误"),
        "version" => pick(lang, "unknown version", "不支持的版本"),
        "unknown_field" => pick(lang, "unknown field", "未知字段"),
        "missing_field" => pick(lang, "a field is missing", "缺少字段"),
        "duplicate_key" => pick(lang, "the same field twice", "字段重复"),
        "wrong_type" => pick(lang, "wrong type", "类型不符"),
        "conflict" => pick(lang, "these do not go together", "内容冲突"),
        "too_large" => pick(lang, "too large", "超过大小上限"),
        "limit_too_high" => pick(lang, "above the limit", "高于允许的上限"),
        _ => pick(lang, "this value cannot be used", "该值无效"),
    };
    let place = at.map(|(line, column)| {
        pick(lang, format!("line {line}, column {column}: "), format!("第 {line} 行第 {column} 列："))
    });
    let path = if path.is_empty() { String::new() } else { pick(lang, format!("{path}: "), format!("{path}：")) };
    let place = place.unwrap_or_default();
    pick(lang, format!("{place}{path}{what}: {message}"), format!("{place}{path}{what}（{message}）"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use marketplace_domain::{fetch::FetchProblem, problem::BadSecret};

    use super::*;

    fn all() -> Vec<Reason> {
        use BadUrl as B;
        use Reason as R;
        let text = || "x".to_owned();
        let urls = [
            B::Empty,
            B::TooLong,
            B::NoScheme(text()),
            B::Scheme(text()),
            B::Host,
            B::Port,
            B::Credentials,
            B::Repository,
            B::Tag,
            B::ImageDigest,
            B::Path,
            B::Blank,
        ];
        let nobody = [
            NoProxy::NoPods,
            NoProxy::NoSidecar,
            NoProxy::AmbientWithoutWaypoint,
            NoProxy::Proxyless,
            NoProxy::NoSelector,
        ];
        let rest = vec![
            R::Required,
            R::TooLong(3),
            R::NameMalformed,
            R::NameTaken,
            R::VersionTaken,
            R::VersionMalformed,
            R::NotAChoice,
            R::DigestMalformed,
            R::PriorityOutOfRange,
            R::YamlSyntax { line: 7, column: 9, message: text() },
            R::ConfigNotAnObject,
            R::ConfigTooLarge(9),
            R::NumberChanges(text()),
            R::SchemaType(text()),
            R::SchemaMinimum(text()),
            R::SchemaMaximum(text()),
            R::SchemaMinLength(3),
            R::SchemaMaxLength(3),
            R::SchemaMinItems(3),
            R::SchemaMaxItems(3),
            R::SchemaPattern(text()),
            R::SchemaEnum(vec![text()]),
            R::SchemaUnique,
            R::SchemaRequired(text()),
            R::SchemaUnknown(text()),
            R::SchemaOther(text()),
            R::EnvNameMalformed,
            R::EnvDuplicate,
            R::EnvReserved,
            R::EnvHostWithValue,
            R::TooMany(3),
            R::PortMalformed,
            R::PortDuplicate,
            R::PortsOnWaypoint,
            R::DirectionOnWaypoint,
            R::DirectionOnGateway,
            R::AlsoReaches(vec![text()]),
            R::NoHttpPort,
            R::EnvFromHost(text()),
            R::NotPinned,
            R::SecretMalformed,
            R::SecretNotImage,
            R::ResourceTaken,
            R::ServiceGone,
            R::WholeMeshUnconfirmed,
            R::WouldNotLoad,
            R::FileMissing,
            R::FileTooLarge(9),
            R::FileNotWasm,
            R::FileGone,
            R::FileUnchecked,
            R::ClusterRefused(text()),
            R::Conflict(vec![(text(), text())]),
            R::ChangedMeanwhile,
            R::ClusterAway(text()),
            R::DatabaseAway,
            R::CrdMissing,
            R::Forbidden(text()),
            R::Exchange { code: "wrong_type".into(), path: text(), message: text(), at: Some((7, 9)) },
            R::ModuleElsewhere(text()),
            R::ModuleNotFetched(FetchProblem::Busy),
            R::ModuleNotFetched(FetchProblem::LoginNeeded { registry: text() }),
            R::PullSecret { name: text(), why: BadSecret::Gone },
            R::PullSecret { name: text(), why: BadSecret::OtherType },
            R::PullSecret { name: text(), why: BadSecret::Forbidden },
            R::PullSecret { name: text(), why: BadSecret::Away },
            R::RunTooLarge(9),
        ];
        urls.into_iter().map(R::AddressBad).chain(nobody.into_iter().map(R::NoProxy)).chain(rest).collect()
    }

    #[test]
    fn every_reason_has_its_own_sentence_in_both_languages() {
        let mut seen = BTreeSet::new();
        for reason in all() {
            for lang in [Lang::En, Lang::Zh] {
                let text = sentence(lang, &reason);
                assert!(!text.trim().is_empty(), "{reason:?}");
                let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert_eq!(chinese, lang == Lang::Zh, "{text}");
                assert!(seen.insert(text), "{reason:?}");
            }
        }
    }

    #[test]
    fn yaml_errors_say_where() {
        let reason = Reason::YamlSyntax { line: 7, column: 9, message: "bad indent".into() };
        for lang in [Lang::En, Lang::Zh] {
            let text = sentence(lang, &reason);
            assert!(text.contains('7') && text.contains('9') && text.contains("bad indent"));
        }
    }
}
