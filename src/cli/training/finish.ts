/** The end of a command: the table or the result object, and the files. */

import { join } from "node:path";
import { writeAtomically } from "../../events/atomic.js";
import { DataError } from "../../events/dataerror.js";
import { disagreement } from "../../plot/pages/disagreement.js";
import type { Run } from "../../plot/rundata.js";
import { runSeal, sealed } from "../files/sealed.js";
import type { Definition } from "../groups/trainingvalues.js";
import type { Io } from "../io.js";
import { toModel } from "../saved/savedmodel.js";
import { version } from "../version.js";
import { thresholdsOf } from "./analysis.js";
import { hardResult } from "./binnedresult.js";
import { countBinned } from "./binnedtables.js";
import type { Fitted } from "./fitsamples.js";
import { outcome } from "./outcome.js";
import { picture } from "./picture.js";
import { seconds } from "./recorder.js";
import { toResult } from "./result.js";
import { resultTable } from "./resulttable.js";

export interface Ending {
  title: string;
  out: string | null;
  json: boolean;
  seed: number;
  definitions: Definition[];
  filters: readonly string[];
  /** More lines for the report. */
  facts: [name: string, value: string][];
  /** When the program began to read, and when it was done, in seconds. */
  begun: number;
  read: number;
}

/** Counts, prints and writes. The status of the program: 0, or 130 after an interrupt. */
export async function finish(
  fitted: Fitted,
  { title, out, json, seed, begun, read, definitions, filters, facts }: Ending,
  io: Io,
): Promise<number> {
  const { analysis, samples, params } = fitted;
  const found = outcome(fitted);
  const timing = { read: read - begun, total: seconds() - begun, ...found.timing };
  const thresholds = thresholdsOf(analysis, params.cuts);
  const { binned, objective } = analysis;
  const hard =
    binned &&
    hardResult(binned, objective, {
      before: countBinned(
        binned,
        analysis,
        { thresholds: analysis.coordinates.start, layers: fitted.start.net },
        fitted.counted,
      ),
      after: countBinned(binned, analysis, { thresholds, layers: params.net }, fitted.counted),
    });
  const soft = found.history.validation?.loss.at(-1) ?? found.objective.end;
  const histogram = hard && { ...hard.result, objective: { ...hard.result.objective, soft } };
  // The report has a place of its own for this.
  const drawn: Run = {
    ...found,
    ...(histogram && hard
      ? { histogram, significance: { ...found.significance, ...hard.significance } }
      : {}),
    warnings: [...found.warnings, ...(hard?.warnings ?? [])],
    timing,
    seed,
  };
  const disagree = disagreement(drawn).join(" ");
  const run: Run = { ...drawn, warnings: [...drawn.warnings, ...(disagree ? [disagree] : [])] };
  const content = toResult(run, version);
  const result = sealed(content);
  const written: string[] = [];
  const lost: unknown[] = [];
  if (out !== null) {
    // Loaded where something is drawn: it takes longer than a small training.
    const { plotData } = await import("../../plot/plotdata.js");
    const { report } = await import("../../plot/pages/report.js");
    const state = { thresholds, widths: fitted.widths.at(fitted.steps), layers: params.net };
    const data = {
      title,
      run: drawn,
      ...picture(samples, run.cuts, analysis, state),
      facts,
      program: `gradcut ${version}`,
    };
    const plot = plotData(data);
    const files = {
      "result.json": `${result}\n`,
      "model.json": `${sealed(toModel(analysis, { ...state, bound: run.network?.bound ?? null }, { gradcut: version, definitions, filters }))}\n`,
      "plot.json": `${sealed({ ...plot, run: runSeal(content) })}\n`,
      "report.html": report(data, plot),
      ...(hard ? { "workspace.json": `${hard.workspace}\n` } : {}),
    };
    for (const [name, text] of Object.entries(files)) {
      const path = join(out, name);
      // What was found is printed whatever happens to its files, and each of them has what it had or all that is new.
      await writeAtomically(path, (append) => append(new TextEncoder().encode(text))).then(
        () => written.push(path),
        (error: unknown) => lost.push(error),
      );
    }
  }
  if (json) io.out.write(`${result}\n`);
  else io.out.write(`\n${resultTable(run)}`);
  if (json) for (const warning of run.warnings) io.err.write(`warning: ${warning}\n`);
  if (written.length > 0) (json ? io.err : io.out).write(`${json ? "" : "\n"}wrote ${written.join(", ")}\n`);
  if (lost.length > 0) throw lostError(lost);
  return fitted.interrupted ? 130 : 0;
}

/** The error of files that could not be written: the first one, which says why, and how many more there are. */
function lostError([first, ...more]: readonly unknown[]): unknown {
  if (more.length === 0 || !(first instanceof DataError)) return first;
  const also = more.map((error) => (error instanceof DataError ? error.file : undefined)).filter(Boolean);
  const sentence = `${first.message} Not written either: ${also.join(", ")}.`;
  return new DataError(first.code, sentence, {}, { cause: first });
}
