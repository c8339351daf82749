//! Why a module cannot be fetched, and what to do about it.

use marketplace_domain::{
    Lang,
    fetch::{BadArchive, BadRealm, FetchProblem, Instead, Layout, Oversize},
    problem::BadSecret,
};

use super::{bytes, pick};

/// One sentence or two for each problem.
pub fn sentence(lang: Lang, problem: &FetchProblem) -> String {
    let (en, zh): (String, String) = match problem {
        FetchProblem::NotAllowed { host, address } => (
            format!("{host} is at {address}, a private address: the marketplace does not call those unless it was started with --allow-fetch-from. Proxies may reach it all the same."),
            format!("{host} 位于私有地址 {address}：除非以 --allow-fetch-from 启动，插件市场不会访问此类地址。代理仍可能访问到它。"),
        ),
        FetchProblem::HostUnknown { host } => (
            format!("Nobody here knows the host {host}. Check its spelling; a name that only the cluster knows cannot be looked at from here."),
            format!("无法解析主机 {host}。请检查拼写；仅在集群内有效的名称无法从这里检查。"),
        ),
        FetchProblem::Unreachable { host, words } => (
            format!("There is no connection to {host} ({words}). Check the port, and whether the server runs."),
            format!("无法连接 {host}（{words}）。请检查端口以及服务器是否在运行。"),
        ),
        FetchProblem::Tls { host, words } => (
            format!("{host} speaks no TLS that can be trusted ({words}). Renew its certificate, or use http:// if it has none."),
            format!("{host} 的 TLS 不可信（{words}）。请更新证书；若服务器没有证书，请使用 http://。"),
        ),
        FetchProblem::TimedOut { seconds } => (
            format!("The module did not arrive within {seconds} s. Proxies give up after 30 s; use a nearer or faster server."),
            format!("模块在 {seconds} 秒内未下载完成。代理会在 30 秒后放弃，请使用更近或更快的服务器。"),
        ),
        FetchProblem::Busy => (
            "Other addresses are being looked at right now. Try again in a moment.".into(),
            "正在检查其他地址，请稍后再试。".into(),
        ),
        FetchProblem::Status { host, status: 404 } => (
            format!("{host} has no such file (404). Check the path."),
            format!("{host} 上没有该文件（404），请检查路径。"),
        ),
        FetchProblem::Status { host, status: status @ (401 | 403) } => (
            format!("{host} refuses access ({status}). Files behind a login cannot be fetched by proxies; use an image with a pull secret."),
            format!("{host} 拒绝访问（{status}）。代理无法获取需要登录的文件，请改用镜像并配合拉取凭据。"),
        ),
        FetchProblem::Status { host, status } => (
            format!("{host} answered {status} where 200 is needed. Look at its log, then try again."),
            format!("{host} 返回 {status}，而不是 200。请查看其日志后重试。"),
        ),
        FetchProblem::Redirects => (
            "The address leads from one redirect to the next, or to something that is no web address. Give the last address itself.".into(),
            "该地址不断重定向，或重定向到无效地址。请直接填写最终地址。".into(),
        ),
        FetchProblem::LoginNeeded { registry } => (
            format!("{registry} asks for a login, so the marketplace cannot look: it keeps no passwords. Proxies use the pull secret that you name when you apply the plugin. A repository that does not exist is often answered like this, too."),
            format!("{registry} 需要登录，插件市场不保存密码，因此无法检查。代理会使用应用插件时指定的拉取凭据。仓库不存在时也常返回此结果。"),
        ),
        FetchProblem::LoginRefused { registry } => (
            format!("{registry} does not take the pull secret. Its key must be the registry exactly, with the port, and its user must be allowed to pull."),
            format!("{registry} 拒绝了拉取凭据。凭据的键必须与仓库地址（含端口）完全一致，且用户必须有拉取权限。"),
        ),
        FetchProblem::SecretMalformed => (
            "The pull secret is not of the type kubernetes.io/dockerconfigjson. Make it with kubectl create secret docker-registry.".into(),
            "拉取凭据不是 kubernetes.io/dockerconfigjson 类型。请用 kubectl create secret docker-registry 创建。".into(),
        ),
        FetchProblem::Realm { realm, why: BadRealm::NoAddress } => (
            format!("The registry's challenge has the realm “{realm}”. Istio's proxies refuse every realm that is no http(s) address, even with the right password: use token authentication in the registry."),
            format!("仓库的认证质询中 realm 为“{realm}”。即使密码正确，Istio 的代理也会拒绝不是 http(s) 地址的 realm：请在仓库中使用令牌认证。"),
        ),
        FetchProblem::Realm { realm, why: BadRealm::Private } => (
            format!("The registry sends one to log in at {realm}, and Istio's proxies do not go to private addresses for that. Give the token service a public name."),
            format!("仓库要求到 {realm} 登录，而 Istio 的代理不会访问私有地址进行认证。请为令牌服务配置公开的名称。"),
        ),
        FetchProblem::ImageMissing { registry, image } => (
            format!("{registry} has no {image}. Check repository and tag; perhaps it was not pushed yet."),
            format!("{registry} 上没有 {image}。请检查仓库和标签，也可能尚未推送。"),
        ),
        FetchProblem::NoPlatform => (
            "The image index has no image for linux/amd64, which is the one that proxies take. Push a single image.".into(),
            "镜像索引中没有代理所需的 linux/amd64 镜像。请推送单一镜像。".into(),
        ),
        FetchProblem::Manifest(words) => (
            format!("The registry's answer is no manifest that can be used ({words}). Push the image again with a current tool."),
            format!("仓库返回的不是可用的清单（{words}）。请使用较新的工具重新推送镜像。"),
        ),
        FetchProblem::NoLayers => (
            "The image has no layer. Build it FROM scratch with the module copied to /plugin.wasm.".into(),
            "镜像没有任何层。请以 FROM scratch 构建，并将模块复制到 /plugin.wasm。".into(),
        ),
        FetchProblem::ArtifactLayers { layers } => (
            format!("This artifact has {layers} layer(s), and Istio takes artifacts with exactly two. Push an image with /plugin.wasm in it instead."),
            format!("该制品有 {layers} 层，而 Istio 只接受恰好两层的制品。请改为推送包含 /plugin.wasm 的镜像。"),
        ),
        FetchProblem::LayerKind { found, wanted } => (
            format!("The last layer is “{found}”, and Istio reads only “{wanted}”. Push an ordinary image with /plugin.wasm in its last layer, compressed with gzip."),
            format!("最后一层的类型是“{found}”，而 Istio 只能读取“{wanted}”。请推送普通镜像，最后一层用 gzip 压缩并包含 /plugin.wasm。"),
        ),
        FetchProblem::NoPluginFile => (
            "There is no file plugin.wasm in the image's last layer. Rename the module, and copy it last.".into(),
            "镜像最后一层中没有 plugin.wasm 文件。请重命名模块，并最后复制它。".into(),
        ),
        FetchProblem::LayerDamaged => (
            "The registry sent a layer that does not have its digest. Push the image again, or look at what stands in between.".into(),
            "仓库发送的层与其摘要不符。请重新推送镜像，或检查中间的代理。".into(),
        ),
        FetchProblem::Archive(BadArchive::Gzip) => (
            "It looks like gzip and cannot be unpacked. It may be cut off; upload it again.".into(),
            "内容像是 gzip，但无法解压，可能不完整。请重新上传。".into(),
        ),
        FetchProblem::Archive(BadArchive::Tar) => (
            "The archive inside cannot be read. It may be cut off; pack it again.".into(),
            "其中的归档无法读取，可能不完整。请重新打包。".into(),
        ),
        FetchProblem::Archive(BadArchive::FirstIsNoFile) => (
            "The tar file begins with a folder, and Istio takes the first entry for the module. Pack the file alone.".into(),
            "tar 文件的第一项是目录，而 Istio 会把第一项当作模块。请只打包该文件。".into(),
        ),
        FetchProblem::TooLarge { what, most } => {
            let most = bytes(*most);
            match what {
                Oversize::Download => (
                    format!("The download is larger than {most}, more than the marketplace reads. Proxies read more; strip the module all the same."),
                    format!("下载内容超过 {most}，插件市场不再读取。代理可读取更大的文件，但仍建议精简模块。"),
                ),
                Oversize::Unpacked => (
                    format!("It unpacks to more than {most}. Leave everything but the module out of the archive."),
                    format!("解压后超过 {most}。请只在归档中保留模块。"),
                ),
                Oversize::Module => (
                    format!("The module is larger than {most}, more than the marketplace checks. Strip it, or leave out what it does not need."),
                    format!("模块超过 {most}，插件市场不再检查。请精简模块。"),
                ),
            }
        }
        FetchProblem::NotWasm(instead) => {
            let (en, zh) = match instead {
                Instead::Empty => ("nothing at all", "空内容"),
                Instead::Html => ("a web page", "网页"),
                Instead::Packed => ("packed in a way that Istio does not unpack", "Istio 无法解压的压缩格式"),
                Instead::Wat => ("WebAssembly as text", "文本格式的 WebAssembly"),
                Instead::Other => ("something else", "其他内容"),
            };
            (
                format!("What is there is not a WebAssembly module: it is {en}. Give the address of the .wasm file itself."),
                format!("该地址的内容不是 WebAssembly 模块，而是{zh}。请填写 .wasm 文件本身的地址。"),
            )
        }
        FetchProblem::Digest { wanted, found } => (
            format!("The digest does not fit: {} was given, {} is there. Copy it anew, if the new content is what you want.", wanted.short(), found.short()),
            format!("摘要不符：填写的是 {}，实际是 {}。如确认新内容无误，请重新复制摘要。", wanted.short(), found.short()),
        ),
        FetchProblem::IndexPinned { image } => (
            format!("This is the digest of an image index. Istio compares with the image for linux/amd64 inside: give {image}."),
            format!("这是镜像索引的摘要，而 Istio 比较的是其中 linux/amd64 镜像的摘要，请填写 {image}。"),
        ),
    };
    pick(lang, en, zh)
}

