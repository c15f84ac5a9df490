/** Archives by their address, as HEPData has them. */
import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pageAt } from "../browser.mjs";

/** The same workspace in a zip and in a tar.gz. */
function archivesOf(root) {
  const folder = mkdtempSync(join(tmpdir(), "explorer-"));
  const from = join(root, "examples/data");
  const [zip, tgz] = ["w.zip", "w.tar.gz"].map((name) => join(folder, name));
  execFileSync("tar", ["czf", tgz, "-C", from, "workspace.json"]);
  execFileSync("python3", ["-m", "zipfile", "-c", zip, join(from, "workspace.json")]);
  const archives = { "w.zip": readFileSync(zip), "w.tar.gz": readFileSync(tgz) };
  rmSync(folder, { recursive: true });
  return archives;
}

export const cases = {
  async "a zip and a tar.gz are opened by their address"({ browser, site, root }) {
    for (const [name, body] of Object.entries(archivesOf(root))) {
      const { page, context, faults } = await pageAt(browser, site.address, { serviceWorkers: "block" });
      const address = `https://data.example/${name}`;
      await page.route(address, (route) =>
        route.fulfill({ body, headers: { "access-control-allow-origin": "*" } }),
      );
      await page.goto(`${site.address}?url=${encodeURIComponent(address)}`);
      await page.locator("[data-fact=bins]").waitFor();
      equal(await page.locator("[data-fact=bins]").textContent(), "6", name);
      equal(await page.locator(".top .file").textContent(), name);
      deepEqual(faults, [], name);
      await context.close();
    }
  },
};
