/**
 * `gradcut apply`: the selection and the score of a trained model, or a cut, on any table, of which one piece is in memory.
 */

import { realpath } from "node:fs/promises";
import { aboutEvents, type Events } from "../../core/events.js";
import { column, select, withColumns } from "../../events/columns.js";
import { DataError } from "../../events/dataerror.js";
import { expandSpec } from "../../events/glob.js";
import { readPieces } from "../../events/readtables.js";
import { splitSpec } from "../../events/splitspec.js";
import { writePieces } from "../../events/writetable.js";
import { init } from "../../index.js";
import type { ApplyArgs } from "../commands/apply.js";
import { asked } from "../groups/tableoptions.js";
import type { Io } from "../io.js";
import { UsageError } from "../line/usageerror.js";
import { evaluator, fileColumns, namesTable, withoutUnused } from "../tables/evaluate.js";
import type { Given } from "../tables/givenexpr.js";
import { align } from "../training/resulttable.js";
import { readSelection } from "./selection.js";

/** Reads, selects or marks, counts and writes. The status of the program; throws UsageError and DataError. */
export async function apply(args: ApplyArgs, io: Io): Promise<number> {
  const { out, mask: maskName, score: scoreName } = args;
  const { conditions, network, bound, who, ...selection } = await readSelection(args);
  const uses = [...conditions, ...(network?.inputs ?? [])];
  const define = withoutUnused(selection.define, uses);
  const specs = (await Promise.all(args.files.map(expandSpec))).flat();
  if (out !== null) await refuseOverwriting(out, specs);
  await init();
  const needed = fileColumns(define, uses);
  const columns = out === null && needed.size > 0 ? [...needed.keys()] : undefined;
  const valuesOf = evaluator(uses, { define });

  const skipped = new Set<string>();
  let counts: Count[] = [];
  let interrupted = false;
  /** The rows to be written, and what they were selected from in `counts`. */
  async function* pieces(): AsyncGenerator<Events> {
    counts = specs.map((spec) => ({ spec, rows: 0, kept: 0 }));
    for await (const { spec, file, table } of readPieces(args.files, columns, args.tables)) {
      if (interrupted) throw new Interrupted();
      const { rows, treeless, skipped: unread = [] } = aboutEvents(table);
      if (treeless) {
        counts[file]!.treeless = true;
        continue;
      }
      for (const name of needed.keys()) if (!namesTable(table, name)) column(table, name, spec);
      for (const name of unread) skipped.add(name);
      // Tables without rows do not know what kind their columns are.
      if (rows === 0) continue;
      const results = valuesOf(table);
      const mask = new Uint8Array(rows).fill(1);
      for (const use of conditions) {
        const passes = results.get(use)!;
        for (let row = 0; row < mask.length; row++) if (passes[row] === 0) mask[row] = 0;
      }
      const outputs = network?.outputs(results);
      // An output that is no number is above nothing.
      if (outputs && bound !== null)
        for (let row = 0; row < mask.length; row++) if (!(outputs[row]! > bound)) mask[row] = 0;
      counts[file]!.rows += rows;
      counts[file]!.kept += mask.reduce((sum, x) => sum + x, 0);
      if (out === null) continue;
      yield maskName === null && scoreName === null
        ? select(table, mask)
        : withColumns(table, {
            ...(maskName === null ? {} : { [maskName]: mask }),
            ...(scoreName === null ? {} : { [scoreName]: outputs!.map((x) => 1 / (1 + Math.exp(-x))) }),
          });
    }
  }

  const release = io.onInterrupt?.(() => {
    interrupted = true;
  });
  try {
    await asked(async () => {
      if (out !== null) await writePieces(out, pieces);
      else for await (const _ of pieces());
    });
  } catch (error) {
    if (error instanceof Interrupted) {
      io.err.write(`interrupted${out === null ? "" : `; ${out} was not written`}\n`);
      return 130;
    }
    throw about(error, needed, who);
  } finally {
    release?.();
  }
  io.out.write(`${countLines(counts).join("\n")}\n`);
  if (conditions.length === 0 && bound === null)
    io.err.write("note: the model has no cut and no filters, so every event is selected\n");
  if (out === null) return 0;
  if (skipped.size > 0)
    io.err.write(`note: columns that cannot be read are left out: ${[...skipped].join(", ")}\n`);
  const written = maskName === null && scoreName === null ? "kept" : "rows";
  io.out.write(`wrote ${out}: ${counts.reduce((sum, count) => sum + count[written], 0)} events\n`);
  return 0;
}

/** Ctrl-C: what was begun is taken away. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** An error about a column says what needs it. */
function about(error: unknown, needed: ReadonlyMap<string, Given>, who: string): unknown {
  if (!(error instanceof DataError) || error.code !== "data.unknownColumn") return error;
  const use = needed.get(error.column!);
  if (!use) return error;
  const sentence = `${error.message} ${who} needs it for ${JSON.stringify(use.text)}.`;
  return new DataError(error.code, sentence, { column: error.column }, { cause: error });
}

async function refuseOverwriting(out: string, specs: readonly string[]): Promise<void> {
  const real = (path: string) => realpath(path).catch(() => path);
  const target = await real(out);
  for (const spec of specs)
    if ((await real(splitSpec(spec).path)) === target)
      throw new UsageError("conflict", "out", out, `--out ${out} is one of the tables that are read`);
}

/** How many events of a file there are, and are selected. */
interface Count {
  spec: string;
  rows: number;
  kept: number;
  treeless?: boolean;
}

/** How many of how many events are selected, of each file and of all. */
function countLines(counts: readonly Count[]): string[] {
  const lines = counts.map(({ spec, rows, kept, treeless }) => [
    ...[`${spec}:`, `${kept}`, `of ${rows} events${treeless ? " (there is no such tree)" : ""}`],
  ]);
  const total = (key: "rows" | "kept") => counts.reduce((sum, count) => sum + count[key], 0);
  if (counts.length > 1) lines.push(["all:", `${total("kept")}`, `of ${total("rows")} events`]);
  return align(lines, 1, 1);
}
