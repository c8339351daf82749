import { uninstall } from "../support/api.ts";
import { Drawer } from "../support/drawer.ts";
import { eventually, expect, test } from "../support/fixtures.ts";

const service = "/services/bookinfo/reviews";
const configure = `${service}/apply/data-masking`;

test("a plugin is found, configured, placed, reviewed, applied, edited and uninstalled", async ({
    page,
    open,
    t,
    scripts,
    unique,
}) => {
    test.setTimeout(60_000);
    const resource = unique("masking");
    const drawer = new Drawer(page);

    await test.step("chosen", async () => {
        await open(service);
        await page.getByRole("link", { name: t.applyPlugin }).click();
        await expect(page).toHaveURL(/\/services\/bookinfo\/reviews\/apply$/);
        await page.locator("main [data-search]").fill("mask");
        await page.locator("main").getByRole("button", { name: t.search, exact: true }).click();
        await expect(page).toHaveURL(/text=mask/);
        await page.locator("main").getByRole("link", { name: t.masking }).click();
        await expect(drawer.title).toHaveText(t.applyTitle("data-masking", "reviews"));
    });

    await test.step("configured: a pattern more, a pattern less", async () => {
        const first = page.getByRole("group", { name: t.item(t.ownPatterns, 1), exact: true });
        const second = page.getByRole("group", { name: t.item(t.ownPatterns, 2), exact: true });
        await expect(first).toBeVisible();
        await expect(second).toHaveCount(0);
        await page.getByRole("button", { name: t.addTo(t.ownPatterns) }).click();
        await expect(second).toBeVisible();
        await drawer.field("config/patterns/1/match").fill("ticket-([0-9]+)");
        await page.getByRole("button", { name: t.removeItem(t.ownPatterns, 1) }).click();
        await expect(second).toHaveCount(0);
        await expect(drawer.field("config/patterns/0/match")).toHaveValue("ticket-([0-9]+)");
    });

    await test.step("the same as YAML and back", async () => {
        await page.locator("#mode-yaml").click();
        await expect(drawer.field("yaml")).toHaveValue(/ticket-\(\[0-9\]\+\)/);
        await drawer.field("yaml").fill("# kept\nmask: \"#\"\npatterns:\n  - match: \"ticket-([0-9]+)\"\n");
        await page.locator("#mode-form").click();
        await expect(drawer.field("config/mask")).toHaveValue("#");
        await page.locator("#mode-yaml").click();
        await expect(drawer.field("yaml")).toHaveValue(/# kept/);
    });

    await test.step("placed", async () => {
        await page.locator("#next").click();
        await expect(page.locator("#step-place")).toHaveAttribute("aria-current", "step");
        await drawer.choose("phase", "AUTHZ");
        await drawer.field("priority").fill("345");
        await drawer.field("name").fill(resource);
        // Taken over, so that the chain is right without scripts, too.
        await drawer.step("place");
        const chain = page.locator("ol.chain");
        await expect(chain.locator('[aria-current="true"]')).toContainText(resource);
        await expect(chain.locator('[aria-current="true"]')).toContainText("AUTHZ 345");
        await expect(chain.getByRole("listitem").last()).toHaveText(t.router);
        await expect(page.locator("ul.who > li")).toHaveCount(4);
        await expect(page.locator("main")).toContainText(t.proxies4);
    });

    await test.step("passed by the sandbox", async () => {
        await page.locator("#next").click();
        await expect(page.locator("#step-try")).toHaveAttribute("aria-current", "step");
        await expect(page.locator("ol.trial-chain").locator('[aria-current="true"]')).toContainText(resource);
    });

    await test.step("reviewed", async () => {
        await page.locator("#next").click();
        await expect(page.locator("#step-review")).toHaveAttribute("aria-current", "step");
        const yaml = drawer.resource(t.resource);
        for (const line of [
            "kind: WasmPlugin",
            `name: ${resource}`,
            "namespace: bookinfo",
            "app: reviews",
            "phase: AUTHZ",
            "priority: 345",
            "mode: SERVER",
            "sha256: ",
        ]) {
            await expect(yaml).toContainText(line);
        }
        await expect(yaml).not.toContainText("targetRefs");
        await expect(page.locator("main")).toContainText(t.newResource);
    });

    await test.step("applied", async () => {
        await drawer.apply.click();
        await expect(page).toHaveURL(new RegExp(`${service}\\?applied=${resource}`));
        await expect(page.getByRole("status").filter({ hasText: t.applied(resource) })).toBeVisible();
        const card = page.locator("li", { has: page.getByRole("link", { name: t.editThis(resource), exact: true }) });
        await eventually(page, scripts, () => expect(card).toContainText(t.loaded(4, 4), { timeout: 300 }));
    });

    await test.step("edited", async () => {
        await page.getByRole("link", { name: t.editThis(resource), exact: true }).click();
        await expect(drawer.title).toHaveText(t.editTitle(resource));
        await drawer.step("place");
        await expect(drawer.field("priority")).toHaveValue("345");
        await drawer.field("priority").fill("346");
        await drawer.step("review");
        const changes = page.getByRole("region", { name: t.changes, exact: true });
        await expect(changes.locator(".diff-removed")).toContainText("priority: 345");
        await expect(changes.locator(".diff-added")).toContainText("priority: 346");
        await expect(changes.locator(".diff-added")).toHaveCount(1);
        await expect(drawer.apply).toHaveText(t.save);
        await drawer.apply.click();
        await expect(page).toHaveURL(new RegExp(`${service}\\?applied=${resource}`));
        const card = page.locator("li", { has: page.getByRole("link", { name: t.editThis(resource), exact: true }) });
        await expect(card).toContainText("AUTHZ 346");
    });

    await test.step("in the list of installed plugins, and uninstalled", async () => {
        await open(`/installed?text=${resource}`);
        const row = page.getByRole("row").filter({ hasText: resource });
        await expect(row).toContainText(t.masking);
        await expect(row).toContainText("346");
        await row.getByRole("link", { name: t.uninstallThis(resource), exact: true }).click();
        await expect(page.locator("main")).toContainText(`bookinfo/${resource}`);
        await expect(page.locator("main ul.facts > li")).toHaveCount(4);
        await page.getByRole("button", { name: t.uninstallIt }).click();
        await expect(page).toHaveURL(new RegExp(`/installed\\?removed=${resource}`));
        await expect(page.getByRole("status").filter({ hasText: t.removed(resource) })).toBeVisible();
        await expect(page.getByRole("row").filter({ hasText: `${resource}` })).toHaveCount(0);
        await open(service);
        await expect(page.locator("h1")).toHaveText("reviews");
        await expect(page.locator("main")).not.toContainText(resource);
    });

    await uninstall(page.request, "bookinfo", resource);
});

test("YAML that cannot be read says line and column, and is kept", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(configure);
    await page.locator("#mode-yaml").click();
    const typed = 'mask: "*"\npatterns: [unclosed\nmaxBodyKiB: 5\n';
    await drawer.field("yaml").fill(typed);
    await drawer.step("configure");
    await expect(drawer.problem("yaml")).toHaveText(t.yamlAt(3));
    await expect(drawer.field("yaml")).toHaveAttribute("aria-invalid", "true");
    await expect(drawer.field("yaml")).toHaveValue(typed);

    await drawer.step("review");
    await expect(drawer.foot).toHaveText(t.yamlAt(3));
    await drawer.apply.click();
    // Nothing was sent: back at what is wrong, with what was typed.
    await expect(drawer.field("yaml")).toHaveValue(typed);
    await expect(drawer.problem("yaml")).toHaveText(t.yamlAt(3));

    await page.locator("#mode-form").click();
    await expect(drawer.field("yaml")).toHaveValue(typed);
});

