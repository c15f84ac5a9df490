// A whole analysis from one import: files, a cut, a network, a histogram with a background uncertainty, and the expected
// CLs as what all of it is trained for; fits stand inside the loss.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  adam,
  compile,
  cut,
  expectedCls,
  hist,
  histfactory,
  init,
  key,
  mlp,
  normfactor,
  shapesys,
  stack,
  type Traced,
  tables,
  train,
} from "gradcut";
import { writeTable } from "gradcut/tables";
import { toy } from "./data/toy.js";

await init();

// The files of the analysis, here made up.
const folder = mkdtempSync(join(tmpdir(), "gradcut-"));
for (const [name, events] of Object.entries(toy(5000)))
  await writeTable(join(folder, `${name}.parquet`), events);

const selection = cut("fixed(80) < mass && mass < fixed(100) && pt > {ptMin = 30} && abs(eta) < fixed(2.4)", {
  width: { ptMin: 2 },
});
const net = mlp([3, 8, 1]);
const data = await tables(
  { signal: join(folder, "signal.parquet"), background: join(folder, "background.parquet") },
  { columns: ["pt", "eta", "mass", "w"] },
);
const params = { cuts: selection.init(), net: net.init(key(1)) };

type Params = Traced<typeof params>;
type Samples = Traced<typeof data>;

const loss = (p: Params, { signal, background }: Samples) => {
  const counted = (events: Samples["signal"]) => {
    const features = stack([events.pt.div(30).sub(1), events.eta, events.mass.sub(91).div(10)]);
    const score = net.apply(p.net, features).at(0).sigmoid();
    const weights = selection.soft(p.cuts, events).mul(events.w);
    return hist(score, { bins: 4, range: [0, 1], bandwidth: 0.05, weights });
  };
  const [s, b] = [counted(signal), counted(background)];
  const model = histfactory({
    channels: [
      {
        name: "SR",
        samples: [
          { name: "signal", data: s, modifiers: [normfactor("mu")] },
          { name: "background", data: b, modifiers: [shapesys("b", b.mul(0.1))] },
        ],
      },
    ],
  });
  return expectedCls(model, { test: 1 });
};
const before = compile(loss)(params, data);
const result = await train(loss, { params, data, optimizer: adam(3e-2), steps: 40 });
const after = compile(loss)(result.params, data);
console.log(`expected CLs ${before.toFixed(3)} -> ${after.toFixed(3)}`);
console.log(selection.print(result.params.cuts).replace(/\d+\.\d+/g, (x) => Number(x).toFixed(1)));
console.log(
  `${selection.hard(result.params.cuts, data.signal).reduce((n, k) => n + k, 0)} signal events pass`,
);
