//! Adding, editing and deleting a plugin.

use marketplace_domain::Lang;

use super::pick;

texts! {
    add_title: "Add plugin", "添加插件";
    add_lead: "Two names, a sentence in each language, and the address of the module: that is all a plugin needs.", "只需中英文名称、两种语言的一句描述和模块地址。";
    edit_lead: "A new version or address adds a version; earlier ones stay for the services that use them.", "新的版本号或地址会新增一个版本；旧版本会为正在使用的服务保留。";
    about: "The plugin", "插件";
    name: "English name", "英文名称";
    name_hint: "Lower-case letters, digits and hyphens, at most 50. It is also the plugin's address here and cannot be changed later.", "小写字母、数字和连字符，最多 50 个字符。它也是插件在本站的地址，之后不能修改。";
    name_fixed: "The English name cannot be changed.", "英文名称不能修改。";
    title_zh: "Chinese name", "中文名称";
    title_zh_hint: "For example 数据脱敏.", "例如：数据脱敏。";
    description_en: "Description in English", "英文描述";
    description_zh: "Description in Chinese", "中文描述";
    description_hint: "One or two sentences, for the card in the marketplace.", "一两句话，显示在插件市场的卡片上。";
    category: "Category", "类别";
    module: "The module", "模块";
    version: "Version", "版本";
    version_hint: "For example 1.0.0.", "例如：1.0.0。";
    url: "Address", "地址";
    url_hint: "The proxies fetch it from there, so they must be able to reach it.", "代理会从该地址获取模块，因此必须能访问它。";
    url_kinds: "Two kinds of address", "两种地址";
    kind_image: "Image of a registry (recommended)", "镜像仓库中的镜像（推荐）";
    kind_image_about: "An OCI image with the module in it; pull secrets work with it.", "包含模块的 OCI 镜像，可配合拉取凭据使用。";
    kind_file: "File on a web server", "Web 服务器上的文件";
    kind_file_about: "The .wasm file itself; give its digest as well.", ".wasm 文件本身，建议同时填写摘要。";
    sha256: "SHA-256", "SHA-256";
    sha256_hint: "Of the file, or of the image's manifest. With it, every proxy runs exactly this content.", "文件或镜像清单的摘要。填写后，所有代理都会运行完全相同的内容。";
    proposed: "Proposed settings", "建议设置";
    proposed_hint: "What the Apply pages begin with; everybody can choose differently.", "应用插件时的初始值，使用者可以另行选择。";
    phase: "Phase", "阶段";
    priority: "Priority", "优先级";
    priority_hint: "1 to 1000; higher runs first in its phase.", "1 到 1000，同一阶段内数值大的先执行。";
    fail_strategy: "If it fails", "失败时";
    direction: "Direction", "方向";
    configuration: "Configuration and README", "配置与说明文档";
    schema: "Schema of the configuration", "配置的模式";
    schema_hint: "JSON Schema, as JSON or YAML. The Apply pages make a form from it and check what is typed.", "JSON Schema，可用 JSON 或 YAML 编写。应用页面会据此生成表单并检查输入。";
    example: "Example configuration", "示例配置";
    example_hint: "YAML.", "YAML 格式。";
    readme_en: "README in English", "英文说明文档";
    readme_zh: "README in Chinese", "中文说明文档";
    readme_hint: "Markdown.", "Markdown 格式。";
    submit_add: "Add plugin", "添加插件";
    submit_edit: "Save", "保存";
    checked: "Nothing is saved before you press the button.", "点击按钮之前不会保存任何内容。";
    delete_explained: "The plugin, all its versions and its READMEs leave the marketplace. This cannot be undone. The cluster is not touched.", "插件及其所有版本和说明文档将从插件市场移除，且无法恢复。集群不受影响。";
    delete_refused: "It cannot be deleted: it is in use", "无法删除：插件正在使用中";
    delete_refused_hint: "Uninstall it from these services first. Nothing was deleted.", "请先从以下服务中卸载。没有删除任何内容。";
    delete_yes: "Delete the plugin", "删除插件";
}

/// The title of the page that edits.
pub fn edit_title(lang: Lang, name: &str) -> String {
    pick(lang, format!("Edit {name}"), format!("编辑 {name}"))
}

/// The title of the page that deletes.
pub fn delete_title(lang: Lang, name: &str) -> String {
    pick(lang, format!("Delete {name}?"), format!("删除 {name}？"))
}

/// What a field of the form is called; empty for the form as a whole.
pub fn field(lang: Lang, field: &str) -> &'static str {
    match field {
        "name" => name(lang),
        "titleZh" => title_zh(lang),
        "descriptionEn" => description_en(lang),
        "descriptionZh" => description_zh(lang),
        "category" => category(lang),
        "version" => version(lang),
        "url" => url(lang),
        "sha256" => sha256(lang),
        "file" => super::module::file_label(lang),
        "phase" => phase(lang),
        "priority" => priority(lang),
        "failStrategy" => fail_strategy(lang),
        "direction" => direction(lang),
        "schema" => schema(lang),
        "example" => example(lang),
        "readmeEn" => readme_en(lang),
        "readmeZh" => readme_zh(lang),
        _ => "",
    }
}
