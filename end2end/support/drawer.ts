import { expect, type Locator, type Page } from "@playwright/test";
import { field, problem } from "./fixtures.ts";

/** The steps of applying: inputs, what is wrong with them, and the buttons between. */
export class Drawer {
    constructor(private readonly page: Page) {}

    get title(): Locator {
        return this.page.locator("#drawer-title");
    }

    field(name: string): Locator {
        return field(this.page, name);
    }

    problem(name: string): Locator {
        return problem(this.page, name);
    }

    /** The problems listed at the foot. */
    get foot(): Locator {
        return this.page.locator("#apply-problems");
    }

    /** Goes to a step by its button at the top; returns when its button says that it is the current one. */
    async step(word: "configure" | "place" | "try" | "review"): Promise<void> {
        // Taking over what was typed on the step where one is leads to the same address: the marked title goes with the old
        // drawer, and tells that a new one is there.
        await this.title.evaluate((title) => title.setAttribute("data-old", ""));
        await this.page.locator(`#step-${word}`).click();
        await expect(this.page.locator("#drawer-title:not([data-old])")).toBeVisible();
        await expect(this.page.locator(`#step-${word}`)).toHaveAttribute("aria-current", "step");
    }

    /** Presses a button that keeps what was typed and shows the step anew; returns when the new one is there. */
    async press(id: string): Promise<void> {
        await this.title.evaluate((title) => title.setAttribute("data-old", ""));
        await this.page.locator(`#${id}`).click();
        await expect(this.page.locator("#drawer-title:not([data-old])")).toBeVisible();
    }

    /** Chooses one of the radio buttons of a field. */
    async choose(name: string, value: string): Promise<void> {
        // The label lies over the button, as large as the choice.
        await this.page.locator(`label[for="f-${name}-${value}"]`).click();
        await expect(this.page.locator(`[id="f-${name}-${value}"]`)).toBeChecked();
    }

    /** The YAML that would be sent, on the step Review. */
    resource(title: string): Locator {
        return this.page.locator("pre").and(this.page.getByRole("region", { name: title, exact: true }));
    }

    /** The button that sends. */
    get apply(): Locator {
        return this.page.locator("#next");
    }
}
