/** Events with jets that have tracks, and the same as plain lists, by which what is done to tables is checked. */

import {
  aboutEvents,
  childrenOf,
  type Events,
  isJagged,
  isText,
  ownColumns,
  type Values,
} from "../../src/core/events.js";
import { nested, table } from "../../src/index.js";
import { random } from "./random.js";

/** So many events, each with 0 to 5 jets, each of them with 0 to 3 tracks; and leptons, at most one each. */
export function jetEvents(rows: number, seed = 1, dtype: "f32" | "f64" = "f32") {
  const draw = random(seed);
  const offsetsOf = (parents: number, most: number) => {
    const offsets = new Int32Array(parents + 1);
    for (let i = 0; i < parents; i++) offsets[i + 1] = offsets[i]! + Math.floor(draw() * (most + 1));
    return offsets;
  };
  const [jets, leptons] = [offsetsOf(rows, 5), offsetsOf(rows, 1)];
  const n = jets[rows]!;
  const tracks = offsetsOf(n, 3);
  const numbers = (length: number) => Float64Array.from({ length }, () => draw() * 100);
  return table(
    {
      row: Int32Array.from({ length: rows }, (_, i) => i),
      w: new Float64Array(rows).fill(0.5),
      jets: nested(jets, {
        pt: Float32Array.from(numbers(n)),
        eta: numbers(n),
        flags: Int32Array.from({ length: n }, (_, i) => i * 7),
        tight: Uint8Array.from({ length: n }, (_, i) => i % 2),
        tracks: nested(tracks, { z: numbers(tracks[n]!) }),
      }),
      leptons: nested(leptons, { pt: Float32Array.from(numbers(leptons[rows]!)) }),
    },
    { dtype },
  );
}

/** A row of a table as a record, with lists of the rows of its children. */
export type Row = Readonly<Record<string, unknown>>;

/** Every row of a table by the names of its own columns and of its children. */
export function rowsOf(events: Events): Row[] {
  const { rows, widths } = aboutEvents(events);
  const children = childrenOf(events).map(([name, child]) => {
    const { offsets } = aboutEvents(child);
    const below = rowsOf(child);
    return [name, (row: number) => below.slice(offsets![row], offsets![row + 1])] as const;
  });
  const columns = ownColumns(events).map(([name, column]) => {
    const width = widths[name] ?? 1;
    const list = (values: Values, from: number, to: number): unknown[] => [...values.subarray(from, to)];
    const cell = (row: number): unknown => {
      if (isText(column)) return column[row];
      if (isJagged(column)) return list(column.content, column.offsets[row]!, column.offsets[row + 1]!);
      return width === 1 ? column[row] : list(column, row * width, (row + 1) * width);
    };
    return [name, cell] as const;
  });
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries([...columns, ...children].map(([name, of]) => [name, of(row)])),
  );
}
