/** For everybody: axe in every panel and both themes, keys alone, a phone, reduced motion. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { documents, many, packed } from "../archive.mjs";
import { fileOf, pageAt, pick, settled, tabsOf } from "../browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const example = (root) => join(root, "examples/data/workspace.json");
const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

/** What axe finds, in short. It comes by the debugger, which no policy of the page refuses. */
async function violations(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}

/** Runs `look` on the page before and after a file is open, and in every panel when it has answered. */
async function everywhere(page, look) {
  await look("welcome");
  await pick(page, fileOf("likelihoods.tar.gz", packed(documents())));
  await page.getByRole("button", { name: "stop_500_50" }).waitFor();
  await settled(page);
  await look("Signals");
  await page.getByRole("button", { name: "stop_500_50" }).click();
  for (const title of await tabsOf(page)) {
    await page.getByRole("tab", { name: title, exact: true }).click();
    await settled(page);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("#panel details")) details.open = true;
    });
    await look(title);
  }
}

/** What is wider than the page, and what is smaller than a finger. */
const unfit = (page) =>
  page.evaluate(() => {
    const found = [];
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) found.push(`the page is ${wide} px too wide`);
    const hit = "button, select, input, summary, a[href], [role=tab], [tabindex='0']";
    for (const element of document.querySelectorAll(hit)) {
      const { width, height } = element.getBoundingClientRect();
      const name = element.outerHTML.slice(0, 90);
      if (
        width === 0 ||
        element.closest(".hidden, .skip") ||
        getComputedStyle(element).visibility === "hidden"
      )
        continue;
      const label = element.closest("label");
      const { width: w, height: h } = (label ?? element).getBoundingClientRect();
      if (Math.max(width, w) < 24 || Math.max(height, h) < 24) found.push(`${name}: ${width} × ${height}`);
    }
    return found;
  });

/** Presses Tab until what has the focus is what is looked for, and that is seen. */
async function reach(page, what, key = "Tab") {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press(key);
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { top, bottom } = element.getBoundingClientRect();
      return {
        name: element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent,
        ringed: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2,
        seen: bottom > 0 && top < innerHeight,
        html: element.outerHTML.slice(0, 100),
      };
    });
    ok(focus.ringed || focus.html.startsWith("<body"), `no ring around ${focus.html}`);
    ok(focus.seen || focus.html.startsWith("<body"), `out of sight: ${focus.html}`);
    if (what.test(focus.name)) return;
  }
  throw new Error(`no way to ${what} by Tab`);
}

