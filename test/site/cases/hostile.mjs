/** What nobody should drop: each ends in a sentence, nothing of it acts, and the page goes on. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileOf, pageAt, pick, settled, tab, tabsOf } from "../browser.mjs";
import { gz, tarOf, workspaceOf, zipOf } from "../documents.mjs";

const json = JSON.stringify;
const text = (options) => json(workspaceOf(options));
const archive = () =>
  gz(tarOf({ "w.json": text({ systs: 60 }), "p.json": randomBytes(4000).toString("hex") }));
const depth = (n) => `${"[".repeat(n)}${"]".repeat(n)}`;
const changed = (change) => {
  const document = workspaceOf();
  change(document);
  return json(document);
};

/** By name of the file: its bytes, and what the page must say. */
const refused = {
  "empty.json": ["", /empty/],
  "page.json": ["<!doctype html><script>document.title='ran'</script>", /web page/],
  "cut.json": [text().slice(0, 300), /cut off/],
  "cut.tar.gz": [archive().subarray(0, 1500), /cut off/],
  "cut.zip": [zipOf({ "w.json": text() }).subarray(0, 200), /cut off/],
  "bomb.gz": [gz(gz(Buffer.alloc(3e8))), /more than \d+ MiB/],
  "bomb.zip": [zipOf({ "a.json": Buffer.alloc(6e7) }), /more than \d+ MiB/],
  "again.zip": [
    zipOf({ "a.zip": zipOf({ "b.zip": zipOf({ "c.zip": zipOf({ "d.zip": zipOf({ "e.json": "{}" }) }) }) }) }),
    /deep/,
  ],
  "many.tar.gz": [
    gz(
      Buffer.concat([
        tarOf({ a: "" }).subarray(0, 512),
        ...Array(20_001).fill(tarOf({ b: "" }).subarray(0, 512)),
      ]),
    ),
    /more than 20000 files/,
  ],
  "overlap.zip": [
    zipOf(
      Object.fromEntries(
        Array.from({ length: 2000 }, (_, i) => [`${i}.json`, i === 0 ? Buffer.alloc(2e5, "[") : "{}"]),
      ),
      (s) => ({ ...s, local: 0, packed: 400, size: 2 }),
    ),
    /\S/,
  ],
  "lies.zip": [zipOf({ "w.json": text() }, (s) => ({ ...s, packed: 1e9 })), /damaged|cut off/],
  "outside.zip": [zipOf({ "w.json": text() }, (s) => ({ ...s, local: 4e9 })), /damaged|cut off/],
  "lies.tar": [tarOf({ "w.json": text() }, { size: 8 ** 10 }), /cut off/],
  "deep.json": [depth(200_000), /\S/],
  "deepin.json": [text().replace('"parameters":[]', `"parameters":${depth(50_000)}`), /\S/],
  "nan.json": [text().replace(/"data":\[\d+/, '"data":[NaN'), /JSON/],
  "huge.json": [text().replace(/"data":\[\d+/, '"data":[1e999'), /finite|number/i],
  "text.json": [text().replace(/"data":\[\d+/, '"data":["1"'), /\S/],
  "proto.json": [`{"__proto__": ${text()}}`, /neither/],
  "number.json": ["1", /neither/],
  "null.json": [json({ channels: null, measurements: null, observations: null, version: "1.0.0" }), /\S/],
  "noise.bin": [randomBytes(5000), /not JSON/],
  "hs3.json": [json({ distributions: [], domains: [] }), /HS3/],
  "two.json": [changed((w) => w.channels.push(w.channels[0])), /channel0/],
  "short.json": [changed((w) => w.channels[0].samples[0].data.pop()), /expected 3 numbers/],
  "half.json": [text().replace("signal", "\\ud800"), /surrogate/],
  "unknown.json": [
    changed((w) => {
      w.channels[0].samples[0].modifiers[0].type = "constructor";
    }),
    /constructor/,
  ],
};

const said = (page) => page.locator("main [role=alert]").first();

/** What the page says of a file or address, which must be a sentence for people. */
async function heardOf(page, what, sentence) {
  try {
    await said(page).waitFor();
  } catch {
    const instead = await page.locator("main").textContent();
    throw new Error(`${what}: nothing is said; the page has ${instead.slice(0, 300)}`);
  }
  const heard = await said(page).textContent();
  ok(sentence.test(heard), `${what}: ${heard}`);
  ok(
    heard.length < 600 && !/undefined|\[object|is not a function|Cannot read/.test(heard),
    `${what}: ${heard}`,
  );
}

/** What names may be made of to do harm where they are shown. */
const evil = [
  ...[
    "<img src=x onerror=ran()>",
    "<script>ran()</script>",
    "</title><svg onload=ran()>",
    "</style><script>ran()</script>",
  ],
  ...[
    "<math><mtext></mtext><mglyph><style><img src onerror=ran()>",
    "javascript:ran()",
    "]]><script>ran()</script>",
  ],
  ...[
    "\u202egnp.\u2066js",
    "__proto__",
    "constructor",
    "toString",
    "&lt;script&gt;ran()",
    "a\u0000b",
    "=HYPERLINK(1)",
  ],
];

export const cases = {
  async "files that cannot be opened end in a sentence"({ browser, site, root }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    for (const [name, [content, sentence]] of Object.entries(refused)) {
      await page.goto(site.address);
      await pick(page, fileOf(name, content));
      await heardOf(page, name, sentence);
      // It goes on: the next file opens.
      await pick(page, join(root, "examples/data/workspace.json"));
      await page.locator("[data-fact=channels]").waitFor();
      equal(await said(page).count(), 0, name);
    }
    equal(await page.title(), "Likelihood explorer");
    deepEqual(faults, []);
    await context.close();
  },

  async "names that would act are shown as they are"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await page.evaluate(() => {
      window.ran = () => console.error("a name acted");
    });
    let n = 0;
    const long = "x".repeat(100_000);
    const name = (own) => `${evil[n++ % evil.length]}${own}${n % 9 === 0 ? long : ""}`;
    const known = new Map();
    const same = (own) => known.get(own) ?? known.set(own, name(own)).get(own);
    await pick(page, fileOf("<img src=x onerror=ran()>.json", text({ systs: 20, name: same })));
    for (const title of await tabsOf(page)) {
      await page.getByRole("tab", { name: title, exact: true }).click();
      await settled(page);
      await page.evaluate(() => {
        for (const details of document.querySelectorAll("#panel details")) details.open = true;
      });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      ok(wide <= 0, `${title} is ${wide} px too wide`);
      if (title === "Contents")
        ok(
          await page.evaluate(() => document.body.textContent.includes("<script>ran()</script>")),
          "no names",
        );
      equal(await page.locator("main script, main iframe, main img, main a[href^=javascript]").count(), 0);
    }
    deepEqual(faults, []);
    await context.close();
  },

  async "a million bins, and a signal in an archive that points outside of it"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    await pick(page, fileOf("million.json.gz", gz(text({ bins: 1_000_000, systs: 1 }))));
    await page.locator("[data-fact=bins], main [role=alert]").first().waitFor({ timeout: 40_000 });
    for (const title of await tabsOf(page)) {
      await page.getByRole("tab", { name: title, exact: true }).click({ timeout: 15_000 });
      // The page answers, whatever the worker does.
      await page.evaluate(() => new Promise((go) => requestAnimationFrame(go)));
      await page.waitForFunction(() => document.querySelector("#panel").textContent !== "");
    }
    await pick(page, fileOf("out.tar", tarOf({ "../../etc/w.json": text(), "/abs/readme.md": "x" })));
    await page.waitForFunction(() => document.querySelector("[data-fact=bins]")?.textContent === "4");
    deepEqual(faults, []);
    await context.close();
  },

  async "addresses that answer with anything else"({ browser, site }) {
    const open = { "access-control-allow-origin": "*" };
    const answers = {
      "/page": (r) => r.writeHead(200, { ...open, "content-type": "text/html" }).end("<html>"),
      "/none": (r) => r.writeHead(404, open).end(""),
      "/closed": (r) => r.writeHead(200).end(text()),
      "/huge": (r) => r.writeHead(200, { ...open, "content-length": 1e12 }).write("{"),
      "/endless": (r) => {
        r.writeHead(200, open);
        const piece = Buffer.alloc(2 ** 22, " ");
        const more = () => {
          while (!r.destroyed && r.write(piece));
          if (!r.destroyed) r.once("drain", more);
        };
        more();
      },
      "/broken": (r) => {
        r.writeHead(200, { ...open, "content-length": 1000 });
        r.write("{", () => r.destroy());
      },
      "/good": (r) =>
        r.writeHead(200, { ...open, "content-disposition": "attachment; filename=w.json" }).end(text()),
    };
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url, "http://x");
      (answers[pathname] ?? answers["/none"])(response);
    });
    await new Promise((go) => server.listen(0, "127.0.0.1", go));
    const there = `http://localhost:${server.address().port}`;
    const expected = {
      ...{ "/page": /web page/, "/none": /404/, "/closed": /CORS/, "/huge": /MiB/, "/endless": /MiB/ },
      ...{ "/broken": /CORS|cannot be reached|broke|cut off|ended/ },
    };
    const { page, context } = await pageAt(browser, site.address);
    for (const [path, sentence] of Object.entries(expected)) {
      await page.goto(`${site.address}?url=${encodeURIComponent(there + path)}`);
      await heardOf(page, path, sentence);
    }
    for (const address of [
      "javascript:console.error(1)",
      "data:text/html,<script>1</script>",
      "file:///etc/passwd",
      "http://[",
      "blob:x",
    ]) {
      await page.goto(`${site.address}?url=${encodeURIComponent(address)}`);
      await heardOf(page, address, /no address of a file on the web/);
    }
    await page.goto(`${site.address}?url=${encodeURIComponent(`${there}/good`)}`);
    await page.locator("[data-fact=channels]").waitFor();
    server.closeAllConnections();
    server.close();
    await context.close();
  },

  async "workspaces that do not converge, one after the other by one name"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    const free = (name) => ({ name, type: "normfactor", data: null });
    const samples = (change) => (w) => w.channels[0].samples.map(change);
    const cases = [
      [samples(({ data }) => data.fill(0)), /did not converge.*nothing is expected/],
      [samples(({ data }) => data.fill(-3)), /did not converge.*-9 is expected/],
      [(w) => w.observations[0].data.fill(1e300), /at a bound: mu/],
      [(w) => w.observations[0].data.fill(-5), /-5.*not negative/],
      // Nothing holds the two factors apart from the one of interest.
      [samples(({ modifiers }) => modifiers.push(free("a"), free("b"))), /do not determine/],
    ];
    for (const [change, sentence] of cases) {
      const document = workspaceOf({ systs: 0 });
      change(document);
      for (const { modifiers } of document.channels[0].samples.slice(1)) modifiers.push(free("mu"));
      await pick(page, fileOf("w.json", json(document)));
      await page.locator("[data-block=channels]").waitFor();
      await tab(page, "Fit");
      await settled(page);
      const shown = await page.locator("#panel").textContent();
      ok(sentence.test(shown), shown.slice(0, 500));
    }
    deepEqual(faults, []);
    await context.close();
  },
};
