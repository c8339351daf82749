import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type ConsoleMessage, type Page, type Response } from "@playwright/test";
import { texts, type Lang, type Texts } from "./texts.ts";

export { expect };

/** What a project says. */
export interface Options {
    lang: Lang;
    theme: "light" | "dark";
}

interface Fixtures {
    /** The words of the project's language. */
    t: Texts;
    /** Whether the pages run scripts. */
    scripts: boolean;
    /** A name that no other test and no other project uses, for resources and plugins. */
    unique: (stem: string) => string;
    /** Opens a page; with scripts, returns when they have taken it over. */
    open: (path: string) => Promise<Response | null>;
    /** Another page beside `page`, watched as well. */
    another: () => Promise<Page>;
    /** What the pages complained about. The test fails unless it is empty. */
    complaints: string[];
}

export const test = base.extend<Options & Fixtures>({
    lang: ["en", { option: true }],
    theme: ["light", { option: true }],

    storageState: async ({ lang, theme, baseURL }, use) => {
        const cookie = { domain: new URL(baseURL!).hostname, path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" } as const;
        await use({
            cookies: [
                { name: "lang", value: lang, ...cookie },
                { name: "theme", value: theme, ...cookie },
            ],
            origins: [],
        });
    },

    t: async ({ lang }, use) => use(texts(lang)),

    scripts: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

    // eslint-disable-next-line no-empty-pattern
    complaints: async ({}, use) => {
        const complaints: string[] = [];
        await use(complaints);
        expect(complaints, "what the pages complained about").toEqual([]);
    },

    page: async ({ page, scripts, complaints }, use) => {
        watch(page, scripts, complaints);
        await use(page);
    },

    another: async ({ context, scripts, complaints }, use) => {
        await use(async () => {
            const page = await context.newPage();
            watch(page, scripts, complaints);
            return page;
        });
    },

    unique: async ({}, use, info) => {
        const run = Date.now().toString(36).slice(-5);
        await use((stem) => `${stem}-${info.project.name}-${run}`);
    },

    open: async ({ page, scripts }, use) => {
        await use((path) => openPage(page, path, scripts));
    },
});

/** Opens a page; with scripts, returns when they have taken it over: then they begin to listen to the server's events. */
export async function openPage(page: Page, path: string, scripts: boolean): Promise<Response | null> {
    if (!scripts) return page.goto(path);
    const listening = page.waitForRequest((request) => new URL(request.url()).pathname === "/events");
    const [response] = await Promise.all([page.goto(path), listening]);
    return response;
}

function watch(page: Page, scripts: boolean, complaints: string[]): void {
    page.on("console", (message) => {
        if (message.type() === "error" && !isAnswerStatus(message)) complaints.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
    page.on("response", (response) => {
        const status = response.status();
        // Pages and server functions may say 4xx, which the tests look at themselves; nothing else may.
        const may4xx = ["document", "fetch", "xhr"].includes(response.request().resourceType());
        if (status >= 500 || (status >= 400 && !may4xx)) complaints.push(`${status}: ${response.url()}`);
    });
    page.on("requestfailed", (request) => {
        const why = request.failure()?.errorText ?? "";
        // What was under way when the page was left.
        if (why.includes("ERR_ABORTED")) return;
        // Where scripts are off, Chromium refuses to load them and says "csp".
        if (!scripts && why === "csp" && ["script", "other"].includes(request.resourceType())) return;
        complaints.push(`failed: ${request.url()} ${why}`);
    });
}

/** Chromium writes each answer of 4xx to the console; the test looks at the statuses themselves. */
function isAnswerStatus(message: ConsoleMessage): boolean {
    return /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
}

/** What axe finds by WCAG 2.2 AA, one line each. */
export async function axe(page: Page): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
        .analyze();
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node) => {
            const why = node.any.concat(node.all, node.none).map((check) => check.message);
            return `${id}: ${help}: ${node.target.join(" ")}: ${why.join("; ")}`;
        }),
    );
}

/** The id of the element that stands for a field of a draft, as the pages make it. */
export function fieldId(field: string): string {
    const sign = (c: string) => (/[A-Za-z0-9-]/.test(c) ? c : c === "/" ? "." : `_${c.codePointAt(0)!.toString(16)}_`);
    return `f-${[...field].map(sign).join("")}`;
}

/** The input of a field. */
export function field(page: Page, name: string) {
    return page.locator(`[id="${fieldId(name)}"]`);
}

/** What is said to be wrong with a field. */
export function problem(page: Page, name: string) {
    return page.locator(`[id="${fieldId(name)}-problem"]`);
}

/** Looks again until it holds: pages change by themselves with scripts, and by loading them again without. */
export async function eventually(page: Page, scripts: boolean, check: () => Promise<void>): Promise<void> {
    await expect(async () => {
        if (!scripts) await page.reload();
        await check();
    }).toPass({ timeout: 15_000, intervals: [100, 300, 700] });
}