export const cases = {
  async "axe finds nothing in any panel, in both themes"({ browser, site }) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, context, faults } = await pageAt(browser, site.address, { colorScheme });
      await everywhere(page, async (where) =>
        deepEqual(await violations(page), [], `${where}, ${colorScheme}`),
      );
      await pick(page, { name: "x.json", mimeType: "", buffer: Buffer.from("<html>") });
      await page.locator(".notice[role=alert]").first().waitFor();
      deepEqual(await violations(page), [], `refused, ${colorScheme}`);
      deepEqual(faults, []);
      await context.close();
    }
  },

  async "a phone: nothing too wide, nothing too small for a finger"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address, phone);
    await everywhere(page, async (where) => deepEqual(await unfit(page), [], where));
    deepEqual(await violations(page), []);
    deepEqual(faults, []);
    await context.close();
  },

  async "everything by keys alone"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    const { keyboard } = page;
    const tab = () => page.locator("[role=tab][aria-selected=true]").textContent();
    await reach(page, /a search in two channels/);
    await keyboard.press("Enter");
    const titles = await tabsOf(page);
    await reach(page, /Contents/);
    for (const title of [...titles.slice(1), titles[0]]) {
      await keyboard.press("ArrowRight");
      equal(await tab(), title);
      await settled(page);
    }
    await keyboard.press("End");
    equal(await tab(), titles.at(-1));
    await keyboard.press("Home");
    await keyboard.press("ArrowRight");
    equal(await tab(), "Yields");

    await page.locator("[data-block=yields] svg[aria-label]").waitFor();
    const drawn = () => page.locator("[data-block=yields] svg").evaluate((svg) => svg.outerHTML);
    const before = await drawn();
    await reach(page, /^Channel$/);
    await keyboard.press("ArrowDown");
    await page.waitForFunction(
      (text) => document.querySelector("[data-block=yields] svg").outerHTML !== text,
      before,
    );
    await reach(page, /^mu$/);
    const slider = page.locator(`#${await page.evaluate(() => document.activeElement.id)}`);
    const value = Number(await slider.inputValue());
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    ok(Number(await slider.inputValue()) > value);
    await reach(page, /^Value of /);
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type("0.25");
    await keyboard.press("Enter");
    await page.waitForFunction((input) => input.value === "0.25", await slider.elementHandle());
    deepEqual(faults, []);
    await context.close();
  },

  async "a drop by the mouse; signals, limits and files by keys alone"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    const { keyboard } = page;
    const bytes = packed(documents()).toString("base64");
    const files = await page.evaluateHandle((text) => {
      const all = new DataTransfer();
      const content = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      all.items.add(new File([content], "likelihoods.tar.gz"));
      return all;
    }, bytes);
    await page.dispatchEvent("body", "dragover", { dataTransfer: files });
    await page.locator(".over").waitFor();
    await page.dispatchEvent("body", "drop", { dataTransfer: files });
    await page.locator(".over").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "stop_500_50" }).waitFor();
    await settled(page);

    const saved = page.waitForEvent("download");
    await reach(page, /Download signals as CSV/);
    await keyboard.press("Enter");
    const download = await saved;
    equal(download.suggestedFilename(), "signals.csv");
    const [head, ...lines] = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    ok(head.startsWith("signal,mstop,mlsp,"), head);
    ok(lines.some((line) => line.startsWith("stop_500_50,500,50,")));

    await reach(page, /^stop_500_50$/);
    await keyboard.press("Enter");
    await page.getByRole("tab", { name: "Limit", selected: true }).waitFor();
    await page.locator("[data-block=band] svg").waitFor();
    const limit = () => page.locator("[data-id=expected-limit]").getAttribute("value");
    const before = await limit();
    await page.evaluate(() => document.activeElement.blur());
    await reach(page, /^Confidence level$/);
    await keyboard.press("ArrowUp");
    await page.waitForFunction((value) => {
      const now = document.querySelector("[data-id=expected-limit]");
      return now && Number(now.value) < Number(value);
    }, before);
    deepEqual(faults, []);
    await context.close();
  },

  async "a grid is stopped and goes on, workspaces are made and compared, by keys alone"({ browser, site }) {
    const { page, context, faults } = await pageAt(browser, site.address);
    const { keyboard } = page;
    await pick(page, fileOf("likelihoods.tar.gz", packed(documents(many))));
    await page.getByRole("button", { name: "Cancel" }).waitFor();
    await reach(page, /^Cancel$/);
    await keyboard.press("Enter");
    const goOn = page.getByRole("button", { name: "Go on" });
    await goOn.waitFor();
    const done = () => page.locator("[data-fact=tested]").textContent();
    const stopped = Number.parseInt(await done(), 10);
    // The button that stopped it is the one that goes on, and keeps the focus.
    equal(await page.evaluate(() => document.activeElement.textContent), "Go on");
    await keyboard.press("Enter");
    await page.waitForFunction(
      (n) => Number.parseInt(document.querySelector("[data-fact=tested]").textContent, 10) > n,
      stopped,
    );

    const open = async (title) => {
      const titles = await tabsOf(page);
      await reach(page, new RegExp(`^(${titles.join("|")})$`), "Shift+Tab");
      for (let i = 0; i < titles.length; i++) {
        const [now] = await page.locator("[role=tab][aria-selected=true]").allTextContents();
        if (now === title) return;
        await keyboard.press("ArrowRight");
      }
      throw new Error(`no way to ${title}`);
    };
    await open("Edit");
    await reach(page, /^Keep .* of types of modifiers$/);
    await keyboard.press("Space");
    await settled(page);
    await page.getByRole("button", { name: "Make this workspace", disabled: false }).waitFor();
    await reach(page, /^Make this workspace$/, "Shift+Tab");
    await keyboard.press("Enter");
    const chosen = page.getByLabel("Workspace", { exact: true }).locator("option:checked");
    await chosen.filter({ hasText: "edited" }).waitFor({ state: "attached" });

    await open("Compare");
    await reach(page, /^Compare with$/);
    await keyboard.press("ArrowDown");
    await page.locator("table[data-sheet=differences] tbody tr").first().waitFor();
    deepEqual(faults, []);
    await context.close();
  },

  async "themes and motion as the system and the reader want them"({ browser, site, root }) {
    const paper = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const { page, context, faults } = await pageAt(browser, site.address, {
      ...{ colorScheme: "dark", reducedMotion: "reduce" },
    });
    const dark = await paper(page);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await paper(page);
    equal(light, "rgb(255, 255, 255)");
    ok(dark !== light);
    await pick(page, example(root));
    await page.getByLabel("Theme").selectOption("dark");
    await page.waitForFunction((color) => getComputedStyle(document.body).backgroundColor === color, dark);
    await page.getByRole("tab", { name: "Yields" }).click();
    await page.locator("[data-block=yields] svg").waitFor();
    const moving = await page.evaluate(() => document.getAnimations().length);
    equal(moving, 0);
    // The figure follows the theme, and a reload keeps it.
    const fill = () =>
      page
        .locator("[data-block=yields] svg")
        .evaluate((svg) => svg.outerHTML.replace(/[^#]*(#[0-9a-f]+)?/g, "$1"));
    const inDark = await fill();
    await page.getByLabel("Theme").selectOption("light");
    await page.waitForFunction(
      (text) =>
        document.querySelector("[data-block=yields] svg").outerHTML.replace(/[^#]*(#[0-9a-f]+)?/g, "$1") !==
        text,
      inDark,
    );
    await page.waitForURL(/t=light/);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.reload();
    await page.getByRole("tab", { name: "Yields" }).waitFor();
    equal(await paper(page), light);
    deepEqual(faults, []);
    await context.close();
  },
};