test("what breaks the schema is said at its field, and what was typed stays", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(configure);
    await drawer.field("config/maxBodyKiB").fill("99999");
    await drawer.field("config/mask").fill("ab");
    await drawer.field("config/keepFirst").fill("three");
    await drawer.step("configure");
    await expect(drawer.problem("config/maxBodyKiB")).toContainText(t.atMost1024);
    await expect(drawer.problem("config/mask")).toContainText(t.atMostOneCharacter);
    await expect(drawer.problem("config/keepFirst")).toContainText(t.mustBeInteger);
    await expect(drawer.field("config/maxBodyKiB")).toHaveValue("99999");
    await expect(drawer.field("config/mask")).toHaveValue("ab");
    await expect(drawer.field("config/keepFirst")).toHaveValue("three");
    await expect(drawer.field("config/keepFirst")).toHaveAttribute("aria-invalid", "true");

    // The same in YAML: at the path, and at the foot of every step.
    await page.locator("#mode-yaml").click();
    await expect(drawer.field("yaml")).toHaveValue(/99999/);
    await drawer.step("place");
    await expect(drawer.foot).toContainText("maxBodyKiB");
    await expect(drawer.foot).toContainText(t.atMost1024);
    await drawer.foot.getByRole("button", { name: new RegExp(t.atMost1024.slice(0, 8)) }).click();
    await expect(page.locator("#step-configure")).toHaveAttribute("aria-current", "step");
});

