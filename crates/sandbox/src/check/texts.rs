//! What was found, in words, in both languages side by side: what it is, and what to do.

use marketplace_domain::Lang;

use super::found::{Looks, What};

/// A text in the language that is asked for.
fn pick(lang: Lang, en: impl Into<String>, zh: impl Into<String>) -> String {
    match lang {
        Lang::En => en.into(),
        Lang::Zh => zh.into(),
    }
}

/// One sentence on the module as a whole, by its first refusal, or else by what kept refusals from being found.
#[must_use]
pub fn summary(lang: Lang, refusal: Option<&What>, warnings: usize) -> String {
    match (refusal, warnings) {
        (Some(what @ (What::NotWasm(_) | What::Component | What::NotSettled)), _) => text(lang, what),
        (Some(What::CrashesEnvoy(name, _)), _) => pick(
            lang,
            format!("Envoy itself dies over this module: {name} has a type that it cannot name."),
            format!("该模块会使 Envoy 崩溃：{name} 的类型是 Envoy 无法表示的。"),
        ),
        (Some(what), _) => {
            let why = text(lang, what);
            let mut letters = why.chars();
            let lower = match letters.next() {
                Some(first) if why.starts_with("It ") || why.starts_with("There ") || why.starts_with("The ") => {
                    first.to_lowercase().chain(letters).collect()
                }
                _ => why,
            };
            pick(lang, format!("Envoy refuses this module: {lower}"), format!("Envoy 拒绝加载该模块：{lower}"))
        }
        (None, 0) => pick(lang, "Envoy loads this module.", "Envoy 可以加载该模块。"),
        (None, 1) => pick(
            lang,
            "Envoy loads this module; there is one thing to know about it.",
            "Envoy 可以加载该模块，但有一点需要注意。",
        ),
        (None, many) => pick(
            lang,
            format!("Envoy loads this module; there are {many} things to know about it."),
            format!("Envoy 可以加载该模块，但有 {many} 点需要注意。"),
        ),
    }
}

