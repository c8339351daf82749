import { expect, type APIRequestContext } from "@playwright/test";

/** The parts of the answer of `apply/view` that are used here. */
interface View {
    draft: { fields: Record<string, string> };
    problems: unknown[];
}

/** Applies a plugin as a form without scripts would, for tests that begin after it. */
export async function apply(
    request: APIRequestContext,
    service: { namespace: string; name: string },
    plugin: string,
    fields: Record<string, string>,
): Promise<void> {
    const about = { ...service, plugin };
    const seen = await request.get("/api/apply/view", { params: about });
    expect(seen.ok(), await seen.text()).toBe(true);
    const view = (await seen.json()) as View;
    const form: Record<string, string> = { ...about, step: "review", do: "apply" };
    for (const [name, text] of Object.entries({ ...view.draft.fields, ...fields })) form[`fields[${name}]`] = text;
    const sent = await request.post("/api/apply/submit", { form, headers: { accept: "text/html" }, maxRedirects: 0 });
    expect(sent.status(), await sent.text()).toBe(302);
    expect(sent.headers()["location"]).toContain("applied=");
}

/** Takes a resource out of the cluster, if it is there. */
export async function uninstall(request: APIRequestContext, namespace: string, resource: string): Promise<void> {
    const found = await request.get("/api/installed/one", { params: { namespace, resource } });
    if (!found.ok()) return;
    const { uid } = (await found.json()) as { uid: string };
    await request.post("/api/uninstall", { form: { namespace, resource, uid }, maxRedirects: 0 });
}

/** Adds a plugin with an address that nothing is behind; `fields` replaces or adds to what it has. */
export async function addPlugin(request: APIRequestContext, fields: { name: string } & Record<string, string>): Promise<void> {
    const all: Record<string, string> = {
        titleZh: "测试",
        descriptionEn: "For a test.",
        descriptionZh: "用于测试。",
        category: "traffic",
        version: "1.0.0",
        // Which plugin runs is told by its address, so each has its own.
        url: `http://127.0.0.1:9/${fields.name}.wasm`,
        phase: "UNSPECIFIED_PHASE",
        priority: "10",
        failStrategy: "FAIL_OPEN",
        direction: "SERVER",
        ...fields,
    };
    const form = Object.fromEntries(Object.entries(all).map(([name, text]) => [`fields[${name}]`, text]));
    const sent = await request.post("/api/plugin/save", { form, headers: { accept: "text/html" }, maxRedirects: 0 });
    expect(sent.headers()["location"], await sent.text()).toContain(`/plugins/${all.name}`);
}

/** Gives a plugin that was added another version, with another address. */
export async function addVersion(request: APIRequestContext, name: string, version: string): Promise<void> {
    const all: Record<string, string> = { titleZh: "测试", descriptionEn: "For a test.", descriptionZh: "用于测试。", category: "traffic" };
    Object.assign(all, { version, url: `http://127.0.0.1:9/${name}-${version}.wasm`, phase: "UNSPECIFIED_PHASE", priority: "10" });
    Object.assign(all, { failStrategy: "FAIL_OPEN", direction: "SERVER" });
    const form = { editing: name, ...Object.fromEntries(Object.entries(all).map(([field, text]) => [`fields[${field}]`, text])) };
    const sent = await request.post("/api/plugin/save", { form, headers: { accept: "text/html" }, maxRedirects: 0 });
    expect(sent.headers()["location"], await sent.text()).toContain(`/plugins/${name}`);
}

/** Deletes a plugin that was added. */
export async function deletePlugin(request: APIRequestContext, name: string): Promise<void> {
    await request.post("/api/plugin/delete", { form: { name }, maxRedirects: 0 });
}
