//! A plugin's page, and choosing a service for it.

use marketplace_domain::Lang;

use super::pick;

texts! {
    tabs: "About the plugin", "插件信息";
    overview: "Overview", "概述";
    configuration: "Configuration", "配置";
    versions: "Versions", "版本";
    uses: "In use", "使用情况";
    module: "Module", "模块";
    latest: "latest", "最新";
    show_version: "Show", "查看";
    apply: "Apply to a service", "应用到服务";
    try_it: "Try it", "试用";
    no_readme: "There is no README", "没有说明文档";
    no_readme_hint: "Whoever added the plugin gave none. What is known is under Configuration and Module.", "添加者没有提供说明文档。已知信息见“配置”与“模块”。";
    fields: "Fields", "字段";
    field: "Field", "字段";
    about: "What it does", "说明";
    kind: "Type", "类型";
    default: "Default", "默认值";
    limits: "Limits", "限制";
    required: "required", "必填";
    no_schema: "No schema is known", "没有配置模式";
    no_schema_hint: "The configuration can be written as YAML when the plugin is applied; the marketplace cannot check it.", "应用插件时可以用 YAML 编写配置，但插件市场无法检查其内容。";
    example: "Example", "示例";
    schema_json: "The schema as JSON", "JSON 格式的模式";
    added: "Added", "添加时间";
    address: "Address", "地址";
    digest: "SHA-256", "SHA-256";
    size: "Size", "大小";
    hosting: "Served by", "提供方";
    hosted: "this marketplace", "本插件市场";
    elsewhere: "somebody else", "外部";
    form: "Kind", "类型";
    image: "image of a registry", "镜像";
    file: "Wasm file", "Wasm 文件";
    unknown_digest: "not given", "未提供";
    proposed: "Proposed settings", "建议设置";
    phase: "Phase", "阶段";
    priority: "Priority", "优先级";
    if_it_fails: "If it fails", "失败时";
    direction: "Direction", "方向";
    origin: "Source", "来源";
    updated: "Updated", "更新时间";
    not_used: "No service uses it yet", "还没有服务使用";
    not_used_hint: "Apply it to a service: you see what is sent and who gets it before anything happens.", "将它应用到服务：执行前可以看到提交的内容和影响范围。";
    resource: "Resource", "资源";
    services: "Services", "服务";
    no_services: "reaches no service", "未作用于任何服务";
    actions: "Actions", "操作";
    choose_title: "Choose a service", "选择服务";
    find_service: "Find a service", "查找服务";
    find_placeholder: "Part of a service's name", "服务名称的一部分";
    all_namespaces: "All namespaces", "全部命名空间";
    choose: "Choose", "选择";
    none_found: "No service matches", "没有匹配的服务";
    none_found_hint: "Try a shorter part of the name, or all namespaces.", "请尝试更短的名称片段，或选择全部命名空间。";
    plugins_there: "plugins there", "已有插件";
    back_to_plugin: "Back to the plugin", "返回插件";
}

/// The sentence under the title of the page that chooses a service.
pub fn choose_lead(lang: Lang, plugin: &str) -> String {
    pick(
        lang,
        format!(
            "Which service should {plugin} work for? You configure it on the next page; nothing is changed before you review it."
        ),
        format!("选择 {plugin} 要作用的服务。下一页进行配置，确认之前不会做任何更改。"),
    )
}

/// The name of the link that chooses one service.
pub fn choose_this(lang: Lang, service: &str) -> String {
    pick(lang, format!("Choose {service}"), format!("选择 {service}"))
}
