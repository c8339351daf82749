import { apply, uninstall } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

test("plugins that others made, the broken one with its reason", async ({ page, open, t }) => {
    await open("/installed");
    await expect(page.locator("h1")).toHaveText(t.installed);
    const good = page.getByRole("row").filter({ hasText: "request-tagger" });
    await expect(good).toContainText(t.notInMarket);
    await expect(good).toContainText("storefront");
    await expect(good).toContainText("argocd-controller");
    await expect(good).toContainText(t.loaded(2, 2));
    const broken = page.getByRole("row").filter({ hasText: "fraud-check" });
    await expect(broken).toContainText(t.refused);
    await expect(broken).toContainText("which does not match: 5f0e5f0e");
});

test("filters by namespace, plugin, state and text, in the address", async ({ page, open, t, unique }) => {
    const resource = unique("filters");
    await apply(page.request, { namespace: "bookinfo", name: "details" }, "notice", { name: resource });
    await open("/installed");
    const row = (name: string) => page.getByRole("row").filter({ hasText: name });
    await expect(row(resource)).toBeVisible();
    await expect(row("fraud-check")).toBeVisible();

    await page.getByRole("combobox", { name: t.namespace }).selectOption("bookinfo");
    await page.getByRole("combobox", { name: t.plugin, exact: true }).selectOption("notice");
    await page.getByRole("searchbox", { name: t.filterInstalled }).fill("detail");
    await page.getByRole("button", { name: t.show, exact: true }).click();
    await expect(page).toHaveURL(/namespace=bookinfo/);
    await expect(page).toHaveURL(/plugin=notice/);
    await expect(page).toHaveURL(/text=detail/);
    await expect(row(resource)).toBeVisible();
    await expect(row("fraud-check")).toHaveCount(0);
    await expect(page.getByRole("combobox", { name: t.namespace })).toHaveValue("bookinfo");

    await open("/installed?state=failing");
    await expect(page.getByRole("combobox", { name: t.state })).toHaveValue("failing");
    await expect(row("fraud-check")).toBeVisible();
    await expect(row("request-tagger")).toHaveCount(0);

    await open("/installed?text=nothing-like-this");
    await expect(page.getByRole("heading", { name: t.noInstalledFound })).toBeVisible();
    await uninstall(page.request, "bookinfo", resource);
});

test("before a plugin of others is uninstalled: what it is, who loses it, and what may bring it back", async ({ page, open, t }) => {
    await open("/installed/shop/request-tagger/uninstall");
    const main = page.locator("main");
    await expect(main).toContainText("shop/request-tagger");
    await expect(main.locator("ul.facts > li")).toHaveCount(2);
    await expect(main).toContainText(t.madeByOthers);
    await page.locator("main").getByRole("link", { name: t.cancel, exact: true }).click();
    await expect(page).toHaveURL(/\/installed$/);
    await expect(page.getByRole("row").filter({ hasText: "request-tagger" })).toBeVisible();
});

test("what is gone already needs no uninstalling", async ({ page, open, t }) => {
    await open("/installed/shop/never-was/uninstall");
    await expect(page.locator("main")).toContainText(t.alreadyGone);
});
