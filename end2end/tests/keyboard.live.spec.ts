import { expect, test } from "../support/fixtures.ts";

for (const path of ["/", "/traffic", "/installed", "/services/bookinfo/reviews/apply"]) {
    test(`/ goes to the search field of ${path}`, async ({ page, open }) => {
        await open(path);
        await page.keyboard.press("/");
        const search = page.locator("[data-search]");
        await expect(search).toBeFocused();
        await expect(search).toHaveValue("");
        // Inside a field it is a sign like others.
        await page.keyboard.type("a/b");
        await expect(search).toHaveValue("a/b");
    });
}

test("Escape leaves a field, and then the drawer", async ({ page, open }) => {
    await open("/services/bookinfo/reviews/apply/data-masking");
    const mask = page.locator('[id="f-config.mask"]');
    await mask.focus();
    await page.keyboard.press("Escape");
    await expect(mask).not.toBeFocused();
    await expect(page).toHaveURL(/apply\/data-masking/);
    await page.keyboard.press("Escape");
    await expect(page).toHaveURL(/\/services\/bookinfo\/reviews$/);
});

test("Escape closes the menu of narrow screens", async ({ page, open }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open("/traffic");
    const summary = page.locator("details[data-menu] > summary");
    await summary.click();
    await expect(page.locator("details[data-menu]")).toHaveAttribute("open", /.*/);
    await page.keyboard.press("Escape");
    await expect(page.locator("details[data-menu]")).not.toHaveAttribute("open", /.*/);
    await expect(summary).toBeFocused();
});

test("going to another page brings the keyboard to its content", async ({ page, open, t }) => {
    await open("/traffic");
    await page.getByRole("navigation", { name: t.navigation }).getByRole("link", { name: new RegExp(`^${t.installed}`) }).click();
    await expect(page.locator("h1")).toHaveText(t.installed);
    await expect(page.locator("#main")).toBeFocused();
});
