/** What the page prunes, renames and combines, against the library here: the same documents. */
import { deepEqual, equal, match } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pageAt, pick, tab } from "../browser.mjs";

async function library(root) {
  const { init } = await import(join(root, "dist/src/index.node.js"));
  const stats = await import(join(root, "dist/src/entry/stats.js"));
  await init();
  return stats;
}

const after = (page, fact) => page.locator(`.changes [data-fact=${fact}]`).getAttribute("data-after");
const waitAfter = (page, fact, value) =>
  page.locator(`.changes [data-fact=${fact}][data-after="${value}"]`).waitFor();

export const cases = {
  async "a pruned and renamed workspace is the library's, and a link makes it again"({
    browser,
    site,
    root,
  }) {
    const file = join(root, "examples/data/workspace.json");
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, file);
    await tab(page, "Edit");
    await page.getByLabel("Keep CR of channels").uncheck();
    await waitAfter(page, "channels", 1);
    await page.getByLabel("Keep histosys of types of modifiers").uncheck();
    await page.getByLabel("New name of ttbar of samples").fill("top");
    await page.keyboard.press("Tab");
    await waitAfter(page, "modifiers", 5);
    equal(await after(page, "bins"), "4");
    equal(await page.locator("[data-names=modifiers] [data-gone]").textContent(), "jet_energyhistosys2");

    const { readWorkspace } = await library(root);
    const made = readWorkspace(readFileSync(file, "utf8"))
      .prune({ channels: ["CR"], modifierTypes: ["histosys"] })
      .rename({ samples: { ttbar: "top" } });
    await page.getByRole("button", { name: "Make this workspace" }).click();
    await page.getByLabel("Workspace", { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(".making .downloads button").click(),
    ]);
    equal(readFileSync(await download.path(), "utf8"), made.write());

    await tab(page, "Contents");
    equal(await page.locator("[data-fact=channels]").textContent(), "1");
    const [all] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save all" }).click(),
    ]);
    equal(all.suggestedFilename(), "workspace-explored.zip");
    const entry = (name) => execFileSync("unzip", ["-p", savedAt, name], { encoding: "utf8" });
    const savedAt = await all.path();
    execFileSync("unzip", ["-tq", savedAt]);
    equal(entry("made/workspace_edited.json"), made.write());
    match(entry("report.html"), /<h2>Parameters<\/h2>.*ttbar_norm/s);
    match(entry("contents/parameters.csv"), /^parameter,type,constraint/);
    equal(
      JSON.parse(entry("answers.json")).answers.some(({ task }) => task === "describe"),
      true,
    );
    await page.waitForTimeout(300);
    const link = page.url();
    await page.goto("about:blank");
    await page.goto(link);
    await page.locator("[data-fact=bins]").waitFor();
    equal(await page.locator("[data-fact=bins]").textContent(), "4");
    deepEqual(faults, []);
    await context.close();
  },

  async "two workspaces are combined as the library does, and conflicts are said"({ browser, site, root }) {
    const file = join(root, "examples/data/workspace.json");
    const text = readFileSync(file, "utf8");
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, file);
    await tab(page, "Edit");
    await page.getByLabel("Files: Add a workspace").setInputFiles(file);
    await page.getByLabel("Combine with").selectOption({ label: "workspace (2)" });
    await page.getByText('Both workspaces have channels "SR", "CR"').waitFor();
    await page.getByLabel("Add _2 to all channels in both").click();
    await page.getByText('Both workspaces have measurements "main"').waitFor();
    await page.getByLabel("Join").selectOption("outer");
    await waitAfter(page, "channels", 4);
    await page.getByLabel("New name of jet_energy of modifiers in both").fill("jet_energy_2");
    await page.keyboard.press("Tab");
    await waitAfter(page, "modifiers", 7);

    const { readWorkspace } = await library(root);
    const one = readWorkspace(text);
    const other = readWorkspace(text).rename({
      channels: { SR: "SR_2", CR: "CR_2" },
      modifiers: { jet_energy: "jet_energy_2" },
    });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator(".making .downloads button").click(),
    ]);
    equal(readFileSync(await download.path(), "utf8"), one.combine(other, { join: "outer" }).write());
    await page.getByRole("button", { name: "Make this workspace" }).click();
    await tab(page, "Contents");
    await page.locator("[data-fact=bins]", { hasText: "12" }).waitFor();
    deepEqual(faults, []);
    await context.close();
  },
};
