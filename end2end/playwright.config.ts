import { defineConfig } from "@playwright/test";
import type { Options } from "./support/fixtures.ts";

/**
 * Runs against a server that is there already: `make test` starts one and says where by `BASE_URL`.
 *
 * Each flow runs four times: with and without scripts, in English on light and in Chinese on dark. Specs that are about
 * scripts (`*.live.spec.ts`) and about what no script changes (`*.axe.spec.ts`) run with scripts only.
 */
const baseURL = process.env.BASE_URL ?? "http://127.0.0.1:7420";

const scriptsOnly = [/\.live\.spec\.ts$/, /\.axe\.spec\.ts$/];

export default defineConfig<Options>({
    testDir: "./tests",
    outputDir: "./test-results",
    fullyParallel: true,
    workers: 2,
    retries: 0,
    forbidOnly: !!process.env.CI,
    timeout: 30_000,
    expect: { timeout: 7_000 },
    reporter: [["line"], ["./support/sum.ts"]],
    use: {
        baseURL,
        viewport: { width: 1440, height: 900 },
        actionTimeout: 7_000,
        navigationTimeout: 15_000,
        trace: "off",
        screenshot: "only-on-failure",
        launchOptions: {
            executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
            args: [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        },
    },
    projects: [
        { name: "en", use: { lang: "en", theme: "light", locale: "en-US", colorScheme: "light" } },
        { name: "zh", use: { lang: "zh", theme: "dark", locale: "zh-CN", colorScheme: "dark" } },
        {
            name: "en-plain",
            testIgnore: scriptsOnly,
            use: { lang: "en", theme: "light", locale: "en-US", colorScheme: "light", javaScriptEnabled: false },
        },
        {
            name: "zh-plain",
            testIgnore: scriptsOnly,
            use: { lang: "zh", theme: "dark", locale: "zh-CN", colorScheme: "dark", javaScriptEnabled: false },
        },
    ],
});
