import { axe, expect, openPage, test } from "../support/fixtures.ts";
import { pages } from "../support/pages.ts";

// Colours that are on their way are not the ones that count.
test.use({ contextOptions: { reducedMotion: "reduce" } });

for (const path of pages) {
    test(`axe finds nothing on ${path}`, async ({ page }) => {
        // Axe reads every element of a page; how long that takes says nothing about the page.
        test.setTimeout(120_000);
        await openPage(page, path, true);
        for (const theme of ["light", "dark"]) {
            await page.locator("html").evaluate((html, theme) => html.setAttribute("data-theme", theme), theme);
            expect(await axe(page), theme).toEqual([]);
        }
    });
}