/// What was found.
#[must_use]
pub fn text(lang: Lang, what: &What) -> String {
    let (en, zh): (String, String) = match what {
        What::NotWasm(looks) => return looks_like(lang, *looks),
        What::Component => (
            "This is a WebAssembly component, not a core module.".into(),
            "这是 WebAssembly 组件（component），而不是核心模块。".into(),
        ),
        What::Truncated => (
            "The file is cut short, damaged, or has something behind its last section.".into(),
            "文件不完整、已损坏，或在最后一个节之后还有多余内容。".into(),
        ),
        What::AbiMissing(None) => (
            "It is no Proxy-Wasm plugin: no export proxy_abi_version_* says which ABI it speaks.".into(),
            "它不是 Proxy-Wasm 插件：没有 proxy_abi_version_* 导出来说明所用的 ABI。".into(),
        ),
        What::AbiMissing(Some(name)) => (
            format!("The marker {name} is exported, but not as a function, so it does not count."),
            format!("标记 {name} 已导出，但不是函数，因此无效。"),
        ),
        What::AbiVendor(name) => (
            format!("It is built for Higress only: its marker {name} is unknown to Envoy and Istio."),
            format!("它只为 Higress 构建：Envoy 和 Istio 不认识标记 {name}。"),
        ),
        What::AbiUnknown(name) => {
            (format!("Its marker {name} is unknown to Envoy."), format!("Envoy 不认识它的标记 {name}。"))
        }
        What::Invalid(words) => (
            format!("It is no valid WebAssembly: {}.", words.trim_end_matches('.')),
            format!("它不是有效的 WebAssembly：{}。", words.trim_end_matches('.')),
        ),
        What::FeatureOff(words) => (
            format!("It needs a WebAssembly proposal that Envoy does not run: {}.", words.trim_end_matches('.')),
            format!("它需要 Envoy 不支持的 WebAssembly 提案：{}。", words.trim_end_matches('.')),
        ),
        What::TableLimit(elements) => (
            format!("A table of up to {elements} elements is more than the 10000000 that Envoy gives."),
            format!("表最多有 {elements} 个元素，超过 Envoy 允许的 10000000 个。"),
        ),
        What::ImportMissing(name, None) => (
            format!("It needs the host function {name}, which Envoy does not have."),
            format!("它需要宿主函数 {name}，而 Envoy 没有提供。"),
        ),
        What::ImportMissing(name, Some(version)) => (
            format!("It needs the host function {name}, which Envoy serves only to modules of ABI {version}."),
            format!("它需要宿主函数 {name}，而 Envoy 只向 ABI {version} 的模块提供。"),
        ),
        What::ImportVendor(name) => (
            format!("It needs the host function {name}, which only Higress has."),
            format!("它需要宿主函数 {name}，只有 Higress 提供。"),
        ),
        What::ImportType { name, module, host } => (
            format!("It imports {name} as `{module}`, but Envoy has it as `{host}`."),
            format!("它以 `{module}` 导入 {name}，而 Envoy 中的类型是 `{host}`。"),
        ),
        What::CrashesEnvoy(name, ty) => (
            format!("{name} has the type `{ty}`, and Envoy dies when it meets it."),
            format!("{name} 的类型是 `{ty}`，Envoy 遇到它会崩溃。"),
        ),
        What::MemoryImport => (
            "It imports its memory in a way Envoy cannot serve: shared, 64-bit, or more than one.".into(),
            "它导入内存的方式 Envoy 无法满足：共享内存、64 位内存或多个内存。".into(),
        ),
        What::MemoryLimit(pages) => (
            format!("It begins with {pages} pages of memory; Envoy gives at most 16384 (1 GiB)."),
            format!("它的初始内存为 {pages} 页，Envoy 最多给 16384 页（1 GiB）。"),
        ),
        What::SegmentOutside(words) => (
            format!("It cannot be instantiated: {words}."),
            format!("它无法实例化：{words}。"),
        ),
        What::NoAllocator => (
            "It exports neither malloc nor proxy_on_memory_allocate, so Envoy has nowhere to put data.".into(),
            "它既没有导出 malloc，也没有导出 proxy_on_memory_allocate，Envoy 无处放置数据。".into(),
        ),
        What::ExportType { name, module, want } => (
            format!("It exports {name} as `{module}`, but Envoy wants `{want}`."),
            format!("它以 `{module}` 导出 {name}，而 Envoy 要求 `{want}`。"),
        ),
        What::AbiOld(_) => (
            "It speaks ABI 0.1.0, where a missing header reads as empty and trailers and streams are handled otherwise."
                .into(),
            "它使用 ABI 0.1.0：缺失的请求头会读成空值，部分接口与新版本不同。".into(),
        ),
        What::SeveralMarkers(names) => (
            format!("It exports several markers ({}); Envoy takes the first that it knows.", names.join(", ")),
            format!("它导出了多个标记（{}），Envoy 使用第一个认识的。", names.join("、")),
        ),
        What::NoMemory => (
            "It shares no memory with its host: every call that passes data will fail.".into(),
            "它没有与宿主共享内存：所有传递数据的调用都会失败。".into(),
        ),
        What::NoHttpCallbacks => (
            "It has none of the callbacks for requests and responses, so it does nothing to HTTP.".into(),
            "它没有任何处理请求或响应的回调，因此不会影响 HTTP。".into(),
        ),
        What::NoNameSection => (
            "It carries no names of functions: when it traps, nobody can see where.".into(),
            "它不含函数名：发生陷阱（trap）时无法看出位置。".into(),
        ),
        What::Grpc(_) => (
            "It makes gRPC calls, which reach only clusters that the proxy knows and that speak HTTP/2.".into(),
            "它会发起 gRPC 调用，只能到达代理已知且使用 HTTP/2 的集群。".into(),
        ),
        What::ForeignFunction => (
            "It calls functions of the host by name; which ones there are differs from proxy to proxy.".into(),
            "它按名称调用宿主的扩展函数，不同代理提供的函数不同。".into(),
        ),
        What::SandboxFeature(words) => (
            format!("Envoy runs it, but the dry run here cannot: {}.", words.trim_end_matches('.')),
            format!("Envoy 可以运行它，但这里无法试运行：{}。", words.trim_end_matches('.')),
        ),
        What::SandboxMemory(pages) => (
            format!("It begins with {pages} pages of memory; the dry run here gives at most 4096 (256 MiB)."),
            format!("它的初始内存为 {pages} 页，这里试运行最多给 4096 页（256 MiB）。"),
        ),
        What::SandboxTable(0) => (
            "It has more tables than the dry run here gives.".into(),
            "它的表数量超过这里试运行的上限。".into(),
        ),
        What::SandboxTable(elements) => (
            format!("A table of {elements} elements is more than the 100000 that the dry run here gives."),
            format!("表有 {elements} 个元素，超过这里试运行允许的 100000 个。"),
        ),
        What::NotSettled => (
            "Validating it takes longer than a check may take, so it was not settled whether its code is valid.".into(),
            "验证该模块所需的时间超过检查的上限，因此未能确定其代码是否有效。".into(),
        ),
        What::WasiStub(names) => (
            format!("In Envoy these functions of WASI do nothing: {}.", names.join(", ")),
            format!("以下 WASI 函数在 Envoy 中不起作用：{}。", names.join("、")),
        ),
        What::Size(bytes) => (
            format!("It has {bytes} bytes, and each proxy fetches, compiles and keeps them."),
            format!("它有 {bytes} 字节，每个代理都要下载、编译并保存。"),
        ),
        What::DebugSections(bytes) => (
            format!("{bytes} bytes of it are for debuggers only."),
            format!("其中 {bytes} 字节仅供调试器使用。"),
        ),
    };
    pick(lang, en, zh)
}

