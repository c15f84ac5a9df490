// gradcut plot: the figures of a training as files.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeAtomically } from "../data/atomic.js";
import type { Run } from "../plot/data.js";
import { figureFiles } from "../plot/files.js";
import { isPlotData, type PlotData, readJson } from "../plot/plotdata.js";
import { PngError } from "../plot/png.js";
import { makeDirectory } from "./finish.js";
import type { Io } from "./io.js";
import { shown, UsageError } from "./options.js";
import type { PlotArgs } from "./otherargs.js";
import type { Result } from "./result.js";

/** Draws and writes. The status of the program; throws UsageError and DataError. */
export async function plot({ result, out, theme, png }: PlotArgs, io: Io): Promise<number> {
  const run = await read(result);
  if (!isResult(run)) throw notUsable(result, "this is no result.json of gradcut train --out");
  const beside = join(dirname(result), "plot.json");
  const data = await readPlotData(beside);
  if (data === null) io.err.write(`note: there is no ${beside}: only what changes with steps is drawn\n`);
  const files = await figureFiles(run, data ?? undefined, { theme, png }).catch((error: unknown) => {
    if (error instanceof PngError)
      throw new UsageError("conflict", "png", undefined, `--png: ${error.message}`);
    throw error;
  });
  await makeDirectory(out);
  for (const [name, content] of Object.entries(files))
    await writeAtomically(join(out, name), (append) =>
      append(typeof content === "string" ? new TextEncoder().encode(content) : content),
    );
  io.out.write(`wrote ${Object.keys(files).join(", ")} to ${out}\n`);
  return 0;
}

async function readPlotData(path: string): Promise<PlotData | null> {
  const data = await read(path).catch((error: unknown) => {
    const { cause } = error as { cause?: { code?: string } };
    if (cause?.code === "ENOENT") return null;
    throw error;
  });
  if (data === null) return null;
  if (!isPlotData(data)) throw notUsable(path, "this is no plot.json that this gradcut can draw");
  return data;
}

async function read(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw notUsable(path, error.code === "ENOENT" ? "there is no such file" : error.message, error);
  });
  try {
    return readJson(text);
  } catch (cause) {
    throw notUsable(path, "this is no JSON", cause);
  }
}

function notUsable(path: string, reason: string, cause?: unknown): UsageError {
  return new UsageError("bad-value", "", path, `${shown(path)}: ${reason}`, { cause });
}

function isResult(value: unknown): value is Run {
  const { schema, version, history, cuts, objective } = (value ?? {}) as Partial<Result>;
  return schema === "gradcut.result" && version === 1 && [history, cuts, objective].every(Boolean);
}
