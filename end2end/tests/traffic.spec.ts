import { expect, test } from "../support/fixtures.ts";

test("services of all namespaces, each with what can be known of it", async ({ page, open, t }) => {
    await open("/traffic");
    await expect(page.locator("h1")).toHaveText(t.traffic);
    const row = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("link", { name, exact: true }) });
    await expect(row("reviews")).toContainText("bookinfo");
    await expect(row("reviews")).toContainText(t.proxies4);
    await expect(row("storefront")).toContainText("request-tagger");
    await expect(row("legacy")).toContainText(t.noSidecarShort);
    await expect(row("inventory")).toContainText("ambient-bare");
});

test("found by a part of the name and by namespace, in the address", async ({ page, open, t }) => {
    await open("/traffic");
    await page.getByRole("searchbox", { name: t.findService }).fill("view");
    await page.getByRole("combobox", { name: t.namespace }).selectOption("bookinfo");
    await page.getByRole("button", { name: t.show, exact: true }).click();
    await expect(page).toHaveURL(/namespace=bookinfo/);
    await expect(page).toHaveURL(/text=view/);
    await expect(page.getByRole("link", { name: "reviews", exact: true })).toBeVisible();
    await expect(page.getByRole("link", { name: "ratings", exact: true })).toHaveCount(0);
    await expect(page.getByRole("combobox", { name: t.namespace })).toHaveValue("bookinfo");
    await expect(page.getByRole("searchbox", { name: t.findService })).toHaveValue("view");

    await open("/traffic?text=zzz");
    await expect(page.getByRole("heading", { name: t.noService })).toBeVisible();
});

test("a service shows its workloads, proxies, ports and plugins", async ({ page, open, t }) => {
    await open("/traffic?text=reviews");
    await page.getByRole("link", { name: "reviews", exact: true }).click();
    await expect(page).toHaveURL(/\/services\/bookinfo\/reviews$/);
    await expect(page.locator("h1")).toHaveText("reviews");
    const main = page.locator("main");
    for (const workload of ["reviews-v1", "reviews-v2", "reviews-v3"]) {
        await expect(main.getByRole("heading", { name: workload, exact: true })).toBeVisible();
    }
    await expect(main).toContainText("9080");
    await expect(main).toContainText(t.sidecar);
    await expect(main.getByRole("heading", { name: t.inOrder })).toBeVisible();

    await open("/services/shop/storefront");
    await expect(main).toContainText("request-tagger");
    await expect(main).toContainText(t.loaded(2, 2));
    await expect(main).toContainText("STATS 20");
    await expect(main).toContainText("argocd-controller");
});

test("a service that is not there", async ({ page, open, t }) => {
    const answer = await open("/services/bookinfo/nope");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("alert")).toContainText(t.noSuchThing);
});
