/** What the first visit costs, and where the site works: any folder, without a network, under a policy. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { faultsOf, numberAt, pageAt, pick, tab } from "../browser.mjs";
import { policyOf, serve } from "../server.mjs";

const example = (root) => join(root, "examples/data/workspace.json");

/** Opens a workspace and fits it, which needs the worker, the kernels and the figures. */
async function fits(page, root) {
  await pick(page, example(root));
  await tab(page, "Fit");
  await page.locator("[data-block=fit] svg").waitFor();
  return numberAt(page, "[data-id=twice-nll]");
}

/** Until the service worker has all files of the site. */
const kept = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
    return all.reduce((a, b) => a + b, 0);
  });

export const cases = {
  async "first paint at 4 Mbit/s, and the size of the first visit"({ browser, site }) {
    const context = await browser.newContext({ serviceWorkers: "block" });
    const page = await context.newPage();
    const faults = faultsOf(page);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      ...{ offline: false, latency: 40, downloadThroughput: 4e6 / 8, uploadThroughput: 4e6 / 8 },
    });
    await page.goto(site.address, { waitUntil: "networkidle" });
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    ok(paint < 1000, `first paint after ${paint} ms`);
    deepEqual(
      faults.filter((text) => !/service ?worker/i.test(text)),
      [],
    );
    await context.close();

    site.sent.length = 0;
    const { page: whole, context: second } = await pageAt(browser, site.address);
    ok((await kept(whole)) > 4);
    const size = site.sent.reduce((sum, { bytes }) => sum + bytes, 0);
    ok(size <= 350_000, `${size} bytes: ${JSON.stringify(site.sent)}`);
    await second.close();
    return `first paint ${Math.round(paint)} ms; ${Math.round(size / 1000)} kB with all that is kept for later`;
  },

  async "works without its server after the first visit"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await kept(page);
    site.end();
    await context.setOffline(true);
    await page.reload();
    await page.waitForSelector(".zone");
    ok(Number.isFinite(await fits(page, root)));
    deepEqual(faults, []);
    await context.close();
  },

  async "works in any folder, under its policy as a header"({ browser, root, folder }) {
    const headers = { "content-security-policy": policyOf(folder) };
    const found = [];
    for (const at of ["/", "/a/b/"]) {
      const site = await serve(folder, { at, headers });
      const { page, context, faults } = await pageAt(browser, site.address);
      found.push(await fits(page, root));
      deepEqual(faults, []);
      await context.close();
      site.end();
    }
    equal(found[0], found[1]);
  },

  async "a policy that refuses WebAssembly ends in a sentence"({ browser, root, folder }) {
    const headers = { "content-security-policy": policyOf(folder).replace(" 'wasm-unsafe-eval'", "") };
    const site = await serve(folder, { headers });
    const { page, context } = await pageAt(browser, site.address);
    await pick(page, example(root));
    const said = await page.getByRole("alert").textContent();
    ok(/wasm-unsafe-eval|WebAssembly/.test(said), said);
    await context.close();
    site.end();
  },
};
