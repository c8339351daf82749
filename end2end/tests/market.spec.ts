import type { Page } from "@playwright/test";
import { builtins } from "../support/builtins.ts";
import { addPlugin, deletePlugin } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

const cards = (page: Page) => page.locator("ul.cards > li");
const card = (page: Page, name: string) => cards(page).filter({ has: page.locator(`a[href="/plugins/${name}"]`) });

test("cards have both names, the language's own first, and all that is known at a glance", async ({ page, open, t }) => {
    await open("/?source=builtin");
    const masking = card(page, "data-masking");
    await expect(masking.locator(".name-first")).toHaveText(t.masking);
    await expect(masking.locator(".name-second")).toHaveText(t.maskingOther);
    await expect(masking).toContainText(t.maskingText);
    await expect(masking).toContainText(t.security);
    await expect(masking).toContainText(t.phaseDefault);
    await expect(masking).toContainText("v1.1.0");
    await expect(masking).toContainText(t.builtin);
    await expect(masking.locator("time")).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT/);
    await expect(card(page, "notice")).toContainText(t.noticeText);
    await expect(card(page, "notice")).toContainText(t.transformation);
});

test("search finds parts of words, through typing errors, in both languages", async ({ page, open, t }) => {
    const search = page.getByRole("searchbox", { name: t.searchPlugins });
    await open("/?source=builtin");
    for (const [how, text, found, not] of [
        ["part of a word", "askin", "data-masking", "notice"],
        ["a typing error", "maskng", "data-masking", "notice"],
        ["Chinese without spaces", "手机号脱敏", "data-masking", "notice"],
        ["one Chinese word", "公告", "notice", "data-masking"],
        ["a word of the descriptions", "banner", "notice", "data-masking"],
        ["a word of the READMEs", "Luhn", "data-masking", "notice"],
    ] as const) {
        await test.step(how, async () => {
            await search.fill(text);
            await search.press("Enter");
            await expect(page).toHaveURL((url) => url.searchParams.get("q") === text);
            await expect(card(page, not)).toHaveCount(0);
            await expect(card(page, found)).toBeVisible();
            await expect(search).toHaveValue(text);
        });
    }
});

test("facets narrow, count, and stand in the address with the order", async ({ page, open, t, scripts }) => {
    await open("/");
    const facet = (group: string, name: string) => page.getByRole("group", { name: group }).getByRole("checkbox", { name: new RegExp(`^${name}`) });
    const send = async () => {
        if (!scripts) await page.getByRole("button", { name: t.applyFilters }).click();
    };
    const source = facet(t.source, t.builtin);
    const secure = builtins().filter((category) => category === "security").length;
    expect(secure, "the facet narrows").toBeLessThan(builtins().length);
    await source.check();
    await send();
    await expect(page).toHaveURL(/source=builtin/);
    await expect(cards(page)).toHaveCount(builtins().length);
    const security = facet(t.category, t.security);
    await expect(security.locator("xpath=..").locator(".facet-count")).toHaveText(`${secure}`);
    await security.check();
    await send();
    await expect(page).toHaveURL((url) => url.searchParams.get("category") === "security" && url.searchParams.get("source") === "builtin");
    await expect(cards(page)).toHaveCount(secure);
    await expect(card(page, "data-masking")).toBeVisible();
    await page.getByRole("combobox", { name: t.sort }).selectOption("name");
    if (!scripts) await page.locator("main").getByRole("button", { name: t.search, exact: true }).click();
    await expect(page).toHaveURL((url) => url.searchParams.get("sort") === "name" && url.searchParams.get("category") === "security");

    // The address alone leads there.
    await open(page.url());
    await expect(source).toBeChecked();
    await expect(security).toBeChecked();
    await expect(page.getByRole("combobox", { name: t.sort })).toHaveValue("name");
    await expect(cards(page)).toHaveCount(secure);

    await security.uncheck();
    await send();
    await expect(page).not.toHaveURL(/category=/);
    await expect(cards(page)).toHaveCount(builtins().length);
    await page.goBack();
    await expect(cards(page)).toHaveCount(secure);
});

test("the order by name and the newest first", async ({ page, open, unique }) => {
    const [first, second] = [unique("aa-order"), unique("ab-order")];
    await addPlugin(page.request, { name: first, titleZh: "排序一" });
    await addPlugin(page.request, { name: second, titleZh: "排序二" });
    const names = () => cards(page).locator("a.plugin-link").evaluateAll((links) => links.map((link) => link.getAttribute("href")!.slice("/plugins/".length)));
    await open("/?sort=newest&source=added");
    await expect(card(page, second)).toBeVisible();
    const newest = await names();
    expect(newest.indexOf(second)).toBeLessThan(newest.indexOf(first));
    await open("/?sort=name&source=added&q=order");
    await expect(card(page, second)).toBeVisible();
    const named = await names();
    expect(named.indexOf(first)).toBeLessThan(named.indexOf(second));
    await deletePlugin(page.request, first);
    await deletePlugin(page.request, second);
});

test("nothing found says what to do next", async ({ page, open, t }) => {
    await open("/?q=qqqqqqqqzzzz");
    await expect(page.getByRole("heading", { name: t.noneFound })).toBeVisible();
    await page.locator(".empty").getByRole("link", { name: t.clearFilters }).click();
    await expect(page).toHaveURL(/\/$/);
    // Which ones are on the first page depends on what other tests added.
    await expect(page.locator("ul.cards > li").first()).toBeVisible();
});

test("what is typed is shown as text, wherever it comes back", async ({ page, open, t }) => {
    const text = "<img src=x onerror=alert(1)>\"'&";
    await open(`/?q=${encodeURIComponent(text)}`);
    await expect(page.getByRole("searchbox", { name: t.searchPlugins })).toHaveValue(text);
    await expect(page.locator('img[src="x"]')).toHaveCount(0);
});

test("more than one page has a way to the next", async ({ page, open, unique }) => {
    test.setTimeout(60_000);
    const names = Array.from({ length: 25 }, (_, n) => unique(`zz-page${n}`));
    for (const name of names) await addPlugin(page.request, { name, titleZh: "分页" });
    await open("/?q=zz-page&sort=name&source=added");
    await expect(cards(page)).toHaveCount(24);
    await page.locator('.pager a[rel="next"]').click();
    await expect(page).toHaveURL((url) => url.searchParams.get("page") === "2" && url.searchParams.get("q") === "zz-page");
    await expect(cards(page).first()).toBeVisible();
    await expect(page.locator('.pager a[rel="prev"]')).toBeVisible();
    for (const name of names) await deletePlugin(page.request, name);
});
