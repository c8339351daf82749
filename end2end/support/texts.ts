/** The words of the pages that tests look for, in both languages. */
export type Lang = "en" | "zh";

const both = {
    tag: ["en", "zh-CN"],
    product: ["Plugin Marketplace", "插件市场"],

    // The frame.
    skip: ["Skip to the content", "跳到正文"],
    market: ["Marketplace", "插件市场"],
    traffic: ["Traffic", "流量"],
    installed: ["Traffic plugins", "流量插件"],
    activity: ["Activity", "操作记录"],
    demo: ["demo mesh", "演示网格"],
    navigation: ["Main navigation", "主导航"],
    menu: ["Menu", "菜单"],
    switchLanguage: ["切换到中文", "Switch to English"],
    notFound: ["Page not found", "页面不存在"],
    noSuchThing: ["There is no such thing here", "找不到该内容"],

    // Everywhere.
    search: ["Search", "搜索"],
    show: ["Show", "显示"],
    edit: ["Edit", "编辑"],
    delete: ["Delete", "删除"],
    cancel: ["Cancel", "取消"],
    nothingChanged: ["Nothing was changed", "没有做任何更改"],

    // The marketplace.
    addPlugin: ["Add plugin", "添加插件"],
    searchPlugins: ["Search plugins", "搜索插件"],
    noneFound: ["No plugin matches", "没有匹配的插件"],
    builtin: ["Built-in", "内置"],
    security: ["Security", "安全"],
    transformation: ["Transformation", "转换"],
    inUse: ["The plugin is in use", "插件正在使用中"],
    builtinStays: ["Built-in plugins stay as they are", "内置插件不可更改"],

    submitAdd: ["Add plugin", "添加插件"],
    submitEdit: ["Save", "保存"],
    addTitle: ["Add plugin", "添加插件"],
    deleteRefused: ["It cannot be deleted: it is in use", "无法删除：插件正在使用中"],
    deleteYes: ["Delete the plugin", "删除插件"],
    filters: ["Filters", "筛选"],
    applyFilters: ["Apply filters", "应用筛选"],
    clearFilters: ["Clear search and filters", "清除搜索与筛选"],
    source: ["Source", "来源"],
    category: ["Category", "类别"],
    sort: ["Sort", "排序"],
    builtinOnly: ["Built-in", "内置"],
    added: ["Added here", "自行添加"],
    results: ["Plugins", "插件"],
    authentication: ["Authentication", "认证"],
    notInUse: ["not in use", "未使用"],

    // A plugin's page.
    overview: ["Overview", "概述"],
    configuration: ["Configuration", "配置"],
    versions: ["Versions", "版本"],
    uses: ["In use", "使用情况"],
    module: ["Module", "模块"],
    about: ["About the plugin", "插件信息"],
    proposed: ["Proposed settings", "建议设置"],
    fields: ["Fields", "字段"],
    example: ["Example", "示例"],
    refuseTraffic: ["refuse traffic", "拒绝流量"],
    arrive: ["requests that arrive", "收到的请求"],
    applyToService: ["Apply to a service", "应用到服务"],
    maskingText: ["Masks phone numbers, ID cards", "对请求体和响应体中的手机号、身份证号"],
    noticeText: ["Shows a banner on HTML pages", "在 HTML 页面上展示公告横幅"],
    image: ["image of a registry", "镜像"],
    notAChoice: ["Choose one of the values offered.", "请选择列出的值之一。"],
    mustBeObject: ["This must be of the type object.", "类型必须是 object。"],

    // The two that come with the product.
    masking: ["Data masking", "数据脱敏"],
    maskingOther: ["数据脱敏", "Data masking"],
    maskingReadme: ["Hides personal data in response bodies", "隐藏响应体中的个人信息"],
    notice: ["Notice", "公告"],
    ownPatterns: ["Own patterns", "自定义规则"],
    heldAsWhole: ["Held as a whole (KiB)", "整体处理上限（KiB）"],

    // "Will it load?"
    loads: ["✓ loads", "✓ 可加载"],
    willItLoad: ["Will it load?", "能加载吗？"],
    needs: ["What it needs of the proxy", "它需要代理提供的函数"],
    checkAddress: ["Check the address", "检查地址"],
    upload: ["Upload", "上传"],
    yes: ["yes", "能"],
    fileNotWasm: ["not a whole WebAssembly module", "不是完整的 WebAssembly 模块"],
    fileTooLarge: ["larger than 16.0 MiB", "文件超过 16.0 MiB"],
    wouldNotLoad: ["Envoy would not load this module", "Envoy 不会加载该模块"],
    applyAllTheSame: ["Apply it all the same", "仍然应用"],

    // What is wrong with what was typed.
    required: ["Fill this in.", "请填写此项。"],
    nameMalformed: ["Use lower-case letters, digits and hyphens only", "只能使用小写字母、数字和连字符"],
    nameTaken: ["A plugin of this name exists already.", "已有同名插件"],
    versionMalformed: ["Use at most 64 letters, digits", "最多 64 个字符"],
    digestMalformed: ["A SHA-256 digest has 64 hexadecimal digits.", "SHA-256 摘要是 64 位十六进制数字。"],
    priorityRange: ["Give a whole number from 1 to 1000.", "请输入 1 到 1000 之间的整数。"],
    atMost1024: ["Must be at most 1024.", "不能大于 1024。"],
    atMostOneCharacter: ["Must have at most 1 characters.", "最多 1 个字符。"],
    mustBeInteger: ["This must be of the type integer.", "类型必须是 integer。"],
    envDuplicate: ["This variable stands above already.", "该变量重复"],
    envReserved: ["Names that begin with ISTIO_META_ are Istio's own.", "以 ISTIO_META_ 开头的名称由 Istio 保留"],
    envHostWithValue: ["A value taken from the proxy (HOST) cannot be given here", "取自代理（HOST）的变量不能再填写值"],
    envMalformed: ["Use letters, digits and underscores", "只能使用字母、数字和下划线"],
    portMalformed: ["Give port numbers from 1 to 65535", "请输入 1 到 65535 的端口号"],
    portsOnWaypoint: ["On a waypoint, plugins with ports never run.", "在路点代理上，限定端口的插件不会运行"],
    resourceTaken: ["The namespace has another resource of this name.", "该命名空间中已有同名资源"],
    schemeMissing: ["Istio would drop this address silently. Did you mean", "Istio 会静默忽略该地址。是否应为"],
    schemeWrong: ["Proxies cannot fetch from ftp://.", "代理无法从 ftp:// 获取模块。"],

    // Traffic and a service.
    applyPlugin: ["Apply a plugin", "应用插件"],
    noSidecar: ["Its pods have no sidecar.", "其 Pod 没有边车。"],
    noSidecarShort: ["no sidecar", "没有边车"],
    noWaypoint: ["in the ambient mesh without a waypoint", "处于环境模式且没有路点代理"],
    cannotReach: ["No plugin can reach this service", "插件无法作用于该服务"],
    noService: ["No service matches", "没有匹配的服务"],
    allNamespaces: ["All namespaces", "全部命名空间"],
    findService: ["Find a service", "查找服务"],
    namespace: ["Namespace", "命名空间"],
    waypoint: ["Waypoint", "路点代理"],
    sidecar: ["sidecar", "边车"],
    inOrder: ["Plugins, in the order they run", "插件（按执行顺序）"],

    // Applying.
    yaml: ["YAML", "YAML"],
    form: ["Form", "表单"],
    envAdd: ["+ add a variable", "+ 添加变量"],
    phaseDefault: ["Default", "默认"],
    router: ["router → service", "路由 → 服务"],
    thisPlugin: ["this plugin", "本插件"],
    proxies4: ["4 proxies", "4 个代理"],
    newResource: ["New: the cluster has no such resource.", "新增：集群中还没有该资源。"],
    apply: ["Apply", "应用"],
    save: ["Apply changes", "应用更改"],
    conflict: ["Somebody else owns these fields", "以下字段由他人管理"],
    foreign: ["Somebody else made this resource.", "该资源由他人创建。"],
    resource: ["The resource", "资源"],
    changes: ["Changes", "差异"],
    serviceGone: ["The service does not exist any more.", "该服务已不存在"],
    nobody: ["No proxy will get it", "没有代理会获得它"],

    outdated: ["newer version available", "有新版本"],
    keepsVersion: ["The resource keeps its version.", "资源的版本不变。"],

    // Trying.
    notFetched: ["Nothing ran, because the module could not be fetched.", "未运行：无法获取模块。"],
    crashed: ["crashed, and the client got 503", "崩溃，客户端收到 503"],
    limitHit: ["A limit of the sandbox stopped the run.", "运行因触及沙箱限制而停止"],
    tryIt: ["Try it", "试用"],
    run: ["Run", "运行"],
    runAgain: ["Run again", "再次运行"],
    editExchange: ["Edit the exchange", "编辑请求与响应"],
    editAndRunAgain: ["Edit and run again", "编辑后再次运行"],
    permalink: ["Address of this run", "该次运行的地址"],
    responseChanged: ["request and response were changed", "请求和响应都有改动"],
    accepted: ["accepted the configuration", "接受了配置"],
    trace: ["Trace of calls", "调用轨迹"],
    wrongType: ["wrong type", "类型不符"],
    unknownField: ["unknown field", "未知字段"],
    notInPlace: ["It stays YAML, so that nothing is lost.", "为避免丢失内容，将保留 YAML 方式。"],

    // Installed plugins.
    plugin: ["Plugin", "插件"],
    state: ["State", "状态"],
    filterInstalled: ["Filter by service or resource", "按服务或资源筛选"],
    notInMarket: ["not in the marketplace", "不在插件市场中"],
    refused: ["not loaded, traffic is refused", "未加载，流量被拒绝"],
    noInstalledFound: ["No installed plugin matches", "没有匹配的插件"],
    uninstallIt: ["Uninstall it", "确认卸载"],
    alreadyGone: ["It is not installed any more.", "它已不存在"],
    madeByOthers: ["Somebody else made this resource.", "该资源由他人创建。"],
} satisfies Record<string, readonly [string, string]>;

