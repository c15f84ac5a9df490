// A training as one call, and the same training as a loop of compiled steps: equal to the last bit.
import {
  adam,
  applyUpdates,
  compile,
  cut,
  type EventTensor,
  init,
  key,
  mlp,
  type Scalar,
  softmaxLoss,
  stack,
  table,
  train,
  type Vector,
  valueAndGrad,
} from "gradcut";
import { normal } from "gradcut/random";

await init();

const column = (seed: number, mean: number, width: number) =>
  Float32Array.from(normal(key(seed), 4000), (z) => mean + width * z);
const data = {
  signal: table({ x: column(1, 1.5, 0.7), y: column(2, 2, 0.7) }),
  background: table({ x: column(3, 0, 3), y: column(4, 0, 3) }),
};

const selection = cut("x > {xMin = 1} && y > {yMin = 1}");
const network = mlp([2, 8, 1]);

type Params = {
  cuts: { xMin: Scalar; yMin: Scalar };
  net: { w: Vector; b: Vector }[];
};
type Events = Record<"signal" | "background", { x: EventTensor; y: EventTensor }>;

const loss = (p: Params, e: Events) => {
  const score = (t: { x: EventTensor; y: EventTensor }) =>
    selection.soft(p.cuts, t, 1).mul(
      network
        .apply(p.net, stack([t.x, t.y]))
        .at(0)
        .sigmoid(),
    );
  return softmaxLoss(score(e.signal), score(e.background));
};

const start = { cuts: selection.init(), net: network.init(key(0)) };
const steps = 50;

// One call.
const trained = await train(loss, { params: start, data, optimizer: adam(0.01), steps });

// The same, by hand.
const step = compile(valueAndGrad(loss));
const optimizer = adam(0.01);
let params = start;
let state = optimizer.init(params);
for (let i = 0; i < steps; i++) {
  const { grads } = step(params, data);
  const { updates, state: next } = optimizer.update(grads, state, params);
  params = applyUpdates(params, updates);
  state = next;
}

console.log(`loss ${step(start, data).value.toFixed(3)} -> ${step(params, data).value.toFixed(3)}`);
console.log(`selection ${selection.print(params.cuts)}`);
console.log(`the loop and the call agree: ${Object.is(trained.params.cuts.xMin, params.cuts.xMin)}`);
