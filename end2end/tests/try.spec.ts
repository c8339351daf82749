import { Drawer } from "../support/drawer.ts";
import { axe, expect, test } from "../support/fixtures.ts";

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
