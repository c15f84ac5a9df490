/** The same tasks once in Firefox, with the same bits. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileOf, numberAt, open, pageAt, pick, settled, tab, tableOf, tabsOf } from "../browser.mjs";
import { gz, workspaceOf } from "../documents.mjs";
import { modelOf } from "../library.mjs";

export const cases = {
  async "every panel, numbers, a reload and a refusal in Firefox"({ site, root }) {
    const browser = await open("firefox");
    if (browser === null) return "no Firefox here: not run (apt-get install firefox-esr)";
    try {
      const file = join(root, "examples/data/workspace.json");
      const { page, context, faults } = await pageAt(browser, site.address);
      await pick(page, fileOf("cut.gz", gz(JSON.stringify(workspaceOf())).subarray(0, 90)));
      ok(/cut off/.test(await page.getByRole("alert").first().textContent()));
      await pick(page, file);
      for (const title of await tabsOf(page)) {
        await page.getByRole("tab", { name: title, exact: true }).click();
        await settled(page);
        ok((await page.locator("#panel").textContent()).length > 40, title);
      }
      const { pulls, upperLimit, model, data } = await modelOf(root, readFileSync(file, "utf8"));
      const found = pulls(data, model);
      await tab(page, "Fit");
      await page.locator("[data-block=fit] svg").waitFor();
      equal(await numberAt(page, "[data-id=twice-nll]"), found.value);
      await page.locator("[data-block=fit] summary").click();
      deepEqual(
        (await tableOf(page, "fit")).map((row) => [row.parameter, Number(row.best), Number(row["± σ"])]),
        found.names.map((name, i) => [name, found.x[i], found.stdev[i]]),
      );
      await page.reload();
      await page.locator("[data-block=fit] svg").waitFor();
      equal(await numberAt(page, "[data-id=twice-nll]"), found.value);
      await tab(page, "Limit");
      await page.locator("[data-block=band] svg").waitFor();
      equal(
        await numberAt(page, "[data-id=observed-limit]"),
        upperLimit(data, model, { level: 0.95 }).observed,
      );
      deepEqual(faults, []);
      await context.close();
      return `Firefox ${browser.version()}`;
    } finally {
      await browser.close();
    }
  },
};
