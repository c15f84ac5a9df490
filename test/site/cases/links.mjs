/** A link gives back what was looked at: here, in another browser, and by address. */
import { deepEqual, equal } from "node:assert/strict";
import { documents, packed } from "../archive.mjs";
import { faultsOf, fileOf, numberAt, pageAt, pick, tab } from "../browser.mjs";

const archive = () => fileOf("likelihoods.tar.gz", packed());

/** All that a reader may choose, as the page shows it. */
const seen = async (page) => ({
  tab: await page.locator("[role=tab][aria-selected=true]").textContent(),
  workspace: await page.getByLabel("Workspace", { exact: true }).inputValue(),
  signal: await page.getByLabel("Signal", { exact: true }).inputValue(),
  theme: await page.evaluate(() => document.documentElement.dataset.theme ?? "auto"),
});

async function yieldsAt(page) {
  await page.locator("table[data-sheet=yields] tbody tr").first().waitFor();
  // The table is there before the sliders' values are in it.
  await page.locator(".slider[data-changed]").first().waitFor();
  await page.waitForTimeout(300);
  return {
    log: await page.getByLabel("logarithmic").isChecked(),
    changed: await page.locator(".slider[data-changed] label").allTextContents(),
    value: await page.getByLabel("Value of tilt").getAttribute("title"),
    all: await page
      .locator("table[data-sheet=yields] tbody tr td:nth-last-child(2) data")
      .evaluateAll((cells) => cells.map((cell) => cell.value)),
  };
}

export const cases = {
  async "all that was chosen, after a reload and in another browser that is given the file"({
    browser,
    site,
  }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, archive());
    await page.getByLabel("Workspace", { exact: true }).selectOption({ label: "RegionB" });
    await page.getByLabel("Signal", { exact: true }).selectOption({ label: "stop_600_150" });
    await page.getByLabel("Theme").selectOption("dark");
    await tab(page, "Yields");
    await page.getByLabel("logarithmic").check();
    await page.getByLabel("Value of tilt").fill("0.1234567890123");
    await page.keyboard.press("Tab");
    await page.locator(".slider[data-changed]").first().waitFor();
    await page.waitForTimeout(500);
    const [view, yields] = [await seen(page), await yieldsAt(page)];
    equal(yields.value, "0.1234567890123");
    const link = page.url();

    await page.goto("about:blank");
    await page.goto(link);
    deepEqual([await seen(page), await yieldsAt(page)], [view, yields]);
    await context.close();

    const other = await pageAt(browser, link);
    await other.page.getByText("This link looks at a file that is not here").waitFor();
    await pick(other.page, archive());
    await other.page.getByRole("tab").first().waitFor();
    deepEqual([await seen(other.page), await yieldsAt(other.page)], [view, yields]);
    deepEqual([...faults, ...other.faults], []);
    await other.context.close();
  },

  async "a document by address, and a link to a limit of it"({ browser, site }) {
    const { origin } = site;
    const own = await browser.newContext();
    const first = await own.newPage();
    const faults = faultsOf(first);
    await own.route(`${origin}/data/likelihoods.tar.gz`, (route) =>
      route.fulfill({ body: packed(documents()), contentType: "application/gzip" }),
    );
    const address = encodeURIComponent(`${origin}/data/likelihoods.tar.gz`);
    await first.goto(`${site.address}?url=${address}`);
    await first.getByRole("button", { name: "stop_500_50" }).click();
    await first.getByLabel("Confidence level").selectOption("0.9");
    await first.locator("[data-block=band] svg[aria-label]").waitFor();
    await first.getByText("at 90 %").waitFor();
    const limit = await numberAt(first, "[data-id=observed-limit]");
    await first.waitForTimeout(400);
    const second = await own.newPage();
    await second.goto(first.url());
    await second.locator("[data-block=band] svg[aria-label]").waitFor();
    equal(await numberAt(second, "[data-id=observed-limit]"), limit);
    deepEqual(faults, []);
    await own.close();
  },
};