/// In which form a module was found.
pub fn layout(lang: Lang, layout: Layout) -> &'static str {
    match layout {
        Layout::Hosted => pick(lang, "served by this marketplace", "由本插件市场提供"),
        Layout::DockerImage => pick(lang, "Docker image", "Docker 镜像"),
        Layout::OciImage => pick(lang, "OCI image", "OCI 镜像"),
        Layout::OciArtifact => pick(lang, "OCI artifact", "OCI 制品"),
        Layout::File => pick(lang, "plain Wasm file", "普通 Wasm 文件"),
        Layout::Packed => pick(lang, "packed Wasm file", "压缩的 Wasm 文件"),
    }
}

/// Why the module of a plugin did not come, when it was to run.
pub fn nothing_ran(lang: Lang, problem: &FetchProblem) -> String {
    if let FetchProblem::LoginNeeded { registry } = problem {
        return pick(
            lang,
            format!(
                "Nothing ran: {registry} asks for a login. Try the plugin on a service and name a pull secret in the step Place; the run uses it as proxies do. A repository that does not exist is often answered like this, too."
            ),
            format!(
                "未运行：{registry} 需要登录。请在服务上试运行，并在“位置”步骤填写拉取凭据；试运行会像代理一样使用它。仓库不存在时也常返回此结果。"
            ),
        );
    }
    let why = sentence(lang, problem);
    pick(
        lang,
        format!("Nothing ran, because the module could not be fetched. {why}"),
        format!("未运行：无法获取模块。{why}"),
    )
}

