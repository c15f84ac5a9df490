/** Pages of the site in the machine's browsers, which report all that goes wrong in them. */
import { spawnSync } from "node:child_process";
import { chromium, firefox } from "playwright-core";

const there = (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
const find = (...names) => names.find((name) => name && there(name));

const places = {
  chromium: () => find(process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"),
  firefox: () => find(process.env.FIREFOX, "firefox-esr", "firefox"),
};

const pathOf = (name) => spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();

const launch = {
  chromium: (executablePath) => chromium.launch({ executablePath, args: ["--no-sandbox"] }),
  // By WebDriver BiDi, which any Firefox speaks.
  firefox: (executablePath) => firefox.launch({ channel: "moz-firefox", executablePath }),
};

/** A browser of this machine; null where there is none. */
export async function open(kind = "chromium") {
  const name = places[kind]();
  return name ? launch[kind](pathOf(name)) : null;
}

/** Tells the test what the page's policy refused; runs in the page before its scripts. */
function watch() {
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
    console.error(`refused by policy: ${violatedDirective} ${blockedURI} ${sample}`);
  });
}

/** Collects errors, refused policies and dialogs of a page. */
export function faultsOf(page) {
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || /content security policy/i.test(message.text()))
      faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  return faults;
}

/** A page at an address, in a context of its own, and what went wrong in it. */
export async function pageAt(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.addInitScript(watch);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = faultsOf(page);
  await page.goto(address);
  await page.waitForSelector(".top");
  return { page, context, faults };
}

/** Opens files as a picker does: paths, or { name, mimeType, buffer }. */
export const pick = (page, files) => page.locator("input[type=file]").first().setInputFiles(files);

/** A text as a file that is picked. */
export const fileOf = (name, content) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(content),
});

export const tab = (page, name) => page.getByRole("tab", { name, exact: true }).click();

/** Titles of all tabs. */
export async function tabsOf(page) {
  await page.getByRole("tab").first().waitFor();
  return page.getByRole("tab").allTextContents();
}

/** Waits until nothing is being computed that the page shows, and for a moment more nothing is. */
export async function settled(page, timeout = 30_000) {
  await page.waitForFunction(
    () => {
      const quiet =
        document.querySelector("#panel")?.textContent !== "" && !document.querySelector("[aria-busy=true]");
      window.quietSince = quiet ? (window.quietSince ?? performance.now()) : undefined;
      return quiet && performance.now() - window.quietSince > 150;
    },
    undefined,
    { timeout, polling: 20 },
  );
  await page.evaluate(() => delete window.quietSince);
}

/** Asks until the answer is what is expected; fails with what came instead. */
export async function expectSoon(ask, expected, seconds = 10) {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    const found = await ask();
    if (found === expected) return;
    if (performance.now() > end) throw new Error(`expected ${expected}, got ${found}`);
    await new Promise((go) => setTimeout(go, 50));
  }
}

/** The number that an element of the page carries, to all its digits. */
export async function numberAt(page, selector) {
  const value = await page.locator(selector).first().getAttribute("value");
  return value === null || value === "" ? Number.NaN : Number(value);
}

/** Cells of a shown table, by the text of their first cell and the head of their column. */
export const tableOf = (page, id) =>
  page.locator(`table[data-sheet="${id}"]`).evaluate((table) => {
    const heads = [...table.querySelectorAll("thead th")].map((th) => th.textContent);
    const content = (cell) => cell.querySelector("data")?.value ?? cell.textContent;
    return [...table.querySelectorAll("tbody tr")].map((row) =>
      Object.fromEntries([...row.children].map((cell, i) => [heads[i], content(cell)])),
    );
  });
