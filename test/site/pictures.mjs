/**
 * Pictures of the explorer with a made-up archive, at three sizes in both themes: `npm run site:pictures` writes those
 * of the README into docs/explorer, `node test/site/pictures.mjs FOLDER` those of every panel into a folder, to look at.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { documents, packed } from "./archive.mjs";
import { fileOf, open, pageAt, pick, settled, tabsOf } from "./browser.mjs";
import { serve } from "./server.mjs";

const root = resolve(import.meta.dirname, "../..");
const [folder] = process.argv.slice(2);
const sizes = {
  phone: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  tablet: { viewport: { width: 768, height: 900 } },
  desk: { viewport: { width: 1280, height: 800 } },
};
/** Panels of the README. */
const shown = ["Signals"];

/** What stands on the screen, as WebP. */
async function picture(page, file) {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  await devtools.detach();
  writeFileSync(file, Buffer.from(data, "base64"));
}

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
    ...{ cwd: root, stdio: "inherit" },
  },
);
const out = folder ? resolve(folder) : join(root, "docs/explorer");
mkdirSync(out, { recursive: true });
const browser = await open();
if (browser === null) throw new Error("no chromium here (apt-get install chromium)");
const site = await serve(join(root, "site/dist"));
for (const [size, options] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, context, faults } = await pageAt(browser, site.address, { ...options, colorScheme });
    const name = (panel) => join(out, `${panel.toLowerCase()}-${size}-${colorScheme}.webp`);
    if (folder) await picture(page, name("welcome"));
    await pick(page, fileOf("likelihoods.tar.gz", packed(documents())));
    for (const title of await tabsOf(page)) {
      if (!folder && !shown.includes(title)) continue;
      await page.getByRole("tab", { name: title, exact: true }).click();
      await settled(page);
      if (title === "Signals") await page.getByRole("button", { name: "stop_500_50" }).waitFor();
      await picture(page, name(title));
      if (!folder || title !== "Signals") continue;
      // The panels after it look at a signal.
      await page.getByRole("button", { name: "stop_500_50" }).click();
      await settled(page);
    }
    if (folder) {
      for (const title of ["Contents", "Yields", "Fit"]) {
        await page.getByRole("tab", { name: title, exact: true }).click();
        await settled(page);
        await picture(page, name(title));
      }
    }
    if (faults.length > 0) throw new Error(faults.join("\n"));
    await context.close();
  }
}
await browser.close();
site.end();
