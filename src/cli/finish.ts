// The end of a command: the table or the result object, and the files.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "../data/atomic.js";
import { disagreement } from "../plot/agree.js";
import type { Run } from "../plot/data.js";
import { plotData } from "../plot/plotdata.js";
import { report } from "../plot/report.js";
import { thresholdsOf } from "./analysis.js";
import type { Definition } from "./args.js";
import type { BinnedObjective } from "./binned.js";
import { hardResult } from "./binnedresult.js";
import { countBinned } from "./binnedtables.js";
import { type Fitted, seconds } from "./fit.js";
import type { Io } from "./io.js";
import { toModel } from "./model.js";
import { UsageError } from "./options.js";
import { outcome } from "./outcome.js";
import { picture } from "./picture.js";
import { toResult } from "./result.js";
import { sealed } from "./sealed.js";
import { resultTable } from "./table.js";
import { version } from "./version.js";

export type Ending = {
  title: string;
  out: string | null;
  json: boolean;
  seed: number;
  definitions: Definition[];
  filters: string[];
  /** More lines for the report. */
  facts: [name: string, value: string][];
  /** When the program began to read, and when it was done, in seconds. */
  begun: number;
  read: number;
};

/** Makes the directory of the files, before a training is spent. Throws UsageError. */
export async function makeDirectory(out: string, option = "out"): Promise<void> {
  await mkdir(out, { recursive: true }).catch((error) => {
    throw unwritable(out, error, option);
  });
}

function unwritable(out: string, error: unknown, option: string): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    EEXIST: "a file has this name",
    ENOTDIR: "a part of the path is a file",
    ENOSPC: "the disk is full",
  };
  const reason = reasons[code ?? ""] ?? message;
  return new UsageError("bad-value", option, out, `--${option} ${out}: cannot write there (${reason})`, {
    cause: error,
  });
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
    hardResult(
      binned,
      objective as BinnedObjective,
      countBinned(binned, analysis, { thresholds, layers: params.net }, fitted.counted),
    );
  const soft = found.history.validation?.loss.at(-1) ?? found.objective.end;
  const histogram = hard && { ...hard.result, objective: { ...hard.result.objective, soft } };
  // The report has a place of its own for this.
  const drawn: Run = {
    ...found,
    ...(histogram ? { histogram } : {}),
    warnings: [...found.warnings, ...(hard?.warnings ?? [])],
    timing,
    seed,
  };
  const disagree = disagreement(drawn).join(" ");
  const run: Run = { ...drawn, warnings: [...drawn.warnings, ...(disagree ? [disagree] : [])] };
  const result = sealed(toResult(run, version));
  const written: string[] = [];
  if (out !== null) {
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
      "plot.json": `${sealed(plot)}\n`,
      "report.html": report(data, plot),
      ...(hard ? { "workspace.json": `${hard.workspace}\n` } : {}),
    };
    for (const [name, text] of Object.entries(files)) {
      const path = join(out, name);
      await writeAtomically(path, (append) => append(new TextEncoder().encode(text)));
      written.push(path);
    }
  }
  if (json) io.out.write(`${result}\n`);
  else io.out.write(`\n${resultTable(run)}`);
  if (json) for (const warning of run.warnings) io.err.write(`warning: ${warning}\n`);
  if (written.length > 0) (json ? io.err : io.out).write(`${json ? "" : "\n"}wrote ${written.join(", ")}\n`);
  return fitted.interrupted ? 130 : 0;
}