export type Texts = { [Key in keyof typeof both]: string } & Sentences;

/** Sentences with something in them. */
interface Sentences {
    loaded(loaded: number, all: number): string;
    applied(resource: string): string;
    removed(resource: string): string;
    applyTitle(plugin: string, service: string): string;
    editTitle(resource: string): string;
    editThis(resource: string): string;
    uninstallThis(resource: string): string;
    addTo(list: string): string;
    item(list: string, number: number): string;
    removeItem(list: string, number: number): string;
    yamlAt(line: number): RegExp;
    newer(from: string, to: string): string;
    moves(from: string, to: string): string;
}

export function texts(lang: Lang): Texts {
    const at = lang === "en" ? 0 : 1;
    const say = <T>(en: T, zh: T): T => (lang === "en" ? en : zh);
    const words = Object.fromEntries(Object.entries(both).map(([key, pair]) => [key, pair[at]]));
    const item = (list: string, number: number) => say(`${list}, item ${number}`, `${list}，第 ${number} 项`);
    const sentences: Sentences = {
        loaded: (loaded, all) => say(`${loaded} / ${all} loaded`, `已加载 ${loaded} / ${all}`),
        applied: (resource) => say(`${resource} is in the cluster.`, `${resource} 已写入集群。`),
        removed: (resource) => say(`${resource} was uninstalled.`, `${resource} 已卸载。`),
        applyTitle: (plugin, service) => say(`Apply ${plugin} to ${service}`, `将 ${plugin} 应用到 ${service}`),
        editTitle: (resource) => say(`Edit ${resource}`, `编辑 ${resource}`),
        editThis: (resource) => say(`Edit ${resource}`, `编辑 ${resource}`),
        uninstallThis: (resource) => say(`Uninstall ${resource}`, `卸载 ${resource}`),
        addTo: (list) => say(`+ add to ${list}`, `+ 添加：${list}`),
        item,
        removeItem: (list, number) => say(`Remove ${item(list, number)}`, `删除 ${item(list, number)}`),
        newer: (from, to) => say(`A newer version is in the catalogue: ${from} → ${to}.`, `插件市场有新版本：${from} → ${to}。`),
        moves: (from, to) => say(`This edit moves the plugin from ${from} to ${to}.`, `本次编辑会把插件从 ${from} 换为 ${to}。`),
        yamlAt: (line) => say(new RegExp(`at line ${line}, column \\d+`), new RegExp(`第 ${line} 行第 \\d+ 列`)),
    };
    return { ...(words as { [Key in keyof typeof both]: string }), ...sentences };
}
