import type { Page } from "@playwright/test";
import { deletePlugin } from "../support/api.ts";
import { eventually, expect, field, problem, test } from "../support/fixtures.ts";
import { loads, refused } from "../support/wasm.ts";

const typed = { titleZh: "检查请求头", descriptionEn: "Checks a header.", descriptionZh: "检查请求头。", version: "1.0.0" };

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [name, text] of Object.entries(fields)) await field(page, name).fill(text);
}

/** Chooses a file; with scripts that sends it, without there is a button. */
async function upload(page: Page, scripts: boolean, button: string, name: string, buffer: Buffer): Promise<void> {
    await page.locator("#f-file").setInputFiles({ name, mimeType: "application/wasm", buffer });
    if (!scripts) await page.getByRole("button", { name: button, exact: true }).click();
    await expect(page).toHaveURL(/draft=/);
}

test("cards and the plugin's page say whether it loads", async ({ page, open, t, scripts }) => {
    await open("/?q=data-masking");
    const card = page.locator("ul.cards > li").filter({ has: page.locator('a[href="/plugins/data-masking"]') });
    await eventually(page, scripts, () => expect(card).toContainText(t.loads, { timeout: 300 }));
    await open("/?loads=yes&q=data-masking");
    await expect(card).toBeVisible();
    await open("/?loads=no&q=data-masking");
    await expect(card).toHaveCount(0);

    await open("/plugins/data-masking");
    const box = page.locator(".plugin-side .card", { has: page.getByRole("heading", { name: t.willItLoad }) });
    await expect(box).toContainText("proxy-wasm 0.2.1");
    await open("/plugins/data-masking?tab=module");
    await expect(page.getByRole("region", { name: t.needs })).toContainText("env.proxy_log");
});

test("an address is looked at before anything is saved", async ({ page, open, t, scripts }) => {
    await open("/plugins/new");
    await fill(page, { name: "not-saved", ...typed, url: "http://10.0.0.1/x.wasm" });
    const check = page.getByRole("button", { name: t.checkAddress });
    if (scripts) await expect(check).toBeHidden();
    else await check.click();
    await expect(page.locator(".module-answer")).toContainText("--allow-fetch-from");
    for (const [name, text] of Object.entries(typed)) await expect(field(page, name)).toHaveValue(text);
    await expect(page.locator("#summary")).toHaveCount(0);
});

test("a file is uploaded, checked, saved and served", async ({ page, open, t, scripts, unique }) => {
    const name = unique("uploaded");
    await open("/plugins/new");
    await fill(page, { name, ...typed });
    await upload(page, scripts, t.upload, "check.wasm", loads(name));
    await expect(page.locator(".uploaded")).toContainText("check.wasm");
    await expect(page.locator(".module-answer")).toContainText(t.yes);
    for (const [name, text] of Object.entries(typed)) await expect(field(page, name)).toHaveValue(text);
    await page.locator("main").getByRole("button", { name: t.submitAdd, exact: true }).last().click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
    await open(`/plugins/${name}?tab=module`);
    const main = page.locator("main");
    await expect(main).toContainText(/\/modules\/[0-9a-f]{64}\.wasm/);
    const [path] = (await main.innerText()).match(/\/modules\/[0-9a-f]{64}\.wasm/)!;
    const served = await page.request.get(path);
    expect(Buffer.compare(await served.body(), loads(name))).toBe(0);
    await deletePlugin(page.request, name);
});

test("a file that is no module is refused at its field", async ({ page, open, t, scripts }) => {
    await open("/plugins/new");
    await fill(page, { name: "kept", ...typed, url: "oci://r.example.com/p:1" });
    await upload(page, scripts, t.upload, "notes.txt", Buffer.from("hello, world"));
    await expect(problem(page, "file")).toContainText(t.fileNotWasm);
    await expect(field(page, "url")).toHaveValue("oci://r.example.com/p:1");
    await expect(field(page, "descriptionZh")).toHaveValue(typed.descriptionZh);
});

test("what Envoy would refuse is applied only after a word", async ({ page, open, t, scripts, unique }) => {
    const name = unique("refused");
    await open("/plugins/new");
    await fill(page, { name, ...typed });
    await upload(page, scripts, t.upload, "tiny.wasm", refused(name));
    await page.locator("main").getByRole("button", { name: t.submitAdd, exact: true }).last().click();
    await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));

    await open(`/services/shop/cart/apply/${name}?step=review`);
    await expect(page.locator(".drawer")).toContainText(t.wouldNotLoad);
    await page.locator("#next").click();
    await expect(problem(page, "confirmRefused")).not.toHaveText("");
    await expect(page).not.toHaveURL(/applied=/);
    await expect(page.getByLabel(t.applyAllTheSame)).not.toBeChecked();
    await deletePlugin(page.request, name);
});
