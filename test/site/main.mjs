/** Builds the site, and runs every case of this folder in one browser. `node main.mjs NAME` runs those with NAME. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const wanted = process.argv.slice(2);
/** Of one case, in seconds; a page that hangs is a fault. */
const limit = 90;

const browser = await open();
if (browser === null) {
  console.log("No chromium here: the site is not run (apt-get install chromium).");
  process.exit(0);
}

if (!process.env.SITE_BUILT) {
  if (!existsSync(join(root, "dist/kernels.wasm")))
    execFileSync("npm", ["run", "-s", "build"], { cwd: root });
  execFileSync(
    process.execPath,
    [
      join(root, "node_modules/vite/bin/vite.js"),
      "build",
      "--config",
      "site/vite.config.ts",
      "--logLevel",
      "warn",
    ],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
}

const late = () => {
  let timer;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limit} s`)), limit * 1000);
  });
  return { end, stop: () => clearTimeout(timer) };
};

let [passed, failed] = [0, 0];
const start = performance.now();
for (const file of readdirSync(join(here, "cases")).sort()) {
  const { cases } = await import(pathToFileURL(join(here, "cases", file)).href);
  for (const [name, run] of Object.entries(cases)) {
    const label = `${file.replace(/\.mjs$/, "")}: ${name}`;
    if (wanted.length > 0 && !wanted.some((part) => label.includes(part))) continue;
    const folder = join(root, "site/dist");
    const site = await serve(folder);
    const began = performance.now();
    const timer = late();
    try {
      const said = await Promise.race([run({ browser, site, root, folder }), timer.end]);
      passed++;
      const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
      console.log(`ok    ${label} (${[took, said].filter(Boolean).join("; ")})`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${label}\n${error instanceof Error ? error.stack : error}`);
    }
    timer.stop();
    for (const context of browser.contexts()) await context.close().catch(() => {});
    site.end();
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed in ${((performance.now() - start) / 1000).toFixed(0)} s`);
// A case that hung may still hold something.
process.exit(failed > 0 || passed === 0 ? 1 : 0);
