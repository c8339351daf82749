import { axe, expect, openPage, test } from "../support/fixtures.ts";
import { pages } from "../support/pages.ts";

for (const theme of ["light", "dark"] as const) {
    for (const path of pages) {
        test(`${theme}: ${path}`, async ({ page, context, baseURL }) => {
            await context.addCookies([{ name: "theme", value: theme, url: baseURL! }]);
            await openPage(page, path, true);
            expect(await axe(page)).toEqual([]);
        });
    }
}