fn looks_like(lang: Lang, looks: Looks) -> String {
    let (en, zh) = match looks {
        Looks::Empty => ("The file is empty.", "文件是空的。"),
        Looks::Gzip => {
            ("This is a gzip archive, not a WebAssembly module.", "这是 gzip 压缩文件，不是 WebAssembly 模块。")
        }
        Looks::Tar => {
            ("This is a tar archive, not a WebAssembly module.", "这是 tar 归档文件，不是 WebAssembly 模块。")
        }
        Looks::Zip => {
            ("This is a zip archive, not a WebAssembly module.", "这是 zip 压缩文件，不是 WebAssembly 模块。")
        }
        Looks::Zstd => (
            "This is a Zstandard archive, not a WebAssembly module.",
            "这是 Zstandard 压缩文件，不是 WebAssembly 模块。",
        ),
        Looks::Executable => (
            "This is a program or library for an operating system, not a WebAssembly module.",
            "这是操作系统的程序或库文件，不是 WebAssembly 模块。",
        ),
        Looks::Wat => {
            ("This is WebAssembly as text, not a compiled module.", "这是文本格式的 WebAssembly，不是编译后的模块。")
        }
        Looks::Html => ("This is a web page, not a WebAssembly module.", "这是网页，不是 WebAssembly 模块。"),
        Looks::Json => (
            "This is JSON, perhaps the manifest of an image, not a WebAssembly module.",
            "这是 JSON（可能是镜像清单），不是 WebAssembly 模块。",
        ),
        Looks::GitLfs => {
            ("This is a pointer of Git LFS, not the module itself.", "这是 Git LFS 的指针文件，不是模块本身。")
        }
        Looks::Text => ("This is text, not a WebAssembly module.", "这是文本，不是 WebAssembly 模块。"),
        Looks::Other => ("This is not a WebAssembly module.", "这不是 WebAssembly 模块。"),
    };
    pick(lang, en, zh)
}

