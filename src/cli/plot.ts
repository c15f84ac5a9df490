// gradcut plot: the figures of a training as files.

import { dirname, join } from "node:path";
import type { Run } from "../plot/data.js";
import { figureFiles } from "../plot/files.js";
import { type PlotData, plotProblem, withNumbers } from "../plot/plotdata.js";
import { PictureError } from "../plot/renderer.js";
import { checkRun } from "../plot/schema.js";
import { writeFile } from "./document.js";
import type { Io } from "./io.js";
import { shown, UsageError } from "./options.js";
import type { PlotArgs } from "./otherargs.js";
import { holdingOutputs } from "./outputs.js";
import type { Result } from "./result.js";
import { readSealed, refusing } from "./sealed.js";

/** Draws and writes. The status of the program; throws UsageError and DataError. */
export async function plot({ result, out, theme, png, pdf }: PlotArgs, io: Io): Promise<number> {
  const run = await read<Run>(result, runProblem);
  if (run === null) throw refusing(result)("there is no such file");
  const beside = join(dirname(result), "plot.json");
  const data = await read<PlotData>(beside, plotProblem);
  if (data === null) io.err.write(`note: there is no ${beside}: only what changes with steps is drawn\n`);
  const files = await figureFiles(run, data ?? undefined, { theme, png, pdf }).catch((error: unknown) => {
    if (!(error instanceof PictureError)) throw error;
    const option = png ? "png" : "pdf";
    throw new UsageError("conflict", option, undefined, `--${option}: ${error.message}`);
  });
  await holdingOutputs({ out }, async () => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(out, name), content);
  });
  io.out.write(`wrote ${Object.keys(files).join(", ")} to ${out}\n`);
  return 0;
}

async function read<T>(path: string, problem: (value: unknown) => string | null): Promise<T | null> {
  const content = await readSealed(path, refusing(path), problem);
  return content && (withNumbers(content) as T);
}

function runProblem(value: unknown): string | null {
  const { schema, version } = value as Partial<Result>;
  if (schema !== "gradcut.result") return "this is no result.json of gradcut train --out";
  if (version !== 1)
    return `this is version ${shown(String(version))} of the format, but this gradcut reads version 1`;
  return checkRun(value, "");
}
