import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { pages } from "../support/pages.ts";
import { loads } from "../support/wasm.ts";

test.use({ viewport: { width: 390, height: 844 } });

/** The page's address and what makes it wider than the screen; nothing where it is not. */
async function wider(page: Page): Promise<string[]> {
    const { wide, culprits } = await page.evaluate(() => {
        const most = document.documentElement.clientWidth;
        // What scrolls inside a box of its own is no harm.
        const inBox = (element: Element): boolean => {
            for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
                if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(at).overflowX)) return true;
            }
            return false;
        };
        const culprits = [...document.querySelectorAll("body *")]
            .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > most + 1 && !inBox(element))
            .map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
        return { wide: document.documentElement.scrollWidth > most, culprits: culprits.slice(0, 5) };
    });
    return wide ? [page.url(), ...culprits] : [];
}

test("on a phone, no page is wider than the screen", async ({ page }) => {
    for (const path of pages) {
        await page.goto(path);
        expect(await wider(page), "wider than the screen").toEqual([]);
    }
});

test("on a phone, neither is a form with a file in it, nor a run with its trace", async ({ page, open, t, scripts, unique }) => {
    test.setTimeout(60_000);
    await open("/plugins/new");
    const file = { name: "a-rather-long-name-of-a-file-without-any-blanks.wasm", mimeType: "application/wasm", buffer: loads(unique("small")) };
    await page.locator("#f-file").setInputFiles(file);
    if (!scripts) await page.getByRole("button", { name: t.upload, exact: true }).click();
    await expect(page.locator(".uploaded")).toBeVisible();
    expect(await wider(page), "wider than the screen").toEqual([]);

    await open("/plugins/data-masking/try");
    await page.locator("#run").click();
    await expect(page.locator("#result")).toBeVisible({ timeout: 20_000 });
    expect(await wider(page), "wider than the screen").toEqual([]);
    await page.getByRole("link", { name: t.permalink }).click();
    await page.locator("#trace summary").click();
    expect(await wider(page), "wider than the screen").toEqual([]);
    // Words, and not one letter below the other.
    const narrowest = await page.locator("td.trace-args").evaluateAll((cells) => Math.min(...cells.map((cell) => cell.clientWidth)));
    expect(narrowest).toBeGreaterThan(200);
});

test("on a phone, plugins come before a long list of filters", async ({ page, open, t }) => {
    await open("/");
    await expect(page.locator(".plugin-tile").first()).toBeInViewport();
    const filters = page.locator(".facets-fold");
    await expect(filters.locator("input").first()).toBeHidden();
    await filters.locator("summary").click();
    await expect(filters.locator("input").first()).toBeVisible();
    // What is chosen stays in sight.
    await page.goto("/?category=security");
    await expect(filters.getByLabel(t.security)).toBeInViewport();
});

test("on a phone, the menu leads to the four places", async ({ page, open, t }) => {
    await open("/");
    await expect(page.getByRole("navigation", { name: t.navigation })).toBeHidden();
    await page.locator("details[data-menu] > summary").click();
    const menu = page.getByRole("navigation", { name: t.navigation });
    await expect(menu.getByRole("link")).toHaveCount(4);
    await menu.getByRole("link", { name: new RegExp(`^${t.installed}`) }).click();
    await expect(page).toHaveURL(/\/installed$/);
    await expect(page.locator("h1")).toHaveText(t.installed);
    await expect(page.getByRole("navigation", { name: t.navigation })).toBeHidden();
});
