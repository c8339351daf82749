import { expect, test } from "../support/fixtures.ts";

test("the four places, the demo mesh and its Istio are named on every page", async ({ page, open, t, lang, theme }) => {
    for (const [path, title] of [
        ["/", t.market],
        ["/traffic", t.traffic],
        ["/installed", t.installed],
        ["/activity", t.activity],
    ]) {
        await open(path);
        await expect(page).toHaveTitle(`${title} · ${t.product}`);
        await expect(page.locator("h1")).toHaveCount(1);
        await expect(page.locator("h1")).toHaveText(title);
        await expect(page.locator("html")).toHaveAttribute("lang", t.tag);
        await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
        const navigation = page.getByRole("navigation", { name: t.navigation });
        await expect(navigation.locator('[aria-current="page"]')).toContainText(title);
        await expect(navigation.getByRole("link")).toHaveCount(4);
        await expect(page.getByText(t.demo, { exact: true }).first()).toBeVisible();
        await expect(page.getByText(/Istio \d+\.\d+/).first()).toBeVisible();
    }
    expect(lang === "zh" ? "zh-CN" : "en").toBe(t.tag);
});

test("the switch of the language keeps the page and what is searched", async ({ page, open, t, lang }) => {
    await open("/traffic?text=view&namespace=bookinfo");
    await page.getByRole("button", { name: t.switchLanguage }).click();
    await expect(page.locator("html")).toHaveAttribute("lang", lang === "en" ? "zh-CN" : "en");
    await expect(page).toHaveURL(/\/traffic\?text=view&namespace=bookinfo$/);
    await expect(page.locator("h1")).toHaveText(lang === "en" ? "流量" : "Traffic");
    await expect(page.getByRole("link", { name: "reviews", exact: true })).toBeVisible();
    await page.reload();
    await expect(page.locator("html")).toHaveAttribute("lang", lang === "en" ? "zh-CN" : "en");
});

test("the switch of the theme keeps the page", async ({ page, open, theme }) => {
    const next = theme === "dark" ? "light" : "auto";
    const background = () => page.locator("html").evaluate((html) => getComputedStyle(html).backgroundColor);
    await open("/installed?namespace=shop");
    const before = await background();
    await page.locator(`button[name="theme"][value="${next}"]:visible`).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", next);
    await expect(page).toHaveURL(/\/installed\?namespace=shop$/);
    // From light it goes to what the system has, which is light here as well.
    const after = await background();
    if (next === "light") expect(after).not.toBe(before);
    else expect(after).toBe(before);
});

test("without cookies the language is the browser's", async ({ browser, baseURL, lang, javaScriptEnabled }) => {
    const locale = lang === "en" ? "en-GB" : "zh-TW";
    const context = await browser.newContext({ baseURL, locale, javaScriptEnabled, storageState: { cookies: [], origins: [] } });
    const page = await context.newPage();
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("lang", lang === "en" ? "en" : "zh-CN");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "auto");
    await context.close();
});

test("the first key goes to the skip link, and it to the content", async ({ page, open, t }) => {
    await open("/traffic");
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: t.skip });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(page.locator("#main")).toBeFocused();
});

test("an address with nothing behind it", async ({ page, open, t }) => {
    for (const path of ["/nowhere", "/services/only-one-part", "/plugins/a/b/c"]) {
        const answer = await open(path);
        expect(answer?.status(), path).toBe(404);
        await expect(page.locator("h1")).toHaveText(t.notFound);
        await expect(page).toHaveTitle(`${t.notFound} · ${t.product}`);
        await expect(page.locator("main").getByRole("link")).toHaveAttribute("href", "/");
    }
    for (const path of ["/plugins/not-a-plugin", "/plugins/not-a-plugin/edit", "/plugins/not-a-plugin/delete"]) {
        const answer = await open(path);
        expect(answer?.status(), path).toBe(404);
        await expect(page.getByRole("alert")).toContainText(t.noSuchThing);
    }
});

test("every page says what may run in it", async ({ open }) => {
    for (const path of ["/", "/traffic", "/nowhere"]) {
        const answer = await open(path);
        const policy = answer?.headers()["content-security-policy"] ?? "";
        expect(policy, path).toContain("default-src 'none'");
        expect(policy, path).toMatch(/script-src [^;]*'nonce-/);
        expect(policy, path).not.toContain("unsafe-inline");
        expect(policy, path).not.toContain("'unsafe-eval'");
    }
});
