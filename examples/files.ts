// From files to a training in one call: events of two samples in three files, a cut trained on them, and its hard yields.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  aboutEvents,
  adam,
  asimovLoss,
  cut,
  cutYields,
  init,
  logYield,
  significance,
  tables,
  train,
} from "gradcut";
import { select, writeTable } from "gradcut/tables";
import { toy } from "./data/toy.js";

await init();

// The files of an analysis, here made up: the background comes in two.
const folder = mkdtempSync(join(tmpdir(), "gradcut-"));
const { signal, background } = toy(20_000);
await writeTable(join(folder, "signal.parquet"), signal);
const half = (odd: number) =>
  select(
    background,
    background.pt.map((_, row) => Number(row % 2 === odd)),
  );
await writeTable(join(folder, "background1.parquet"), half(0));
await writeTable(join(folder, "background2.csv"), half(1));

const selection = cut("{low = 80} < mass && mass < {high = 100} && pt > {ptMin = 25}", {
  width: { low: 1, high: 1, ptMin: 4 },
});
const data = await tables(
  { signal: join(folder, "signal.parquet"), background: join(folder, "background*") },
  { columns: ["mass", "pt", "w"] },
);
console.log(`${aboutEvents(data.signal).rows} and ${aboutEvents(data.background).rows} events`);

const result = await train(
  (p, events) => {
    const yieldOf = (e: typeof events.signal) => logYield(selection.logSoft(p, e), e.w);
    return asimovLoss(yieldOf(events.signal), yieldOf(events.background));
  },
  { params: selection.init(), data, optimizer: adam(0.05), steps: 100 },
);

const hard = (params: typeof result.params) => {
  const [s, b] = [data.signal, data.background].map(
    (e) => cutYields(selection, params, e, { weights: e.w }).hard,
  );
  return significance(s!.sum, b!.sum).asimov;
};
console.log(selection.print(result.params).replace(/\d+\.\d+/g, (x) => Number(x).toFixed(1)));
console.log(`Asimov ${hard(selection.init()).toFixed(2)} -> ${hard(result.params).toFixed(2)}`);
