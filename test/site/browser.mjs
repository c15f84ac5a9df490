/** A page of the site in Debian's Chromium, which reports all that goes wrong in it. */
import { chromium } from "playwright-core";

export const open = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

/** A page at an address; `faults` collects errors, refused policies and dialogs. */
export async function pageAt(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(address);
  await page.waitForSelector(".top");
  return { page, context, faults };
}

/** Opens files as a picker does: paths, or { name, mimeType, buffer }. */
export const pick = (page, files) => page.locator("input[type=file]").first().setInputFiles(files);

export const tab = (page, name) => page.getByRole("tab", { name, exact: true }).click();

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
