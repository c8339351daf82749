import { addPlugin, addVersion, apply, deletePlugin, uninstall } from "../support/api.ts";
import { Drawer } from "../support/drawer.ts";
import { axe, eventually, expect, test } from "../support/fixtures.ts";

test("an applied plugin is moved to the newer version of the catalogue", async ({ page, open, t, scripts, unique }) => {
    test.setTimeout(60_000);
    const name = unique("moving");
    const drawer = new Drawer(page);
    await addPlugin(page.request, { name });
    await apply(page.request, { namespace: "shop", name: "cart" }, name, { name, mode: "yaml", yaml: "mine: 1" });
    await addVersion(page.request, name, "1.1.0");

    await test.step("the list of what is installed says so, and leads to the form", async () => {
        await open(`/installed?text=${name}`);
        const row = page.locator("tbody tr").filter({ hasText: name });
        await eventually(page, scripts, () => expect(row).toContainText(t.outdated, { timeout: 300 }));
        await row.getByRole("link", { name: t.editThis(name) }).click();
        await expect(page.locator("#f-version")).toContainText(t.newer("1.0.0", "1.1.0"));
        await expect(page.locator("#f-version")).toContainText(t.keepsVersion);
        await expect(drawer.field("toVersion")).toHaveValue("1.1.0");
    });

    await test.step("who chooses nothing changes nothing", async () => {
        await drawer.step("review");
        await expect(page.locator(".diff-added")).toHaveCount(0);
        await drawer.step("configure");
    });

    await test.step("the chosen version is shown, its difference too, and it is applied", async () => {
        await drawer.press("take-version");
        await expect(page.locator("#f-version")).toContainText(t.moves("1.0.0", "1.1.0"));
        await expect(page.locator(".drawer-lead")).toContainText("v1.0.0 → v1.1.0");
        await expect(drawer.field("yaml")).toHaveValue(/^mine: 1\n?$/);
        if (scripts) expect(await axe(page)).toEqual([]);
        await drawer.step("review");
        await expect(page.locator(".diff-removed")).toHaveText([new RegExp(`/${name}\\.wasm`)]);
        await expect(page.locator(".diff-added")).toHaveText([new RegExp(`/${name}-1\\.1\\.0\\.wasm`)]);
        await drawer.apply.click();
        await expect(page).toHaveURL(new RegExp(`applied=${name}$`));
    });

    await test.step("nothing newer is left", async () => {
        await open(`/installed/shop/${name}/edit`);
        await eventually(page, scripts, async () => {
            if (scripts) await page.reload();
            await expect(page.locator("#f-version option:checked")).toContainText("1.1.0", { timeout: 1000 });
            await expect(page.locator("#f-version .note")).toHaveCount(0, { timeout: 1000 });
        });
    });

    await uninstall(page.request, "shop", name);
    await deletePlugin(page.request, name);
});