test("priorities that are none are refused at their field", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(`${configure}?step=place`);
    for (const typed of ["0", "1001", "1.5", "", "ten"]) {
        await drawer.field("priority").fill(typed);
        await drawer.step("place");
        await expect(drawer.problem("priority")).toHaveText(t.priorityRange);
        await expect(drawer.field("priority")).toHaveValue(typed);
    }
    // Sending it leads back to the field.
    await drawer.step("review");
    await drawer.apply.click();
    await expect(page.locator("#step-place")).toHaveAttribute("aria-current", "step");
    await expect(drawer.field("priority")).toHaveValue("ten");
    await expect(drawer.problem("priority")).toHaveText(t.priorityRange);
});

test("environment: duplicate, reserved, malformed, HOST with a value", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open(configure);
    const rows = [
        ["LOG_LEVEL", "INLINE", "debug"],
        ["LOG_LEVEL", "INLINE", "info"],
        ["ISTIO_META_CLUSTER_ID", "INLINE", "x"],
        ["9LIVES", "INLINE", "x"],
        ["HOSTNAME", "HOST", "given"],
    ];
    for (const [number, [name, from, value]] of rows.entries()) {
        if (number > 0) await page.getByRole("button", { name: t.envAdd }).click();
        await drawer.field(`env.${number}.name`).fill(name);
        await drawer.field(`env.${number}.from`).selectOption(from);
        await drawer.field(`env.${number}.value`).fill(value);
    }
    await drawer.step("configure");
    await expect(drawer.problem("env.0.name")).toHaveText("");
    await expect(drawer.problem("env.1.name")).toContainText(t.envDuplicate);
    await expect(drawer.problem("env.2.name")).toContainText(t.envReserved);
    await expect(drawer.problem("env.3.name")).toContainText(t.envMalformed);
    await expect(drawer.problem("env.4.value")).toContainText(t.envHostWithValue);
    for (const [number, [name, from, value]] of rows.entries()) {
        await expect(drawer.field(`env.${number}.name`)).toHaveValue(name);
        await expect(drawer.field(`env.${number}.from`)).toHaveValue(from);
        await expect(drawer.field(`env.${number}.value`)).toHaveValue(value);
    }
});

test("ports that are none, and a name that is taken", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open("/services/shop/storefront/apply/data-masking?step=place");
    await drawer.field("ports").fill("80, 99999");
    await drawer.field("name").fill("request-tagger");
    await drawer.step("place");
    await expect(drawer.problem("ports")).toContainText(t.portMalformed);
    await expect(drawer.problem("name")).toContainText(t.resourceTaken);
    await expect(drawer.field("ports")).toHaveValue("80, 99999");
    await expect(drawer.field("name")).toHaveValue("request-tagger");
});

