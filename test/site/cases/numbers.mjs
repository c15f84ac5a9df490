/** Numbers read from the page, against the library here: the same bits. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { numberAt, pageAt, pick, tab, tableOf } from "../browser.mjs";
import { modelOf } from "../library.mjs";

const example = (root) => join(root, "examples/data/workspace.json");

/** Columns of a table that the page shows, as numbers. */
const columns = (rows, ...heads) => rows.map((row) => heads.map((head) => Number(row[head])));

export const cases = {
  async "a workspace's contents, yields and fit"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, example(root));
    await page.getByRole("tab", { name: "Contents" }).waitFor();
    equal(await page.locator("[data-fact=channels]").textContent(), "2");
    equal(await page.locator("[data-fact=poi]").textContent(), "mu");

    const { pulls, uncertainties, fittedYields, channelStacks, model, data } = await modelOf(
      root,
      readFileSync(example(root), "utf8"),
    );
    await tab(page, "Fit");
    await page.locator("[data-block=correlation] svg").waitFor();
    const found = pulls(data, model);
    equal(await numberAt(page, "[data-id=twice-nll]"), found.value);
    for (const summary of await page.locator("#panel summary").all()) await summary.click();
    const rows = await tableOf(page, "fit");
    deepEqual(
      rows.map((row) => [row.parameter, Number(row.best), Number(row["± σ"])]),
      found.names.map((name, i) => [name, found.x[i], found.stdev[i]]),
    );
    const byName = new Map(rows.map((row) => [row.parameter, Number(row.pull)]));
    ok(found.pulls.length > 2);
    for (const { name, pull } of found.pulls) equal(byName.get(name), pull, name);
    const { correlation } = uncertainties(data, model);
    const n = found.names.length;
    const shownR = await tableOf(page, "correlation");
    ok(shownR.length > 2);
    for (const row of shownR) {
      const i = found.names.indexOf(row.parameter);
      for (const [j, name] of found.names.entries())
        if (name in row) equal(Number(row[name]), correlation.data[i * n + j], `${row.parameter}, ${name}`);
    }

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

  async "yields at slid values"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, example(root));
    await tab(page, "Yields");
    await page.getByLabel("Channel", { exact: true }).selectOption("SR");
    const { compile, model } = await modelOf(root, readFileSync(example(root), "utf8"));
    const x = Float64Array.from(model.config.suggestedInit);
    const wanted = { mu: 1.7, jet_energy: -0.37, luminosity: 1.012 };
    for (const [name, value] of Object.entries(wanted)) {
      const input = page.getByLabel(`Value of ${name}`, { exact: true });
      await input.fill(String(value));
      await input.press("Enter");
      x[model.config.parNames.indexOf(name)] = value;
    }
    const [from, to] = model.config.channelSlice("SR");
    const expected = Array.from(compile((pars) => model.expectedMain(pars))(x).subarray(from, to));
    await page.waitForFunction(
      (all) =>
        [...document.querySelectorAll("table[data-sheet=yields] tbody tr")].some(
          (row) => row.children[row.children.length - 2].querySelector("data")?.value === all,
        ),
      String(expected[0]),
    );
    deepEqual(columns(await tableOf(page, "yields"), "all").flat(), expected);
    deepEqual(faults, []);
    await context.close();
  },

  async "limits and the curves that they are read from"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, example(root));
    await tab(page, "Limit");
    await page.locator("[data-block=band] svg").waitFor();
    const { upperLimit, limitScan, model, data } = await modelOf(root, readFileSync(example(root), "utf8"));
    const { observed, expected } = upperLimit(data, model, { level: 0.95 });
    equal(await numberAt(page, "[data-id=observed-limit]"), observed);
    deepEqual(columns(await tableOf(page, "limits"), "mu").flat(), [observed, ...expected]);
    await page.locator("[data-block=band] summary").click();
    const heads = ["mu", "CLs", ...["−2σ", "−1σ", "median", "+1σ", "+2σ"].map((name) => `expected ${name}`)];
    const shown = columns(await tableOf(page, "cls"), ...heads);
    const scan = limitScan(
      shown.map(([mu]) => mu),
      data,
      model,
      { level: 0.95 },
    );
    deepEqual(
      shown,
      shown.map(([mu], i) => [mu, scan.cls[i], ...scan.expected.map((curve) => curve[i])]),
    );
    deepEqual(faults, []);
    await context.close();
  },
};