/// Why a pull secret gives no login.
pub fn no_login(lang: Lang, name: &str, why: BadSecret) -> String {
    let (en, zh) = match why {
        BadSecret::Gone => (
            "there is no such Secret in this namespace. Create it, or check its name in the step Place.",
            "该命名空间中没有这个 Secret。请创建它，或在“位置”步骤检查名称。",
        ),
        BadSecret::OtherType => (
            "it is not of the type kubernetes.io/dockerconfigjson. Make it with kubectl create secret docker-registry.",
            "它不是 kubernetes.io/dockerconfigjson 类型。请用 kubectl create secret docker-registry 创建。",
        ),
        BadSecret::Forbidden => (
            "the marketplace may not read it. Proxies can use it all the same; to try the plugin here, allow the marketplace's account to get this Secret.",
            "插件市场无权读取它。代理仍可使用；若要在这里试运行，请允许插件市场的账号读取该 Secret。",
        ),
        BadSecret::Away => ("the cluster did not answer. Try again in a moment.", "集群没有响应，请稍后再试。"),
    };
    pick(
        lang,
        format!("Nothing ran for want of the pull secret {name}: {en}"),
        format!("未运行，无法使用拉取凭据 {name}：{zh}"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use marketplace_domain::Digest;

    use super::*;

    #[test]
    fn every_problem_has_its_own_sentence_in_both_languages() {
        use FetchProblem as P;
        let text = || "x".to_owned();
        let digest = || Digest::from_bytes([7; 32]);
        let all = [
            P::NotAllowed { host: text(), address: text() },
            P::HostUnknown { host: text() },
            P::Unreachable { host: text(), words: text() },
            P::Tls { host: text(), words: text() },
            P::TimedOut { seconds: 3 },
            P::Busy,
            P::Status { host: text(), status: 404 },
            P::Status { host: text(), status: 403 },
            P::Status { host: text(), status: 500 },
            P::Redirects,
            P::LoginNeeded { registry: text() },
            P::LoginRefused { registry: text() },
            P::SecretMalformed,
            P::Realm { realm: text(), why: BadRealm::NoAddress },
            P::Realm { realm: text(), why: BadRealm::Private },
            P::ImageMissing { registry: text(), image: text() },
            P::NoPlatform,
            P::Manifest(text()),
            P::NoLayers,
            P::ArtifactLayers { layers: 1 },
            P::LayerKind { found: text(), wanted: text() },
            P::NoPluginFile,
            P::LayerDamaged,
            P::Archive(BadArchive::Gzip),
            P::Archive(BadArchive::Tar),
            P::Archive(BadArchive::FirstIsNoFile),
            P::TooLarge { what: Oversize::Download, most: 9 },
            P::TooLarge { what: Oversize::Unpacked, most: 9 },
            P::TooLarge { what: Oversize::Module, most: 9 },
            P::NotWasm(Instead::Empty),
            P::NotWasm(Instead::Html),
            P::NotWasm(Instead::Packed),
            P::NotWasm(Instead::Wat),
            P::NotWasm(Instead::Other),
            P::Digest { wanted: digest(), found: digest() },
            P::IndexPinned { image: digest() },
        ];
        let mut seen = BTreeSet::new();
        for problem in &all {
            for lang in [Lang::En, Lang::Zh] {
                let text = sentence(lang, problem);
                let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert_eq!(chinese, lang == Lang::Zh, "{text}");
                assert!(seen.insert(text), "{problem:?}");
            }
        }
    }
}
