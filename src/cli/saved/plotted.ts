/** `gradcut plot`: the figures of a training as files. */

import { dirname, join } from "node:path";
import { PictureError } from "../../plot/kit/renderer.js";
import { figureFiles } from "../../plot/pages/figurefiles.js";
import { type PlotData, plotProblem, withNumbers } from "../../plot/plotdata.js";
import type { Run } from "../../plot/rundata.js";
import { checkRun } from "../../plot/runschema.js";
import type { PlotArgs } from "../commands/plot.js";
import { writeFile } from "../documents/documentfiles.js";
import { holdingOutputs } from "../files/outputs.js";
import { readSealed, refusing, runSeal, versionProblem } from "../files/sealed.js";
import type { Io } from "../io.js";
import { shown, UsageError } from "../line/usageerror.js";
import type { Result } from "../training/resultjson.js";

/** Draws and writes. The status of the program; throws UsageError and DataError. */
export async function plot({ result, out, theme, png, pdf }: PlotArgs, io: Io): Promise<number> {
  const found = await readSealed(result, refusing(result), runProblem, "result.json");
  if (found === null) throw refusing(result)("there is no such file");
  const run = withNumbers(found) as Run;
  const beside = join(dirname(result), "plot.json");
  const drawn = await readSealed(beside, refusing(beside), plotProblem, "plot.json");
  const data = drawn && (withNumbers(drawn) as PlotData);
  // Files of other versions and programs need not say whose they are.
  if (drawn?.run != null && drawn.run !== runSeal(found)) throw refusing(beside)(another(result));
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

const another = (result: string): string =>
  `this is of another run than ${shown(result)}, and its figures would not be of one training: give both files of one --out, or take out its field run if you meant this`;

function runProblem(value: unknown): string | null {
  const { schema, version } = value as Partial<Result>;
  if (schema !== "gradcut.result") return "this is no result.json of gradcut train --out";
  return versionProblem(version) ?? checkRun(value, "");
}
