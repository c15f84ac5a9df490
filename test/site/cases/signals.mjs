/** Grids of signals: from a drop to the line around what is excluded, and what survives of them. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { documents, few, many, packed, patchSet } from "../archive.mjs";
import { fileOf, numberAt, pageAt, pick, tab, tableOf } from "../browser.mjs";

async function library(root) {
  const core = await import(join(root, "dist/src/index.node.js"));
  const stats = await import(join(root, "dist/src/entry/stats.js"));
  await core.init();
  return { ...core, ...stats };
}

/** Model and data of a signal of the archive. */
function asked({ readWorkspace, readPatch, patchWorkspace }, region, signal) {
  const files = documents();
  const background = readWorkspace(files[`Region${region}/BkgOnly.json`]);
  const workspace = patchWorkspace(background, readPatch(files[`Region${region}/patch.${signal}.json`]));
  const model = workspace.model();
  return { model, data: workspace.data(model) };
}

const all = (page, count) =>
  page.waitForFunction(
    (text) => document.querySelector("[data-fact=tested]")?.textContent === text,
    `${count} of ${count} patches`,
  );

const archive = (masses) => fileOf("likelihoods.tar.gz", packed(documents(masses)));

export const cases = {
  async "an archive that is dropped leads to its exclusion, of the library's numbers"({
    browser,
    site,
    root,
  }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, archive());
    await all(page, 2 * few.length);
    await page.locator("[data-block=exclusion] svg[aria-label]").waitFor();
    equal(await page.locator("[data-fact=shown]").textContent(), String(few.length));
    const rows = await tableOf(page, "signals");
    equal(rows.length, few.length);
    const stats = await library(root);
    let excluded = 0;
    for (const row of rows) {
      const tests = ["A", "B"].map((region) => {
        const { model, data } = asked(stats, region, row.signal);
        return { region, ...stats.hypotest(1, data, model) };
      });
      const [best] = tests.sort((a, b) => a.expected - b.expected);
      equal(row.workspace, `Region${best.region}`, row.signal);
      equal(Number(row.CLs), best.cls, row.signal);
      equal(Number(row["expected median"]), best.expected, row.signal);
      equal(`stop_${row.mstop}_${row.mlsp}`, row.signal);
      if (best.cls < 0.05) excluded++;
    }
    equal(await page.locator("[data-fact=excluded]").textContent(), String(excluded));
    ok(excluded > 3 && excluded < 18);
    // Both lines cross the plane.
    const lines = page.locator("[data-block=exclusion] svg path[d*=M]");
    ok((await lines.count()) >= 2);
    deepEqual(faults, []);
    await context.close();
  },

  async "limits and their derivatives are the library's"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, archive());
    await page.getByRole("button", { name: "stop_500_50" }).click();
    const stats = await library(root);
    const { model, data } = asked(stats, "A", "stop_500_50");
    const limit = stats.upperLimit(data, model);
    await page.locator("[data-block=band] svg[aria-label]").waitFor();
    equal(await numberAt(page, "[data-id=observed-limit]"), limit.observed);
    equal(await numberAt(page, "[data-id=expected-limit]"), limit.expected[2]);

    await tab(page, "Improve");
    await page.locator("[data-block=levers] table").waitFor();
    // As a root that differentiates, whose last digits may be others.
    const shown = await numberAt(page, "[data-id=improve-observed]");
    ok(Math.abs(shown / limit.observed - 1) < 1e-10, `${shown} for ${limit.observed}`);
    await page.getByText(/^All \d+ samples and bins$/).click();
    const rows = await tableOf(page, "levers");
    equal(rows.length, 6);
    // One more event of a sample, with the shapes of its variations: a small step of it in the document.
    const step = 1e-4;
    for (const row of rows) {
      const limitAt = (events) => {
        const { spec } = documentOf(stats);
        const sample = spec.channels[0].samples.find(({ name }) => name === row.sample);
        const bin = Number(row.bin) - 1;
        const scale = (sample.data[bin] + events) / sample.data[bin];
        for (const { data: sides } of sample.modifiers)
          for (const side of ["hi_data", "lo_data"]) if (sides?.[side]) sides[side][bin] *= scale;
        sample.data[bin] *= scale;
        const changed = stats.readWorkspace(spec);
        const own = changed.model();
        return stats.upperLimit(changed.data(own), own).expected[2];
      };
      const difference = (limitAt(step) - limitAt(-step)) / (2 * step);
      const found = Number(row["Δ expected, one more event"]);
      ok(Math.abs(found / difference - 1) < 1e-4, `${row.sample} ${row.bin}: ${found} for ${difference}`);
    }
    deepEqual(faults, []);
    await context.close();

    function documentOf({ readWorkspace, readPatch, patchWorkspace }) {
      const files = documents();
      const background = readWorkspace(files["RegionA/BkgOnly.json"]);
      const workspace = patchWorkspace(background, readPatch(files["RegionA/patch.stop_500_50.json"]));
      return { spec: structuredClone(workspace.spec) };
    }
  },

  async "what is tested survives a cancel and a reload"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, archive(many));
    await page.waitForFunction(() =>
      /^[1-9]/.test(document.querySelector("[data-fact=tested]")?.textContent ?? ""),
    );
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Go on" }).waitFor();
    const before = Number.parseInt(await page.locator("[data-fact=tested]").textContent(), 10);
    ok(before > 0 && before < 2 * many.length);
    await page.waitForTimeout(400);
    await page.reload();
    // It goes on by itself, from where it was.
    const first = await page
      .waitForFunction(
        () => Number.parseInt(document.querySelector("[data-fact=tested]")?.textContent ?? "0", 10) || null,
      )
      .then((handle) => handle.jsonValue());
    ok(first >= before, `${first} of ${before}`);
    await all(page, 2 * many.length);
    await page.waitForTimeout(400);
    await page.reload();
    await all(page, 2 * many.length);
    deepEqual(faults, []);
    await context.close();
  },

  async "a drop that comes while signals are tested ends that, and none of it is kept"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, archive(many));
    await page.waitForFunction(() =>
      /^[1-9]/.test(document.querySelector("[data-fact=tested]")?.textContent ?? ""),
    );
    await pick(page, archive());
    await all(page, 2 * few.length);
    const states = new Set((await tableOf(page, "signals")).map(({ status }) => status));
    deepEqual([...states], ["converged"]);
    // The first one has only what was found while it was open.
    await pick(page, archive(many));
    await all(page, 2 * many.length);
    deepEqual(new Set((await tableOf(page, "signals")).map(({ status }) => status)), new Set(["converged"]));
    deepEqual(faults, []);
    await context.close();
  },

  async "the example with signals has a line around some of them"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await page.getByRole("button", { name: "a search with its grid of signals" }).click();
    await page.waitForFunction(() =>
      /^(\d+) of \1 /.test(document.querySelector("[data-fact=tested]")?.textContent ?? ""),
    );
    const states = (await tableOf(page, "signals")).map(({ status }) => status);
    deepEqual([...new Set(states)], ["converged"]);
    const excluded = Number(await page.locator("[data-fact=excluded]").textContent());
    ok(excluded > 10 && excluded < states.length - 10, `${excluded} of ${states.length}`);
    deepEqual(faults, []);
    await context.close();
  },

  async "a patch set of a workspace dropped together with it"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    const background = documents()["RegionA/BkgOnly.json"];
    await pick(page, [
      fileOf("BkgOnly.json", background),
      fileOf("patchset.json", JSON.stringify(patchSet())),
    ]);
    await all(page, few.length);
    await page.locator("[data-block=exclusion] svg[aria-label]").waitFor();
    deepEqual(
      (await tableOf(page, "signals")).map((row) => `stop_${row.mstop}_${row.mlsp}`),
      patchSet().patches.map(({ metadata }) => metadata.name),
    );
    deepEqual(faults, []);
    await context.close();
  },
};
