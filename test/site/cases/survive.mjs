/** What outlives a page: answers in the browser's own store, and the view in a link. */
import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { expectSoon, numberAt, pageAt, pick, settled, tab } from "../browser.mjs";

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
};
