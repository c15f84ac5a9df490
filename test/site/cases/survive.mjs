/** What outlives a page: answers in the browser's own store, and the view in a link. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { expectSoon, fileOf, numberAt, pageAt, pick, settled, tab, tableOf } from "../browser.mjs";
import { workspaceOf } from "../documents.mjs";

/** Changes the values of fits that the browser keeps; how many, which is 0 as long as there are none. */
const kept = (value) =>
  new Promise((done) => {
    const request = indexedDB.open("gradcut-explorer");
    request.onsuccess = () => {
      const room = request.result.transaction("answers", "readwrite").objectStore("answers");
      let count = 0;
      room.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) {
          request.result.close();
          done(count);
          return;
        }
        if (/ fit /.test(cursor.key)) {
          cursor.update({ ...cursor.value, value });
          count++;
        }
        cursor.continue();
      };
    };
  });

export const cases = {
  async "a fit survives its tab"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, join(root, "examples/data/workspace.json"));
    await tab(page, "Fit");
    await page.locator("[data-block=fit] svg").waitFor();
    // Another number in the store tells that what is shown next comes from there.
    await settled(page);
    await expectSoon(() => page.evaluate(kept, 123.5), 1);
    await page.waitForURL(/p=fit/);
    const link = page.url();
    await page.close();
    const next = await context.newPage();
    await next.goto(link);
    await next.locator("[data-block=fit] svg").waitFor();
    equal(await numberAt(next, "[data-id=twice-nll]"), 123.5);
    deepEqual(faults, []);
    await context.close();
  },

  async "a link restores all, with its document dropped again"({ browser, site, root }) {
    const file = join(root, "examples/data/workspace.json");
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, file);
    await tab(page, "Yields");
    await page.getByLabel("Channel", { exact: true }).selectOption("SR");
    await page.getByLabel("logarithmic").check();
    await page.getByLabel("Theme").selectOption("dark");
    for (const [name, value] of [
      ["mu", "0.375"],
      ["jet_energy", "-1.25"],
    ]) {
      await page.getByLabel(`Value of ${name}`, { exact: true }).fill(value);
      await page.keyboard.press("Enter");
    }
    await page.waitForURL(/-1\.25/);
    const settledTable = async (one) => {
      await one.locator("[data-block=yields] svg").waitFor();
      await one.waitForFunction(
        () => document.querySelectorAll("table[data-sheet=yields] tbody tr").length === 4,
      );
      await one.waitForTimeout(300);
      return tableOf(one, "yields");
    };
    const before = await settledTable(page);
    const link = page.url();
    await context.close();

    const { page: fresh, context: other, faults: later } = await pageAt(browser, link);
    ok(/file that is not here/.test(await fresh.locator(".notice").textContent()));
    await pick(fresh, file);
    deepEqual(await settledTable(fresh), before);
    equal(await fresh.getByLabel("Channel", { exact: true }).inputValue(), "SR");
    equal(await fresh.getByLabel("Value of mu", { exact: true }).inputValue(), "0.375");
    ok(await fresh.getByLabel("logarithmic").isChecked());
    equal(await fresh.locator("html").getAttribute("data-theme"), "dark");
    equal(fresh.url(), link);
    await other.close();

    const { page: third, context: last } = await pageAt(browser, link);
    await pick(third, fileOf("workspace.json", JSON.stringify(workspaceOf())));
    await third.getByRole("alert").waitFor();
    ok(/another file than the link was made with/.test(await third.getByRole("alert").textContent()));
    await third.getByRole("tab").first().waitFor();
    await last.close();
    deepEqual([...faults, ...later], []);
  },

  async "what a link says that cannot be is left out"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, join(root, "examples/data/workspace.json"));
    await page.waitForURL(/d=/);
    const [digest] = /d=[0-9a-f]+/.exec(page.url());
    const odds = [
      ...["x=999:1", "x=0:1e400", "x=0:-1e300", "c=none", "x=__proto__:1", "p=nothing", "p=__proto__"],
      ...[
        "s=[%22no%22,%22no%22]",
        "m=none",
        "w=none",
        "l=0.5&p=limit",
        "a=9_9&g=<img src=x onerror=alert(1)>",
      ],
    ];
    for (const [n, odd] of odds.entries()) {
      // Another query, or the page would be the same one.
      await page.goto(`${site.address}?n=${n}#${digest}&${odd}&p=yields`);
      await page.getByRole("tab").first().waitFor();
      await page.waitForFunction(() => document.querySelector("#panel")?.textContent !== "");
    }
    deepEqual(faults, []);
    await context.close();
  },
};
