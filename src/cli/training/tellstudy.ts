/** A study told: the table or the result object, and the files. */

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
import { type Hard, hardResult } from "./binnedresult.js";
import { countBinned } from "./binnedtables.js";
import { countStudy } from "./countstudy.js";
import { drawnEvents } from "./drawnevents.js";
import { seconds } from "./recorder.js";
import { toResult } from "./resultjson.js";
import { resultTable } from "./resulttable.js";
import type { State, Study } from "./study.js";

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
export async function tellStudy(study: Study, ending: Ending, io: Io): Promise<number> {
  const { out, json, seed, begun, read } = ending;
  const found = countStudy(study);
  const timing = { read: read - begun, total: seconds() - begun, ...found.timing };
  const hard = hardOf(study);
  const soft = found.history.validation?.loss.at(-1) ?? found.objective.end;
  const histogram = hard && { ...hard.result, objective: { ...hard.result.objective, soft } };
  const drawn: Run = {
    ...found,
    ...(histogram && hard
      ? { histogram, significance: { ...found.significance, ...hard.significance } }
      : {}),
    warnings: [...found.warnings, ...(hard?.warnings ?? [])],
    timing,
    seed,
  };
  // The report has a place of its own for this.
  const disagree = disagreement(drawn).join(" ");
  const run: Run = { ...drawn, warnings: [...drawn.warnings, ...(disagree ? [disagree] : [])] };
  const content = toResult(run, study.status, version);
  const result = sealed(content);
  const { written, lost } =
    out === null
      ? { written: [], lost: [] }
      : await writeAll(out, {
          "result.json": `${result}\n`,
          ...(await drawnFiles(study, drawn, runSeal(content), ending)),
          ...(hard ? { "workspace.json": `${hard.workspace}\n` } : {}),
        });
  if (json) io.out.write(`${result}\n`);
  else io.out.write(`\n${resultTable(run)}`);
  if (json) for (const warning of run.warnings) io.err.write(`warning: ${warning}\n`);
  if (written.length > 0) (json ? io.err : io.out).write(`${json ? "" : "\n"}wrote ${written.join(", ")}\n`);
  if (lost.length > 0) throw lostError(lost);
  return study.status === "aborted" ? 130 : 0;
}

/** The hard histograms of a study that trained for one. */
function hardOf({ analysis, events, before, after }: Study): Hard | null {
  const { binned, objective } = analysis;
  if (!binned) return null;
  const at = (state: State) => countBinned(binned, analysis, state, events.counted);
  return hardResult(binned, objective, { before: at(before), after: at(after) });
}

/** The files that a study is applied, drawn and read from. */
async function drawnFiles(
  study: Study,
  run: Run,
  seal: string | null,
  { title, definitions, filters, facts }: Ending,
): Promise<Record<string, string>> {
  // Loaded where something is drawn: it takes longer than a small training.
  const { plotData } = await import("../../plot/plotdata.js");
  const { report } = await import("../../plot/pages/report.js");
  const data = { title, run, ...drawnEvents(study, run.cuts), facts, program: `gradcut ${version}` };
  const plot = plotData(data);
  const model = toModel(study, run.network?.bound ?? null, { gradcut: version, definitions, filters });
  return {
    "model.json": `${sealed(model)}\n`,
    "plot.json": `${sealed({ ...plot, run: seal })}\n`,
    "report.html": report(data, plot),
  };
}

/** What was found is printed whatever happens to its files, and each of them has what it had or all that is new. */
async function writeAll(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<{ written: string[]; lost: unknown[] }> {
  const written: string[] = [];
  const lost: unknown[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await writeAtomically(path, (append) => append(new TextEncoder().encode(text))).then(
      () => written.push(path),
      (error: unknown) => lost.push(error),
    );
  }
  return { written, lost };
}

/** The error of files that could not be written: the first one, which says why, and how many more there are. */
function lostError([first, ...more]: readonly unknown[]): unknown {
  if (more.length === 0 || !(first instanceof DataError)) return first;
  const also = more.map((error) => (error instanceof DataError ? error.file : undefined)).filter(Boolean);
  const sentence = `${first.message} Not written either: ${also.join(", ")}.`;
  return new DataError(first.code, sentence, {}, { cause: first });
}
