import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The categories of the built-in plugins, one for each, as their sources say. Run from this workspace's folder, as `make test` does. */
export function builtins(): string[] {
    const folder = join("..", "plugins");
    return readdirSync(folder)
        .map((name) => join(folder, name, "plugin.toml"))
        .filter((file) => existsSync(file))
        .map((file) => /^category = "(.*)"$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "");
}
