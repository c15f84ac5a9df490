// A selection as physicists write it, trained for the Asimov significance; then the real cut, as mask and as text.

import { adam, asimovLoss, cut, cutYields, init, logYield, significance, train } from "gradcut";
import { autoWidth, diagnose, scanThresholds } from "gradcut/select";
import { toy } from "./data/toy.js";

await init();
const data = toy(20_000);
const { signal, background } = data;

const text = "{low = 60} < mass && mass < {high = 150} && pt > {ptMin = 20} && abs(eta) < {etaMax = 4}";
const shape = cut(text);
const selection = cut(text, { width: autoWidth(shape, [signal, background]) });

const start = scanThresholds(selection, {
  signal: { columns: signal, weights: signal.w },
  background: { columns: background, weights: background.w },
});

const result = await train(
  (p, events) => {
    const yieldOf = (e: typeof events.signal) => logYield(selection.logSoft(p.cuts, e), e.w);
    return asimovLoss(yieldOf(events.signal), yieldOf(events.background));
  },
  { params: { cuts: start.params }, data, optimizer: adam(0.05), steps: 400 },
);

const { cuts } = result.params;
console.log(selection.print(cuts));
for (const [name, params] of Object.entries({
  before: selection.init(),
  scanned: start.params,
  trained: cuts,
})) {
  const [s, b] = [signal, background].map((e) => cutYields(selection, params, e, { weights: e.w }));
  const z = significance(s!.hard.sum, b!.hard.sum);
  const soft = significance(s!.soft.sum, b!.soft.sum);
  console.log(
    `${name}: S ${s!.hard.sum.toFixed(1)}, B ${b!.hard.sum.toFixed(1)}, Asimov ${z.asimov.toFixed(2)} (soft ${soft.asimov.toFixed(2)})`,
  );
}
const stuck = diagnose(selection, [signal, background], {
  start: start.params,
  end: cuts,
  grads: result.grads.cuts,
});
for (const { message } of stuck) console.log(message);
