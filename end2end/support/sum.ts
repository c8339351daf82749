import type { FullResult, Reporter, TestCase } from "@playwright/test/reporter";

/** The closing line: `N passed, N failed`. */
export default class Sum implements Reporter {
    private readonly tests = new Set<TestCase>();

    onTestEnd(test: TestCase): void {
        this.tests.add(test);
    }

    onEnd(result: FullResult): void {
        const outcomes = [...this.tests].map((test) => test.outcome());
        const failed = outcomes.filter((outcome) => outcome === "unexpected").length;
        const passed = outcomes.filter((outcome) => outcome === "expected" || outcome === "flaky").length;
        const seconds = Math.round(result.duration / 1000);
        console.log(`browser: ${passed} passed, ${failed} failed, ${seconds} s`);
        console.log(`${passed} passed, ${failed} failed`);
    }
}
