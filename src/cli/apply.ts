// gradcut apply: the selection and the score of a trained model, on any table.

import { realpath } from "node:fs/promises";
import { column, select, withColumns } from "../data/columns.js";
import { DataError } from "../data/errors.js";
import { expandSpec } from "../data/glob.js";
import { splitSpec } from "../data/spec.js";
import { readTables } from "../data/tables.js";
import { writeTable } from "../data/write.js";
import { init } from "../index.js";
import { outputsOf } from "./analysis.js";
import { evaluate, fileColumns, withoutUnused } from "./evaluate.js";
import { type Given, given, givenFilter } from "./expressions.js";
import type { Io } from "./io.js";
import type { Model } from "./model.js";
import { networkOf, readModel } from "./modelfile.js";
import { UsageError } from "./options.js";
import type { ApplyArgs } from "./otherargs.js";
import { align } from "./table.js";

/** Reads, selects or marks, counts and writes. The status of the program; throws UsageError and DataError. */
export async function apply(args: ApplyArgs, io: Io): Promise<number> {
  const { out, mask: maskName, score: scoreName } = args;
  const model = await readModel(args.model);
  if (scoreName !== null && !model.net) {
    const message = `--score: the model in ${args.model} has no network`;
    throw new UsageError("conflict", "score", scoreName, message);
  }
  const selection = [
    ...(args.filters ? model.filters.map((text) => givenFilter("model", text)) : []),
    ...(model.cut ? [givenFilter("model", model.cut.expression)] : []),
  ];
  const inputs = scoreName === null ? [] : model.net!.inputs.map((text) => given("model", text));
  const uses = [...selection, ...inputs];
  const define = withoutUnused(
    model.definitions.map(({ name, expr }) => ({ name, given: given("model", expr) })),
    uses,
  );
  const specs = (await Promise.all(args.files.map(expandSpec))).flat();
  if (out !== null) await refuseOverwriting(out, specs);
  await init();
  const needed = fileColumns(define, uses);
  const { table, files } = await readColumns(specs, needed, out === null && needed.size > 0);

  const results = evaluate(uses, { define }, table);
  const mask = new Uint8Array(table.rows).fill(1);
  for (const use of selection) {
    const passes = results.get(use)!;
    for (let row = 0; row < mask.length; row++) if (passes[row] === 0) mask[row] = 0;
  }
  io.out.write(`${countLines(files, mask).join("\n")}\n`);
  if (selection.length === 0)
    io.err.write("note: the model has no cut and no filters, so every event is selected\n");
  if (out === null) return 0;
  const added = {
    ...(maskName === null ? {} : { [maskName]: mask }),
    ...(scoreName === null ? {} : { [scoreName]: scores(model.net!, inputs, results) }),
  };
  const marks = maskName !== null || scoreName !== null;
  const written = marks ? withColumns(table, added) : select(table, mask);
  if (table.skipped?.length)
    io.err.write(`note: columns that cannot be read are left out: ${table.skipped.join(", ")}\n`);
  await writeTable(out, written);
  io.out.write(`wrote ${out}: ${written.rows} events\n`);
  return 0;
}

/** All columns, or only those needed. An error about one says what needs it. */
async function readColumns(specs: string[], needed: Map<string, Given>, only: boolean) {
  try {
    const read = await readTables(specs, only ? [...needed.keys()] : undefined);
    for (const name of needed.keys()) column(read.table, name, specs[0]);
    return read;
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "data.unknownColumn") throw error;
    const use = needed.get(error.column!);
    if (!use) throw error;
    const sentence = `${error.message} The model needs it for ${JSON.stringify(use.text)}.`;
    throw new DataError(error.code, sentence, { column: error.column }, { cause: error });
  }
}

async function refuseOverwriting(out: string, specs: readonly string[]): Promise<void> {
  const real = (path: string) => realpath(path).catch(() => path);
  const target = await real(out);
  for (const spec of specs)
    if ((await real(splitSpec(spec).path)) === target)
      throw new UsageError("conflict", "out", out, `--out ${out} is one of the tables that are read`);
}

/** How many of how many events are selected, of each file and of all. */
function countLines(files: readonly { spec: string; rows: number }[], mask: Uint8Array): string[] {
  let start = 0;
  const counts = files.map(({ spec, rows }) => {
    const part = mask.subarray(start, start + rows);
    start += rows;
    return { spec, rows, kept: part.reduce((sum, x) => sum + x, 0) };
  });
  const total = counts.reduce((sum, { kept }) => sum + kept, 0);
  const lines = counts.map(({ spec, rows, kept }) => [`${spec}:`, `${kept}`, `of ${rows} events`]);
  if (files.length > 1) lines.push(["all:", `${total}`, `of ${mask.length} events`]);
  return align(lines, 1, 1);
}

/** The sigmoid of the network's output, per event. */
function scores(
  model: NonNullable<Model["net"]>,
  inputs: readonly Given[],
  results: ReadonlyMap<Given, Float64Array>,
): Float64Array {
  const { net, params } = networkOf(model);
  const found = outputsOf(
    net,
    params,
    inputs.map((input) => results.get(input)!),
  );
  return found.map((x) => 1 / (1 + Math.exp(-x)));
}
