import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
let made: string | undefined;

/**
 * A folder, far from the sources, in which the package is installed as npm would publish it, beside the packages that it
 * depends on. Made once; what was built is packed, so a stale `dist` shows. Throws where nothing was built.
 */
export function packed(): string {
  if (made) return made;
  if (!existsSync(join(root, "dist/src/index.js"))) throw new Error("nothing is built: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "gradcut-packed-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, "node_modules");
  const target = join(modules, "gradcut");
  mkdirSync(target, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      shell: process.platform === "win32",
    }),
  ) as [{ filename: string }];
  // From where it is: to some tars a drive is the name of a machine.
  execFileSync("tar", ["-xzf", `../../${filename}`, "--strip-components=1"], { cwd: target });
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(
    readFileSync(join(target, "package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const there = join(root, "node_modules", name);
    if (!existsSync(there)) continue;
    mkdirSync(resolve(modules, name, ".."), { recursive: true });
    symlinkSync(there, join(modules, name), "junction");
  }
  made = folder;
  return folder;
}