test("steps can be visited in any order, and keep what was typed", async ({ page, open }) => {
    const drawer = new Drawer(page);
    await open(configure);
    await drawer.field("config/mask").fill("%");
    await drawer.step("review");
    await drawer.step("place");
    await drawer.field("priority").fill("77");
    await drawer.step("configure");
    await expect(drawer.field("config/mask")).toHaveValue("%");
    await drawer.step("place");
    await expect(drawer.field("priority")).toHaveValue("77");
});

test("a service without sidecar says why, and nothing is applied", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open("/services/plain/legacy");
    await expect(page.getByRole("heading", { name: t.cannotReach })).toBeVisible();
    await expect(page.locator("main")).toContainText(t.noSidecar);
    await open("/services/plain/legacy/apply/data-masking?step=review");
    await expect(page.locator("main")).toContainText(t.nobody);
    await expect(drawer.foot).toContainText(t.noSidecar);
    await drawer.apply.click();
    await expect(page).toHaveURL(/\/apply\/data-masking\?step=review/);
    await expect(drawer.foot).toContainText(t.noSidecar);
});

test("an ambient service is reached by its waypoint, with targetRefs", async ({ page, open, t, scripts, unique }) => {
    const resource = unique("ambient");
    const drawer = new Drawer(page);
    await open("/services/ambient/orders");
    await expect(page.locator("main")).toContainText(t.waypoint);

    await open("/services/ambient/orders/apply/data-masking?step=place");
    await drawer.field("ports").fill("8080");
    await drawer.field("name").fill(resource);
    await drawer.step("place");
    await expect(drawer.problem("ports")).toContainText(t.portsOnWaypoint);
    await drawer.field("ports").fill("");
    await drawer.step("review");
    const yaml = drawer.resource(t.resource);
    await expect(yaml).toContainText("targetRefs:");
    await expect(yaml).toContainText("kind: Service");
    await expect(yaml).toContainText("name: orders");
    await expect(yaml).not.toContainText("selector:");
    await drawer.apply.click();
    await expect(page).toHaveURL(new RegExp(`/services/ambient/orders\\?applied=${resource}`));
    const card = page.locator("li", { has: page.getByRole("link", { name: t.editThis(resource), exact: true }) });
    await eventually(page, scripts, () => expect(card).toContainText(t.loaded(1, 1), { timeout: 300 }));
    await uninstall(page.request, "ambient", resource);
});

test("an ambient service without waypoint says so", async ({ page, open, t }) => {
    await open("/services/ambient-bare/inventory");
    await expect(page.getByRole("heading", { name: t.cannotReach })).toBeVisible();
    await expect(page.locator("main")).toContainText(t.noWaypoint);
});

test("a field that somebody else owns is not taken: the owner is named", async ({ page, open, t }) => {
    const drawer = new Drawer(page);
    await open("/installed/shop/request-tagger/edit?step=place");
    await expect(drawer.title).toHaveText(t.editTitle("request-tagger"));
    await drawer.field("priority").fill("21");
    await drawer.step("review");
    await expect(page.locator("main")).toContainText(t.foreign);
    await expect(page.getByRole("region", { name: t.changes, exact: true }).locator(".diff-added")).toContainText("priority: 21");
    await drawer.apply.click();
    await expect(page.getByRole("heading", { name: t.conflict })).toBeVisible();
    const owners = page.getByRole("row").filter({ hasText: "priority" });
    await expect(owners).toContainText("argocd-controller");

    // Nothing was written.
    await open("/installed?text=request-tagger");
    await expect(page.getByRole("row").filter({ hasText: "request-tagger" })).toContainText("20");
});

test("a service, a plugin and a resource that are not there", async ({ page, open, t }) => {
    for (const path of ["/services/bookinfo/reviews/apply/nope", "/installed/shop/nope/edit"]) {
        const answer = await open(path);
        expect(answer?.status(), path).toBe(404);
        await expect(page.getByRole("alert")).toContainText(t.noSuchThing);
    }
    // A service may vanish while somebody types for it, so what was typed is still shown.
    await open("/services/bookinfo/nope/apply/data-masking");
    await expect(page.locator("main")).toContainText(t.serviceGone);
});
