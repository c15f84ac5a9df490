/** Builds the site, and runs every case of this folder in one browser. `node main.mjs NAME` runs one. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { open } from "./browser.mjs";
import { serve } from "./server.mjs";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const wanted = process.argv.slice(2);

if (!process.env.SITE_BUILT)
  execFileSync("npx", ["vite", "build", "--config", "site/vite.config.ts", "--logLevel", "warn"], {
    cwd: root,
    stdio: "inherit",
  });

const browser = await open();
let failed = 0;
for (const file of readdirSync(join(here, "cases")).sort()) {
  const { cases } = await import(pathToFileURL(join(here, "cases", file)).href);
  for (const [name, run] of Object.entries(cases)) {
    const label = `${file.replace(/\.mjs$/, "")}: ${name}`;
    if (wanted.length > 0 && !wanted.some((part) => label.includes(part))) continue;
    const site = await serve(join(root, "site/dist"));
    const start = performance.now();
    try {
      await run({ browser, site, root });
      console.log(`ok    ${label} (${Math.round(performance.now() - start)} ms)`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${label}\n${error instanceof Error ? error.stack : error}`);
    }
    site.end();
  }
}
await browser.close();
if (failed > 0) {
  console.log(`${failed} failed`);
  process.exitCode = 1;
}
