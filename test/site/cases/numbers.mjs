/** Numbers read from the page, against the library here: the same bits. */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { numberAt, pageAt, pick, tab, tableOf } from "../browser.mjs";

async function expected(root, text) {
  const { init } = await import(join(root, "dist/src/index.node.js"));
  const stats = await import(join(root, "dist/src/entry/stats.js"));
  await init();
  const workspace = stats.readWorkspace(text);
  const model = workspace.model();
  return { ...stats, model, data: workspace.data(model) };
}

export const cases = {
  async "a workspace's contents, yields and fit"({ browser, site, root }) {
    const file = join(root, "examples/data/workspace.json");
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, file);
    await page.getByRole("tab", { name: "Contents" }).waitFor();
    equal(await page.locator("[data-fact=channels]").textContent(), "2");
    equal(await page.locator("[data-fact=poi]").textContent(), "mu");

    const { pulls, fittedYields, channelStacks, model, data } = await expected(
      root,
      readFileSync(file, "utf8"),
    );
    await tab(page, "Fit");
    await page.locator("[data-block=fit] svg").waitFor();
    const found = pulls(data, model);
    equal(await numberAt(page, "[data-id=twice-nll]"), found.value);
    await page.locator("[data-block=fit] summary").click();
    const rows = await tableOf(page, "fit");
    deepEqual(
      rows.map((row) => [row.parameter, Number(row.best), Number(row["± σ"])]),
      found.names.map((name, i) => [name, found.x[i], found.stdev[i]]),
    );

    await tab(page, "Yields");
    await page.getByRole("button", { name: "Best fit" }).click();
    await page.locator("[data-block=yields] svg[aria-label]").waitFor();
    await page.getByLabel("Channel", { exact: true }).selectOption("SR");
    await page.waitForFunction(
      () => document.querySelectorAll("table[data-sheet=yields] tbody tr").length === 4,
    );
    const fitted = fittedYields(data, model);
    const [stack] = channelStacks(fitted.x, fitted.postfit, data, model).filter(
      ({ channel }) => channel === "SR",
    );
    const shown = await tableOf(page, "yields");
    deepEqual(
      shown.map((row) => Number(row.all)),
      stack.total,
    );
    deepEqual(faults, []);
    await context.close();
  },
};
