import { Drawer } from "../support/drawer.ts";
import { addPlugin, deletePlugin } from "../support/api.ts";
import { axe, expect, field, test } from "../support/fixtures.ts";
import { answering } from "../support/wasm.ts";

const alone = "/plugins/data-masking/try";

test("a plugin is tried, the result shown, shared by its address, edited and run again", async ({ page, open, t, scripts }) => {
    test.setTimeout(60_000);
    const drawer = new Drawer(page);

    await test.step("from the plugin's page", async () => {
        await open("/plugins/data-masking");
        await page.locator("main").getByRole("link", { name: t.tryIt }).click();
        await expect(page).toHaveURL(new RegExp(`${alone}$`));
        await expect(page.locator("#step-try")).toHaveAttribute("aria-current", "step");
        await expect(page.locator("#step-place")).toHaveCount(0);
    });

    await test.step("an exchange is typed and run", async () => {
        await drawer.press("try-yaml");
        await drawer.field("try.yaml").fill(
            'request: {path: /reviews/7}\nupstream:\n  headers: [[content-type, application/json]]\n  body: \'{"phone":"13800138000","text":"play"}\'\n',
        );
        await drawer.press("try-form");
        await expect(drawer.field("try.request.path")).toHaveValue("/reviews/7");
        await drawer.field("try.upstream.body").fill('{"phone": "13900139000", "text": "play"}');
        await drawer.press("run");
        await expect(page.locator("#result")).toBeVisible();
        await expect(page.locator(".run-outcome")).toContainText(t.responseChanged);
        await expect(page.locator(".run-figures")).toContainText(t.accepted);
        await expect(page.locator("del.side").filter({ hasText: "13900139000" })).toHaveCount(1);
        await expect(page.locator("ins.side").filter({ hasText: "139" })).toHaveCount(1);
        await expect(page.locator("#run")).toHaveText(t.runAgain);
    });

    const own = await test.step("its own page", async () => {
        await page.getByRole("link", { name: t.permalink }).click();
        await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/);
        await page.locator("#trace summary").click();
        await expect(page.locator("table.trace")).toContainText("proxy_on_response_body");
        if (scripts) expect(await axe(page)).toEqual([]);
        return page.url();
    });

    await test.step("edited and run again", async () => {
        await page.getByRole("link", { name: t.editAndRunAgain }).click();
        await expect(drawer.field("try.upstream.body")).toHaveValue('{"phone": "13900139000", "text": "play"}');
        await drawer.field("try.request.path").fill("/reviews/8");
        await drawer.press("run");
        await expect(page.locator("#run-request ~ .sides")).toContainText("GET /reviews/8");
        if (scripts) expect(await axe(page)).toEqual([]);
        await page.goto(own);
        await expect(page.locator("#run-request ~ .sides")).toContainText("GET /reviews/7");
    });
});

test("what is wrong is said at its field, and nothing that was typed is lost", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(alone);
    await drawer.field("try.upstream.status").fill("2OO");
    await drawer.field("try.more").fill("seed: 1\nclok: now\n");
    await drawer.press("run");
    await expect(drawer.problem("try.upstream.status")).toContainText(t.wrongType);
    await expect(drawer.problem("try.more")).toContainText(t.unknownField);
    await expect(drawer.field("try.upstream.status")).toHaveValue("2OO");
    await expect(drawer.field("try.more")).toHaveValue("seed: 1\nclok: now\n");
    await drawer.field("try.upstream.status").fill("200");
    await drawer.field("try.more").fill("");
    await drawer.press("run");
    await expect(page.locator("#result")).toBeVisible();
});

test("what the form cannot say stays YAML", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(alone);
    await drawer.press("try-yaml");
    await drawer.field("try.yaml").fill("request: {method: POST, body: {chunks: [a, b]}}\n");
    await drawer.press("try-form");
    await expect(page.locator("main")).toContainText(t.notInPlace);
    await expect(drawer.field("try.yaml")).toHaveValue(/chunks/);
});

test("on a service, the other plugins are named, and those that cannot run say why", async ({ page, open }) => {
    const drawer = new Drawer(page);
    await open("/services/shop/storefront/apply/data-masking?step=try");
    const chain = page.locator("ol.trial-chain");
    await expect(chain.locator(".is-left-out")).toContainText("request-tagger");
    await drawer.field("try.request.path").fill("/cart");
    await drawer.press("run");
    await expect(page.locator("#run-request ~ .sides")).toContainText("/cart");
    // What was typed goes on to the next step.
    await drawer.step("review");
    await drawer.step("try");
    await expect(drawer.field("try.request.path")).toHaveValue("/cart");
});

test("a module that crashes or never ends is said to do so", async ({ page, open, t, scripts, unique }) => {
    test.setTimeout(60_000);
    for (const [what, words] of [["traps", t.crashed], ["loops", t.limitHit]] as const) {
        const name = unique(what);
        await open("/plugins/new");
        const typed = { name, titleZh: "测试", descriptionEn: "For a test.", descriptionZh: "用于测试。", version: "1.0.0" };
        for (const [at, text] of Object.entries(typed)) await field(page, at).fill(text);
        await page.locator("#f-file").setInputFiles({ name: `${what}.wasm`, mimeType: "application/wasm", buffer: answering(name, what) });
        if (!scripts) await page.getByRole("button", { name: t.upload, exact: true }).click();
        await expect(page).toHaveURL(/draft=/);
        await page.locator("main").getByRole("button", { name: t.submitAdd, exact: true }).last().click();
        await expect(page).toHaveURL(new RegExp(`/plugins/${name}$`));
        await open(`/plugins/${name}/try`);
        // It brings no samples of its own.
        await expect(field(page, "try.sample").locator("option")).toHaveCount(3);
        await page.locator("#run").click();
        await expect(page.locator(".run-outcome.note-bad")).toContainText(words, { timeout: 20_000 });
        await deletePlugin(page.request, name);
    }
});

test("a module that cannot be fetched is said so where it is tried, and what was typed stays", async ({ page, open, t, unique }) => {
    const name = unique("nowhere");
    const drawer = new Drawer(page);
    await addPlugin(page.request, { name });
    for (const path of [`/plugins/${name}/try`, `/services/shop/cart/apply/${name}?step=try`]) {
        await open(path);
        await drawer.field("try.request.path").fill("/kept");
        await drawer.press("run");
        await expect(field(page, "try.module")).toContainText(t.notFetched);
        await expect(field(page, "try.module")).toContainText("--allow-fetch-from");
        await expect(drawer.field("try.request.path")).toHaveValue("/kept");
    }
    await deletePlugin(page.request, name);
});
