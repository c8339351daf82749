import type { Page } from "@playwright/test";
import { addPlugin, apply, deletePlugin, uninstall } from "../support/api.ts";
import { eventually, expect, field, problem, test } from "../support/fixtures.ts";

const good = {
    titleZh: "检查请求头",
    descriptionEn: "Checks that a header is there.",
    descriptionZh: "检查请求头是否存在。",
    version: "1.0.0",
    url: "oci://registry:5000/check-header:latest",
};

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(fields)) await field(page, name).fill(text);
}

test("a plugin is added, found, edited and deleted", async ({ page, open, t, unique }) => {
    test.setTimeout(60_000);
    const name = unique("check-header");
    const main = page.locator("main");

    await open("/");
    await main.getByRole("link", { name: t.addPlugin }).click();
    await expect(page.locator("h1")).toHaveText(t.addTitle);
    await fill(page, { name, ...good });
    await field(page, "category").selectOption("authentication");
    await field(page, "phase").selectOption("AUTHN");
    await field(page, "priority").fill("250");
    await field(page, "schema").fill('{"type": "object", "properties": {"header": {"type": "string", "title": "Header", "x-title-zh": "请求头"}}}');
    await field(page, "readmeEn").fill("# Hello\n\n**Bold** <script>alert(1)</script> [bad](javascript:alert(1))");
    await field(page, "readmeZh").fill("# 你好\n\n**粗体** <script>alert(1)</script>");
    await main.getByRole("button", { name: t.submitAdd }).click();

    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
    await expect(page.locator("h1")).toContainText(name);
    await expect(page.locator("h1")).toContainText(good.titleZh);
    await expect(main).toContainText(good.url);
    await expect(main).toContainText(t.image);
    await expect(main).toContainText("250");
    await expect(page.locator(".readme strong")).toBeVisible();
    await expect(page.locator(".readme script")).toHaveCount(0);
    await expect(page.locator('.readme a[href^="javascript"]')).toHaveCount(0);

    await open(`/?q=${name}&source=added`);
    const card = page.locator("ul.cards > li").filter({ has: page.locator(`a[href="/plugins/${name}"]`) });
    await expect(card).toContainText(good.titleZh);
    await expect(card).toContainText(t.added);

    await open(`/plugins/${name}`);
    await main.getByRole("link", { name: t.edit, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}/edit$`));
    await expect(field(page, "url")).toHaveValue(good.url);
    await expect(field(page, "category")).toHaveValue("authentication");
    await fill(page, { titleZh: "检查另一个请求头", version: "1.1.0", url: "https://bucket/filters/check-header.wasm" });
    await main.getByRole("button", { name: t.submitEdit, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
    await expect(page.locator("h1")).toContainText("检查另一个请求头");
    await open(`/plugins/${name}?tab=versions`);
    await expect(main).toContainText("v1.1.0");
    await expect(main).toContainText("v1.0.0");

    await main.getByRole("link", { name: t.delete, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}/delete$`));
    await main.getByRole("link", { name: t.cancel, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
    await main.getByRole("link", { name: t.delete, exact: true }).click();
    await main.getByRole("button", { name: t.deleteYes }).click();
    await expect(page).toHaveURL((url) => url.pathname === "/");
    await open(`/?q=${name}&source=added`);
    await expect(card).toHaveCount(0);
});

test("all that is wrong stands at its field, and what was typed stays", async ({ page, open, t }) => {
    const typed: Record<string, string> = {
        name: "Check Header!",
        titleZh: "检查",
        descriptionEn: "",
        descriptionZh: "描述 <b> & \"引号\"",
        version: "1 0",
        url: "10.0.0.5:5000/p",
        sha256: "ABC",
        priority: "1001",
        schema: "[1]",
        example: "a: [unclosed\nb: 1",
        readmeEn: "\n# kept",
    };
    await open("/plugins/new");
    await fill(page, typed);
    await field(page, "category").selectOption("traffic");
    await page.locator("main").getByRole("button", { name: t.submitAdd }).click();

    await expect(page).toHaveURL(/\/plugins\/new\?draft=/);
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(problem(page, "name")).toContainText(t.nameMalformed);
    await expect(problem(page, "descriptionEn")).toContainText(t.required);
    await expect(problem(page, "version")).toContainText(t.versionMalformed);
    await expect(problem(page, "url")).toContainText(t.schemeMissing);
    await expect(problem(page, "url")).toContainText("oci://10.0.0.5:5000/p");
    await expect(problem(page, "sha256")).toContainText(t.digestMalformed);
    await expect(problem(page, "priority")).toContainText(t.priorityRange);
    await expect(problem(page, "schema")).toContainText(t.mustBeObject);
    await expect(problem(page, "example")).toHaveText(t.yamlAt(2));
    await expect(problem(page, "titleZh")).toHaveText("");
    for (const [name, text] of Object.entries(typed)) await expect(field(page, name), name).toHaveValue(text);
    await expect(field(page, "category")).toHaveValue("traffic");
    for (const name of ["name", "url", "priority"]) await expect(field(page, name)).toHaveAttribute("aria-invalid", "true");

    // The summary leads to each field.
    await page.getByRole("alert").getByRole("link").first().click();
    await expect(field(page, "name")).toBeFocused();
});

test("other priorities and addresses that are none", async ({ page, open, t, unique }) => {
    await open("/plugins/new");
    await fill(page, { name: unique("refused"), ...good });
    for (const [what, typed, said] of [
        ["priority", "0", t.priorityRange],
        ["priority", "ten", t.priorityRange],
        ["url", "ftp://host/x.wasm", t.schemeWrong],
    ] as const) {
        await fill(page, { priority: "10", url: good.url, [what]: typed });
        await page.locator("main").getByRole("button", { name: t.submitAdd }).click();
        await expect(page).toHaveURL(/\/plugins\/new\?draft=/);
        await expect(problem(page, what)).toContainText(said);
        await expect(field(page, what)).toHaveValue(typed);
    }
});

test("a name that is taken is refused; mended, the same form is accepted", async ({ page, open, t, unique }) => {
    const name = unique("mended");
    await open("/plugins/new");
    await fill(page, { name: "data-masking", ...good });
    await page.locator("main").getByRole("button", { name: t.submitAdd }).click();
    await expect(page).toHaveURL(/\/plugins\/new\?draft=/);
    await expect(problem(page, "name")).toContainText(t.nameTaken);
    await expect(field(page, "name")).toHaveValue("data-masking");
    await expect(field(page, "url")).toHaveValue(good.url);
    await field(page, "name").fill(name);
    await page.locator("main").getByRole("button", { name: t.submitAdd }).click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
    await deletePlugin(page.request, name);
});

test("a plugin in use is not deleted: the page says where it is in use", async ({ page, open, t, scripts, unique }) => {
    const name = unique("used");
    await addPlugin(page.request, { name, titleZh: "使用中" });
    await open(`/plugins/${name}/delete`);
    await expect(page.getByRole("button", { name: t.deleteYes })).toBeVisible();
    await apply(page.request, { namespace: "shop", name: "cart" }, name, { name });

    // The page that asks is older than the use: the server refuses all the same.
    const sent = await page.request.post("/api/plugin/delete", { form: { name }, maxRedirects: 0 });
    expect(sent.status()).toBe(409);

    const main = page.locator("main");
    await eventually(page, scripts, () => expect(main).toContainText(t.deleteRefused, { timeout: 300 }));
    await expect(page.getByRole("button", { name: t.deleteYes })).toHaveCount(0);
    await expect(main).toContainText(`shop/${name}`);
    await expect(main.getByRole("link", { name: "shop/cart" })).toBeVisible();
    await open(`/plugins/${name}?tab=uses`);
    await expect(main).toContainText(`shop/${name}`);

    await uninstall(page.request, "shop", name);
    await open(`/plugins/${name}/delete`);
    await page.getByRole("button", { name: t.deleteYes }).click();
    await expect(page).toHaveURL((url) => url.pathname === "/");
    expect((await page.request.get(`/plugins/${name}`)).status()).toBe(404);
});

test("a built-in plugin is neither edited nor deleted", async ({ page, open, t }) => {
    await open("/plugins/data-masking/delete");
    await expect(page.locator("main")).toContainText(t.builtinStays);
    await expect(page.getByRole("button", { name: t.deleteYes })).toHaveCount(0);
    await open("/plugins/data-masking/edit");
    await expect(page.locator("main")).toContainText(t.builtinStays);

    const deleted = await page.request.post("/api/plugin/delete", { form: { name: "data-masking" }, maxRedirects: 0 });
    expect(deleted.status()).toBe(403);
    const fields = Object.fromEntries(Object.entries(good).map(([name, text]) => [`fields[${name}]`, text]));
    const edited = await page.request.post("/api/plugin/save", { form: { editing: "data-masking", ...fields }, maxRedirects: 0 });
    expect(edited.status()).toBe(403);
    await open("/plugins/data-masking");
    await expect(page.locator("h1")).toContainText(t.masking);
});

test("a change that another site sends is refused", async ({ page }) => {
    const sent = await page.request.post("/api/plugin/delete", {
        form: { name: "notice" },
        headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
        maxRedirects: 0,
    });
    expect(sent.status()).toBe(403);
    expect(await sent.text()).toContain("another site");
});