/// What to do.
#[must_use]
pub fn advice(lang: Lang, what: &What) -> String {
    let (en, zh) = match what {
        What::NotWasm(Looks::Gzip | Looks::Tar | Looks::Zip | Looks::Zstd) => {
            ("Unpack it and give the .wasm file inside.", "请解压并提供其中的 .wasm 文件。")
        }
        What::NotWasm(Looks::Html) => (
            "The address leads to a page, not to a file: use the address of the download itself.",
            "该地址指向网页而非文件，请使用文件的下载地址。",
        ),
        What::NotWasm(Looks::Json) => (
            "Give the module itself, or fetch the image by oci:// so that its layers are read.",
            "请提供模块本身，或使用 oci:// 地址拉取镜像。",
        ),
        What::NotWasm(Looks::Wat) => ("Compile it first, for instance with wat2wasm.", "请先编译，例如使用 wat2wasm。"),
        What::NotWasm(Looks::GitLfs) => {
            ("Run git lfs pull and give the file again.", "请执行 git lfs pull 后重新提供文件。")
        }
        What::NotWasm(_) => {
            ("Give the .wasm file that the plugin's build writes.", "请提供插件构建产生的 .wasm 文件。")
        }
        What::Component => (
            "Build a core module: for Rust the target wasm32-wasip1 or wasm32-unknown-unknown, without componentizing.",
            "请构建核心模块：Rust 使用 wasm32-wasip1 或 wasm32-unknown-unknown 目标，不要转换为组件。",
        ),
        What::Truncated => ("Download or build it again, and compare its digest.", "请重新下载或构建，并核对摘要。"),
        What::AbiMissing(_) => {
            ("Build it with a Proxy-Wasm SDK, which adds the marker.", "请使用 Proxy-Wasm SDK 构建，SDK 会添加该标记。")
        }
        What::AbiVendor(_) | What::ImportVendor(_) => (
            "Run it on Higress, or look for a plugin that is built with the plain Proxy-Wasm SDK.",
            "请在 Higress 上运行，或改用基于标准 Proxy-Wasm SDK 构建的插件。",
        ),
        What::AbiUnknown(_) => (
            "Build it with an SDK of ABI 0.2.1, which Envoy and Istio know.",
            "请使用支持 ABI 0.2.1 的 SDK 构建，Envoy 和 Istio 都支持该版本。",
        ),
        What::Invalid(_) => {
            ("Build it again with another version of the compiler.", "请使用其他版本的编译器重新构建。")
        }
        What::FeatureOff(_) => (
            "Build it without this proposal; compilers have a flag for each.",
            "请关闭该提案后重新构建，编译器为每个提案都提供了选项。",
        ),
        What::TableLimit(_) => ("Make the table smaller.", "请减小表的大小。"),
        What::ImportMissing(_, Some(_)) => {
            ("Build it with an SDK whose functions fit its marker.", "请使用函数与标记版本一致的 SDK 构建。")
        }
        What::ImportMissing(_, None) => (
            "Build it without this function, or ask its author for a build for Envoy.",
            "请去掉对该函数的依赖，或向作者索取面向 Envoy 的版本。",
        ),
        What::ImportType { .. } | What::ExportType { .. } => (
            "Declare the function as Envoy has it; an SDK of the same ABI version does.",
            "请按 Envoy 的类型声明该函数，使用同一 ABI 版本的 SDK 即可。",
        ),
        What::CrashesEnvoy(..) => (
            "Do not deploy it. Use numbers in the types of what is imported and exported.",
            "请勿部署。导入和导出的函数类型中只能使用数值类型。",
        ),
        What::MemoryImport => ("Define the memory in the module and export it.", "请在模块中定义内存并导出。"),
        What::MemoryLimit(_) => {
            ("Set a smaller initial memory in the linker's options.", "请在链接选项中减小初始内存。")
        }
        What::SegmentOutside(_) => (
            "Build it again: the memory or table it declares is too small for what it puts there.",
            "请重新构建：声明的内存或表容纳不下要放入的数据。",
        ),
        What::NoAllocator => (
            "Export a function malloc that takes a size and returns an address; SDKs do.",
            "请导出接收大小并返回地址的 malloc 函数，SDK 会自动导出。",
        ),
        What::AbiOld(_) => ("Build it with a newer SDK.", "请使用较新的 SDK 构建。"),
        What::SeveralMarkers(_) => ("Link only one SDK into it.", "请只链接一个 SDK。"),
        What::NoMemory => ("Export the memory.", "请导出内存。"),
        What::NoHttpCallbacks => (
            "If it is a network filter or a service without requests, use it as such; else export the callbacks.",
            "如果它是网络过滤器或后台服务，请按相应方式使用；否则请导出回调函数。",
        ),
        What::NoNameSection => ("Keep the name section when stripping the module.", "精简模块时请保留 name 节。"),
        What::Grpc(_) => (
            "Check the cluster's name on the proxy; in Istio it is like outbound|80||name.namespace.svc.cluster.local.",
            "请确认代理上的集群名；在 Istio 中形如 outbound|80||name.namespace.svc.cluster.local。",
        ),
        What::ForeignFunction => (
            "Try it: the report names the functions that were called and whether Envoy has them.",
            "请试运行：报告会列出调用的函数以及 Envoy 是否支持。",
        ),
        What::SandboxFeature(_) | What::SandboxMemory(_) | What::SandboxTable(_) => {
            ("Try it on a proxy that does not matter before it is applied.", "应用之前，请先在不重要的代理上试用。")
        }
        What::NotSettled => (
            "Try it: a run compiles it, and says whether Envoy would load it. Ordinary code of several megabytes is no \
             reason for it: ask whoever built the module what it is made of.",
            "请试运行：运行时会编译该模块，并给出 Envoy 是否会加载的结论。数兆字节的普通代码不会导致这种情况，请向构建者了解该模块的内容。",
        ),
        What::WasiStub(_) => {
            ("Nothing to do, unless the plugin relies on them.", "通常无需处理，除非插件依赖这些函数。")
        }
        What::Size(_) => (
            "Build it for size and strip it, or write it in a language with a smaller runtime.",
            "请按体积优化并精简，或改用运行时更小的语言。",
        ),
        What::DebugSections(_) => ("Strip them, for instance with wasm-strip.", "请去除调试节，例如使用 wasm-strip。"),
    };
    pick(lang, en, zh)
}
