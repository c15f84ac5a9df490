// Files of ROOT that not every machine has, and jsroot, which reads them.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

export const hasJsroot: boolean = await import("jsroot/io").then(
  () => true,
  () => false,
);

const folder = resolve(import.meta.dirname, "../../../shared/data/root");

/** One of the shared files, or the folder of all; `why` it cannot be read, "" where it can. What is skipped is said. */
export function rootFile(name = ""): { readonly file: string; readonly why: string } {
  const file = join(folder, name);
  const why = !existsSync(file) ? `${file} is absent` : hasJsroot ? "" : "jsroot is not installed";
  if (why) console.log(`skipped: ${why}`);
  return { file, why };
}
