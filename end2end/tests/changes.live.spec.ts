import { apply, uninstall } from "../support/api.ts";
import { Drawer } from "../support/drawer.ts";
import { expect, openPage, test } from "../support/fixtures.ts";

test("what is applied in one page appears in the others, without loading them again", async ({ page, open, another, t, unique }) => {
    const resource = unique("live");
    const [installed, traffic] = [await another(), await another()];
    await openPage(installed, `/installed?text=${resource}`, true);
    await openPage(traffic, "/traffic?text=ratings", true);
    await open("/services/bookinfo/ratings");
    for (const each of [page, installed, traffic]) await each.evaluate(() => Object.assign(window, { sameDocument: true }));

    await apply(page.request, { namespace: "bookinfo", name: "ratings" }, "notice", { name: resource });
    const card = page.locator("li", { has: page.getByRole("link", { name: t.editThis(resource), exact: true }) });
    await expect(card).toContainText(t.loaded(1, 1));
    await expect(installed.getByRole("row").filter({ hasText: resource })).toContainText(t.loaded(1, 1));
    await expect(traffic.getByRole("listitem").filter({ has: traffic.getByRole("link", { name: "ratings", exact: true }) })).toContainText("notice");

    await uninstall(page.request, "bookinfo", resource);
    await expect(card).toHaveCount(0);
    await expect(installed.getByRole("row").filter({ hasText: resource })).toHaveCount(0);
    for (const each of [page, installed, traffic]) {
        expect(await each.evaluate(() => "sameDocument" in window), "the page was not loaded again").toBe(true);
    }
});

test("problems, chain and YAML follow what is typed", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open("/services/bookinfo/reviews/apply/data-masking");
    await drawer.field("config/maxBodyKiB").fill("5000");
    await expect(drawer.problem("config/maxBodyKiB")).toContainText(t.atMost1024);
    await expect(drawer.foot).toContainText(t.atMost1024);
    await drawer.field("config/maxBodyKiB").fill("64");
    await expect(drawer.problem("config/maxBodyKiB")).toHaveText("");
    await expect(page.locator(".drawer-side pre")).toContainText("maxBodyKiB: 64");

    await drawer.step("place");
    await drawer.field("priority").fill("612");
    await expect(page.locator('ol.chain [aria-current="true"]')).toContainText("612");
    await drawer.field("priority").fill("0");
    await expect(drawer.problem("priority")).toHaveText(t.priorityRange);
    await expect(drawer.field("priority")).toBeFocused();
});

test("what was typed outlives a change in the cluster", async ({ page, open, unique }) => {
    const resource = unique("typing");
    const drawer = new Drawer(page);
    await open("/services/bookinfo/reviews/apply/data-masking");
    await drawer.field("config/mask").fill("%");
    const chained = page.waitForResponse((response) => response.url().includes("/api/apply/preview"));
    await apply(page.request, { namespace: "bookinfo", name: "reviews" }, "notice", { name: resource });
    await chained;
    await expect(drawer.field("config/mask")).toHaveValue("%");
    await expect(drawer.field("config/mask")).toBeFocused();
    await drawer.step("place");
    await expect(page.locator("ol.chain")).toContainText(resource);
    await uninstall(page.request, "bookinfo", resource);
});

test("what the cluster refused outlives a change in it, until something else is typed", async ({ page, open, t, unique }) => {
    const resource = unique("beside");
    const drawer = new Drawer(page);
    await open("/installed/shop/request-tagger/edit?step=place");
    await drawer.field("priority").fill("22");
    await drawer.step("review");
    await drawer.apply.click();
    const conflict = page.getByRole("heading", { name: t.conflict });
    await expect(conflict).toBeVisible();
    const again = page.waitForResponse((response) => response.url().includes("/api/apply/preview"));
    await apply(page.request, { namespace: "bookinfo", name: "ratings" }, "notice", { name: resource });
    await (await again).finished();
    // Longer than a page needs to show an answer.
    await page.waitForTimeout(300);
    await expect(conflict).toBeVisible();
    await uninstall(page.request, "bookinfo", resource);

    await drawer.step("place");
    await expect(conflict).toBeVisible();
    await drawer.field("priority").fill("20");
    await expect(conflict).toHaveCount(0);
});
