import { expect, test } from "../support/fixtures.ts";
import { pages } from "../support/pages.ts";

test.use({ viewport: { width: 390, height: 844 } });

test("on a phone, no page is wider than the screen", async ({ page }) => {
    for (const path of pages) {
        await page.goto(path);
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
        expect(wide ? [path, ...culprits] : [], "wider than the screen").toEqual([]);
    }
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
