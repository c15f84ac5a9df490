/** Two workspaces side by side: differences, yields and fits, against the library here. */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pageAt, pick, tab, tableOf } from "../browser.mjs";

async function expected(root, workspace) {
  const { init } = await import(join(root, "dist/src/index.node.js"));
  const { readWorkspace, pulls, upperLimit } = await import(join(root, "dist/src/entry/stats.js"));
  await init();
  const read = readWorkspace(workspace);
  const model = read.model();
  const data = read.data(model);
  return { ...pulls(data, model), limit: upperLimit(data, model) };
}

const limitIn = ({ observed, expected }, row) => {
  const place = ["−2σ", "−1σ", "median", "+1σ", "+2σ"].findIndex((name) => row === `expected ${name}`);
  return row === "observed" ? observed : expected[place];
};

export const cases = {
  async "differences, yields and fits of two workspaces"({ browser, site, root }) {
    const file = join(root, "examples/data/workspace.json");
    const text = readFileSync(file, "utf8");
    const other = JSON.parse(text);
    const [sr] = other.channels;
    sr.samples[0].data[1] *= 2;
    sr.samples[1].modifiers = sr.samples[1].modifiers.filter(({ name }) => name !== "jet_energy");
    other.observations.find(({ name }) => name === "CR").data[0] += 3;
    const { page, context, faults } = await pageAt(browser, site.address);
    const as = (name, content) => ({
      ...{ name, mimeType: "application/json", buffer: Buffer.from(content) },
    });
    await pick(page, [as("workspace.json", text), as("other.json", JSON.stringify(other))]);
    await tab(page, "Compare");
    await page.locator("table[data-sheet=differences]").waitFor();
    const here = await page.locator(".sides b").allTextContents();
    deepEqual(here, ["workspace", "other"]);
    deepEqual(
      (await tableOf(page, "differences")).map(({ what, channel, sample, name, ...sides }) => [
        ...[what, channel, sample, name],
        ...[sides.workspace, sides.other],
      ]),
      [
        ["sample", "SR", "signal", "signal", "22 events", "27 events"],
        ["modifier", "SR", "ttbar", "jet_energy", "histosys", "not there"],
        ["observation", "CR", "–", "CR", "428 events", "431 events"],
      ],
    );
    const changes = await tableOf(page, "changes");
    deepEqual(
      changes.filter((row) => Number(row.difference) !== 0).map((row) => [row.bin, Number(row.difference)]),
      [["SR 2", 5]],
    );
    await page.locator("[data-block=fits] svg").waitFor();
    const [ours, theirs] = [await expected(root, text), await expected(root, JSON.stringify(other))];
    for (const row of await tableOf(page, "fits")) {
      equal(Number(row.workspace), ours.x[ours.names.indexOf(row.parameter)], row.parameter);
      equal(Number(row.other), theirs.x[theirs.names.indexOf(row.parameter)], row.parameter);
    }
    await page.locator("table[data-sheet=both-limits]").waitFor();
    for (const row of await tableOf(page, "both-limits")) {
      equal(Number(row.workspace), limitIn(ours.limit, row.limit), row.limit);
      equal(Number(row.other), limitIn(theirs.limit, row.limit), row.limit);
    }
    await page.getByRole("button", { name: "Swap" }).click();
    await page.getByText("27 events").waitFor();
    deepEqual(await page.locator(".sides b").allTextContents(), ["other", "workspace"]);
    deepEqual(faults, []);
    await context.close();
  },
};
