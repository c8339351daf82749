import { expect, field, test } from "../support/fixtures.ts";
import { loads } from "../support/wasm.ts";

test("a file can be dropped", async ({ page, open, unique }) => {
    const name = unique("dropped");
    await open("/plugins/new");
    await field(page, "name").fill(name);
    const transfer = await page.evaluateHandle((bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], "dropped.wasm", { type: "application/wasm" }));
        return transfer;
    }, [...loads(name)]);
    await page.dispatchEvent(".drop", "drop", { dataTransfer: transfer });
    await expect(page.locator(".uploaded")).toContainText("dropped.wasm");
    await expect(field(page, "name")).toHaveValue(name);
});

test("a file that is too large is not even sent", async ({ page, open, t }) => {
    await open("/plugins/new");
    const buffer = Buffer.alloc(17 * 1024 * 1024);
    await page.locator("#f-file").setInputFiles({ name: "large.wasm", mimeType: "application/wasm", buffer }, { timeout: 30_000 });
    await expect(page.locator(".drop")).toContainText(t.fileTooLarge);
    await expect(page).not.toHaveURL(/draft=/);
});

test("the Enter key sends the form, and nothing else", async ({ page, open }) => {
    await open("/plugins/new");
    await field(page, "name").fill("Not A Name");
    await field(page, "name").press("Enter");
    await expect(page.locator("#summary")).toBeVisible();
});
