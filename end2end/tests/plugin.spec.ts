import { expect, test } from "../support/fixtures.ts";

test("a plugin's page: names, README in the page's language, proposed settings", async ({ page, open, t }) => {
    await open("/?q=data-masking");
    await page.locator('a.plugin-link[href="/plugins/data-masking"]').click();
    await expect(page).toHaveURL(/\/plugins\/data-masking$/);
    await expect(page).toHaveTitle(`${t.masking} · ${t.product}`);
    await expect(page.locator("h1")).toContainText(t.masking);
    await expect(page.locator("h1")).toContainText(t.maskingOther);
    await expect(page.locator(".readme")).toContainText(t.maskingReadme);
    await expect(page.locator(".readme table").first()).toBeVisible();

    const proposed = page.locator("section.card", { has: page.getByRole("heading", { name: t.proposed }) });
    for (const word of [t.phaseDefault, "100", t.refuseTraffic, t.arrive]) await expect(proposed).toContainText(word);

    // It came with the product: nobody edits or deletes it.
    const main = page.locator("main");
    await expect(main.getByRole("link", { name: t.edit, exact: true })).toHaveCount(0);
    await expect(main.getByRole("link", { name: t.delete, exact: true })).toHaveCount(0);
    await expect(main.getByRole("link", { name: t.applyToService })).toBeVisible();
});

test("tabs have addresses: schema, versions, uses, module", async ({ page, open, t }) => {
    await open("/plugins/data-masking");
    const tabs = page.getByRole("navigation", { name: t.about });
    const go = async (name: string, tab: string) => {
        await tabs.getByRole("link", { name: new RegExp(`^${name}`) }).click();
        await expect(page).toHaveURL(new RegExp(`tab=${tab}`));
        await expect(tabs.locator('[aria-current="page"]')).toContainText(name);
    };

    await go(t.configuration, "configuration");
    const fields = page.getByRole("region", { name: t.fields });
    const row = (path: string) => fields.getByRole("row").filter({ has: page.getByText(path, { exact: true }) });
    await expect(row("maxBodyKiB")).toContainText(t.heldAsWhole);
    await expect(row("maxBodyKiB")).toContainText("integer");
    await expect(row("maxBodyKiB")).toContainText("512");
    await expect(row("maxBodyKiB")).toContainText("1024");
    await expect(row("patterns[].match")).toContainText("string");
    await expect(page.getByRole("region", { name: t.example })).toContainText('match: "order-([0-9]{8,})"');

    await go(t.versions, "versions");
    await expect(page.getByRole("region", { name: t.versions })).toContainText("v1.1.0");

    await go(t.uses, "uses");

    await go(t.module, "module");
    await expect(page.locator("main")).toContainText(/\/modules\/[0-9a-f]{64}\.wasm/);
    await expect(page.locator("main")).toContainText(/KiB/);

    await open("/plugins/data-masking?tab=configuration");
    await expect(fields).toBeVisible();
});

test("the module is served as the page says", async ({ page, open }) => {
    await open("/plugins/data-masking?tab=module");
    const text = await page.locator("main").innerText();
    const [path, digest] = text.match(/\/modules\/([0-9a-f]{64})\.wasm/)!;
    const answer = await page.request.get(path);
    expect(answer.status()).toBe(200);
    expect(answer.headers()["content-type"]).toBe("application/wasm");
    expect(answer.headers()["cache-control"]).toContain("immutable");
    const { createHash } = await import("node:crypto");
    expect(createHash("sha256").update(await answer.body()).digest("hex")).toBe(digest);
});

test("from the plugin to a service", async ({ page, open, t }) => {
    await open("/plugins/notice");
    await page.locator("main").getByRole("link", { name: t.applyToService }).click();
    await expect(page).toHaveURL(/\/plugins\/notice\/apply$/);
    await page.locator("main [data-search]").fill("detail");
    await page.locator("main").getByRole("button", { name: t.search, exact: true }).click();
    await expect(page).toHaveURL(/text=detail/);
    await expect(page.locator("li.service-choice")).toHaveCount(1);
    await page.locator("li.service-choice a.button").click();
    await expect(page.locator("#drawer-title")).toHaveText(t.applyTitle("notice", "details"));
});

test("a service that no plugin can reach cannot be chosen, and says why", async ({ page, open, t }) => {
    await open("/plugins/notice/apply?text=legacy");
    const choice = page.locator("li.service-choice");
    await expect(choice).toContainText(t.noSidecar);
    await expect(choice.locator("a.button")).toHaveCount(0);
});
