import { expect, field, problem, test } from "../support/fixtures.ts";

test("a button that is held down does not move away when a mistake in the field before it is found", async ({ page, open, t }) => {
    await open("/plugins/new");
    await field(page, "priority").fill("0");
    const button = page.locator("main").getByRole("button", { name: t.submitAdd });
    await button.scrollIntoViewIfNeeded();
    const before = await button.boundingBox();
    if (!before) throw new Error("the button is not there");
    // People are slow: what was typed is checked between pressing and letting go.
    const looked = page.waitForResponse((response) => response.url().includes("/api/plugin/check"));
    await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
    await page.mouse.down();
    await looked;
    await page.waitForTimeout(400);
    expect((await button.boundingBox())?.y, "where it was").toBe(before.y);
    await expect(problem(page, "priority")).toHaveText("");
    await page.mouse.up();
    await expect(page).toHaveURL(/\/plugins\/new\?draft=/);
    await expect(problem(page, "priority")).toHaveText(t.priorityRange);
});
